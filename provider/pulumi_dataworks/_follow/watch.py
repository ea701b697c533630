"""Waiting for backfills: one loop asks for all of them, until each has ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Protocol

from .._api.backend import Dag, Handle, Instance, is_gone
from .._exceptions import (
    DataWorksError,
    Refused,
    ServerFault,
    Throttled,
    TransportError,
    WaitTimedOut,
)
from . import hung as hanging
from . import pace
from .progress import duration, estimate, in_words, progress_of
from .still_open import still_open
from .targets import EXPIRED, FAILURE, OPEN, Followed, Listing, state_of

_MAY_PASS = (TransportError, Throttled, ServerFault)
#: A call that fails so often in a row is told; it is made again nevertheless.
_FAILURES_TOLD = 3
#: DataWorks may not show a backfill at once.
_SHOWS_WITHIN = 300.0
#: Lines stay in the log: the first one after a minute, then after twice the time, and so on.
_FIRST_LINE_AFTER = 60.0
_LONGEST_SILENCE = 3600.0
_SAMPLES = 30
#: A failed backfill's dates are looked into up to this number.
_MOST_FAILED_DATES = 50


class Show(Protocol):
    """Where a wait shows how it goes."""

    def progress(self, text: str) -> None:
        """Shows how far it is, in place of what was shown before."""

    def line(self, text: str) -> None:
        """Adds a line to the log."""

    def warn(self, text: str) -> None:
        """Adds a warning to the log."""


@dataclass(frozen=True)
class Patience:
    """How long to wait, and how.

    Seconds: ``timeout``, ``poll_interval`` (None: adapted), ``warn_after`` (an instance that waits
    so long is warned of). ``rerun_failed``: so often a failed instance is restarted.
    """

    timeout: float
    poll_interval: float | None = None
    warn_after: float = 1800.0
    rerun_failed: int = 0


@dataclass
class Watch:
    """A wait for some backfills, of one thread.

    :param clock: seconds, of any origin; :param now: UTC.
    :param max_qps: gives the calls a second, of which it takes half at most; asked at each poll, as
        it may be shared with other waits.
    :param pause: sleeps, and raises where the wait is not wanted any more.
    :param assert_wanted: raises likewise, before each call.
    """

    followed: list[Followed]
    patience: Patience
    show: Show
    clock: Callable[[], float]
    now: Callable[[], datetime]
    max_qps: Callable[[], float]
    pause: Callable[[float], None]
    assert_wanted: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self._began = self.clock()
        self._next_line = self._began + _FIRST_LINE_AFTER
        self._samples: list[tuple[float, float]] = []
        self._restarts: dict[str, int] = {}
        self._warned: set[str] = set()

    def run(self) -> None:
        """Waits until each backfill has ended: what was seen of it stands in ``followed``.

        :raises WaitTimedOut: telling what was still open.
        :raises WaitInterrupted: as ``pause`` and ``assert_wanted`` do.
        :raises DataWorksError: DataWorks refuses to say.
        """
        while True:
            for one in self._open():
                self._poll(one)
            self._list_instances()
            self._tell()
            if not self._open():
                return
            self.pause(min(self._interval(), max(self._remaining(), 0.0)))

    def _open(self) -> list[Followed]:
        return [one for one in self.followed if one.end == OPEN]

    def _poll(self, one: Followed) -> None:
        """Asks for the dates of one backfill."""
        self._assert_in_time()
        try:
            handle = self._handle(one)
            dags = one.api.dags(handle) if handle else []
        except _MAY_PASS as error:
            self._failed(one, error)
            return
        except Refused as error:
            self._gone(one, error)
            return
        one.failures = 0
        if one.dags and not dags:
            one.end = EXPIRED
            return
        one.dags = dags
        self._judge(one)

    def _handle(self, one: Followed) -> Handle | None:
        if one.handle is None:
            ids = one.target.ids
            if not ids:
                found = one.api.find(one.target.generation)
                ids = tuple(found.ids) if found else ()
            if not ids:
                return None
            one.handle = one.api.handle(one.target.generation, ids)
        return one.handle

    def _judge(self, one: Followed) -> None:
        """Ends what has ended. A failure must be seen twice: between two dates nothing runs."""
        state = state_of(one.dags)
        if state != FAILURE:
            one.end, one.at_rest = state, None
            return
        seen_before = one.at_rest == one.dags
        one.at_rest = one.dags
        if seen_before and not self._look_into(one):
            one.end = FAILURE

    def _look_into(self, one: Followed) -> bool:
        """Lists the instances of the dates that failed; tells whether any was restarted."""
        failed = [dag for dag in one.dags if dag.status == FAILURE][:_MOST_FAILED_DATES]
        restarted = [self._list(one, dag) for dag in failed]
        if any(restarted):
            one.at_rest = None
        return any(restarted)

    def _list_instances(self) -> None:
        """Lists the instances of a few DAGs, within the budget of a poll."""
        worth = pace.worth_listing(self.followed, self.clock(), self._interval())
        for one, dag in islice(worth, pace.listings(len(self.followed))):
            self._list(one, dag)

    def _list(self, one: Followed, dag: Dag) -> bool:
        """Lists a DAG's instances, warns of what hangs; tells whether any was restarted."""
        if one.handle is None:
            return False
        self._assert_in_time()
        try:
            instances = list(one.api.instances(one.handle, dag.id))
        except DataWorksError:
            return False  # dates are what decides; this is but for people, and tried again later
        for found in hanging.hung(instances, self.now(), self.patience.warn_after):
            self._warn_once(found.instance.id, f"{one.name}: {hanging.in_words(found)}")
        restarted = self._restart(one, one.handle, instances)
        seen = [replace(row, status="NOT_RUN") if row.id in restarted else row for row in instances]
        one.listings[dag.id] = Listing(seen, self.clock(), dag.status)
        return bool(restarted)

    def _restart(self, one: Followed, handle: Handle, instances: Iterable[Instance]) -> set[str]:
        """Restarts what failed and may be; gives the IDs of those that were."""
        restarted = set()
        for failed in instances:
            times = max(failed.reruns, self._restarts.get(failed.id, 0))
            hopeless = failed.task_type == "PAUSE" or times >= self.patience.rerun_failed
            if failed.status != FAILURE or hopeless:
                continue
            self._assert_in_time()
            self._restarts[failed.id] = times + 1
            try:
                one.api.control(handle, "restart", failed.id)
            except DataWorksError as error:
                self.show.warn(f"{one.name}: instance {failed.id} was not restarted: {error}")
                continue
            restarted.add(failed.id)
            self.show.line(
                f"{one.name}: {failed.node_name} ({failed.node_id}) of {failed.biz_date} failed; "
                f"instance {failed.id} was restarted, {times + 1} of {self.patience.rerun_failed}"
            )
        return restarted

    def _failed(self, one: Followed, error: DataWorksError) -> None:
        one.failures += 1
        if one.failures == _FAILURES_TOLD:
            self.show.warn(f"DataWorks can't be asked, and is asked again: {error}")

    def _gone(self, one: Followed, error: Refused) -> None:
        if not is_gone(error):
            raise error
        age = (self.now() - one.target.generation.born).total_seconds()
        if age > _SHOWS_WITHIN or one.dags:
            one.end = EXPIRED

    def _tell(self) -> None:
        now = self.clock()
        progress = progress_of(self.followed)
        self._samples.append((now, progress.fraction))
        del self._samples[:-_SAMPLES]
        remaining = estimate(self._samples) if self._open() else None
        text = in_words(progress, now - self._began, remaining)
        if now >= self._next_line:
            self.show.line(text)
            self._next_line = now + min(now - self._began, _LONGEST_SILENCE)
        else:
            self.show.progress(text)
        for one in self._open():
            for failed in one.failed_instances()[:1]:
                self._warn_once(
                    f"failed {one.name}",
                    f"{one.name}: {failed.node_name} ({failed.node_id}) of {failed.biz_date} has "
                    f"failed, instance {failed.id}; waiting for what still runs",
                )

    def _warn_once(self, key: str, text: str) -> None:
        if key not in self._warned:
            self._warned.add(key)
            self.show.warn(text)

    def _interval(self) -> float:
        if self.patience.poll_interval is not None:
            return self.patience.poll_interval
        return pace.interval(self.clock() - self._began, len(self._open()), self.max_qps())

    def _remaining(self) -> float:
        return self._began + self.patience.timeout - self.clock()

    def _assert_in_time(self) -> None:
        self.assert_wanted()
        if self._remaining() <= 0:
            raise WaitTimedOut(
                f"after {duration(self.patience.timeout)} these had not ended:\n"
                f"{still_open(self.followed)}"
            )
