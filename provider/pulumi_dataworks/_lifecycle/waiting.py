"""The waiting: what makes a wait for backfills. It alone calls DataWorks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from .. import _engine
from .._api.backend import Handle, Instance
from .._api.settings import parse_duration
from .._declaration.completions import DEFAULT_TIMEOUT, DEFAULT_WARN_AFTER
from .._exceptions import BackfillFailed
from .._follow.culprits import failed_instances, failure_text
from .._follow.progress import progress_of
from .._follow.sparing import Sparing
from .._follow.targets import EXPIRED, FAILURE, SUCCESS, Followed, Target
from .._follow.watch import Patience, Watch
from .._run import Run

_GOES_ON = (
    "Nothing is launched again: restart what failed, in the Operation Center or with "
    "rerun_failed, and the next `pulumi up` goes on waiting"
)


class _Show:
    """Shows a wait on the line of its resource. Without a terminal, each such line stays."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._sparing = None if _engine.has_terminal() else Sparing(clock)

    def progress(self, text: str) -> None:
        if self._sparing is None or self._sparing.lets_pass():
            _engine.tell(text)

    def line(self, text: str) -> None:
        _engine.log(text)

    def warn(self, text: str) -> None:
        _engine.warn(text)


def create(run: Run, inputs: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Waits until all backfills have ended.

    :return: the resource's ID and outputs.
    :raises BackfillFailed: one did not end well, and ``onFailure`` is not ``warn``.
    :raises WaitTimedOut: telling what was still open.
    :raises WaitInterrupted: by a ^C, or because the engine is gone.
    """
    followed = follow(run, [Target.from_state(state) for state in inputs["targets"]])
    with _engine.room_for_a_wait(), run.process.waiting():
        watch_of(run, followed, patience(inputs), _Show(run.process.world.monotonic)).run()
    if any(one.end != SUCCESS for one in followed):
        text = failure_text(followed, read_log)
        if inputs.get("onFailure") != "warn":
            raise BackfillFailed(f"{text}\n{_GOES_ON}")
        _engine.warn(text)
    ids = "\n".join(inputs["backfills"])
    return hashlib.sha256(ids.encode()).hexdigest()[:16], {**inputs, **_outputs(followed)}


def follow(run: Run, targets: list[Target]) -> list[Followed]:
    """Prepares to follow backfills, each by the version of the API that launched it."""
    return [Followed(one, run.api(one.generation.api_version)) for one in targets]


def watch_of(run: Run, followed: list[Followed], how: Patience, show: Any) -> Watch:
    """Gives the watch over backfills, in the provider's process."""
    world = run.process.world
    return Watch(
        followed=followed,
        patience=how,
        show=show,
        clock=world.monotonic,
        now=world.now,
        max_qps=partial(run.process.share_of_a_wait, run.settings().max_qps),
        pause=_engine.pause,
        assert_wanted=_engine.assert_wait_is_wanted,
    )


def patience(inputs: Mapping[str, Any]) -> Patience:
    """Reads how to wait, from inputs in their normal form."""
    interval = inputs.get("pollInterval")
    return Patience(
        timeout=parse_duration(inputs.get("timeout") or DEFAULT_TIMEOUT),
        poll_interval=parse_duration(interval) if interval else None,
        warn_after=parse_duration(inputs.get("warnAfter") or DEFAULT_WARN_AFTER),
        rerun_failed=int(inputs.get("rerunFailed") or 0),
    )


def read_log(one: Followed, handle: Handle, instance: Instance) -> str:
    """Asks for the log of an instance."""
    return one.api.log(handle, instance.id)


def _outputs(followed: list[Followed]) -> dict[str, Any]:
    progress = progress_of(followed)
    dags = [dag for one in followed for dag in one.dags]
    started = min((dag.started for dag in dags if dag.started), default=None)
    finished = max((dag.finished for dag in dags if dag.finished), default=None)
    return {
        "finalStatus": _worst([one.end for one in followed]),
        "backfillStatuses": {one.target.resource_id: one.end for one in followed},
        "datesByStatus": dict(progress.dates),
        "instancesByStatus": dict(progress.counted),
        "startedAt": _iso(started),
        "finishedAt": _iso(finished),
        "durationSeconds": round((finished - started).total_seconds())
        if started and finished
        else None,
        "failedInstances": failed_instances(followed),
    }


def _worst(ends: list[str]) -> str:
    return next((end for end in (FAILURE, EXPIRED) if end in ends), SUCCESS)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
