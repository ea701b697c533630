"""The launch protocol: a backfill is launched at most once, whatever fails.

The API has no idempotency token, and a launched backfill cannot be taken back. So a launch is sent
only when it provably was not sent before: by a token that this process has just minted, or after a
look-up by Name that proves its absence. What cannot be known is not sent.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._api.backend import Backend, Launched
from .._exceptions import (
    AmbiguousLaunch,
    ApiError,
    DataWorksError,
    LaunchNotSent,
    LaunchRefused,
    NotSent,
    Refused,
    ServerFault,
    Throttled,
    TransportError,
)
from .generations import RETENTION, Generation, was_minted_for
from .process import Process

#: Sends of one launch that provably was not processed, before it is given up for this run.
MOST_SENDS = 8
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 20.0
_LOOK_UP_PAUSE = 2.0
_LONGEST_LOOK_UP_PAUSE = 10.0
_MAY_PASS = (TransportError, Throttled, ServerFault)


@dataclass(frozen=True)
class Place:
    """Where this run calls: a look-up elsewhere than where a launch was sent proves nothing."""

    region: str
    endpoint: str


@dataclass(frozen=True)
class Lost:
    """A generation that Pulumi's state does not have: launched, or else in ``doubt``."""

    generation: Generation
    launched: Launched | None
    doubt: str


Account = Callable[[Lost], None]


@dataclass(frozen=True)
class Launcher:
    """The protocol, for one place and one process.

    ``settle_window`` is the time in seconds after which a launch that was sent shows in a look-up.
    ``assert_wanted`` raises `LaunchNotSent` where the engine no longer waits for the launch.
    ``tell`` shows the user why it takes a while.
    """

    api: Backend
    process: Process
    place: Place
    settle_window: float
    assert_wanted: Callable[[], None]
    tell: Callable[[str], None]

    def bring_about(
        self,
        generation: Generation,
        earlier: Sequence[Generation],
        inputs: Mapping[str, Any],
        account: Account,
    ) -> tuple[Launched, bool]:
        """Brings the launch of a generation about, or finds the one that was made.

        :param earlier: generations before it that may have been launched without being recorded.
        :param account: is told of each of these, before anything is sent.
        :return: the backfill, and whether it was found rather than launched now.
        :raises LaunchRefused: the API refused it.
        :raises LaunchNotSent: it was not sent.
        :raises AmbiguousLaunch: it may run; the text says what to look at.
        """
        fresh = self.process.is_fresh(generation.token)
        found = None if fresh else self.look_up(generation)
        former = self.look_at(earlier, inputs)
        if found is None and former and was_minted_for(former[-1].generation, inputs):
            # What ran last is what is wanted: the changes between were refused and taken back.
            found = former.pop().launched
        for one in former:
            account(one)
        if found is not None:
            return found, True
        self.process.no_longer_fresh(generation.token)
        return self._send(generation, inputs), False

    def look_at(self, generations: Sequence[Generation], inputs: Mapping[str, Any]) -> list[Lost]:
        """Looks for launches that nobody recorded; those that provably were not made are left out.

        :raises AmbiguousLaunch: one of them may be what is declared now, and cannot be looked for.
        """
        return [lost for item in generations if (lost := self._look_at(item, inputs))]

    def _look_at(self, generation: Generation, inputs: Mapping[str, Any]) -> Lost | None:
        try:
            launched = self.look_up(generation)
        except AmbiguousLaunch as doubt:
            passes = isinstance(doubt.__cause__, DataWorksError)
            if passes or was_minted_for(generation, inputs):
                raise
            return Lost(generation, None, str(doubt))
        return Lost(generation, launched, "") if launched else None

    def look_up(self, generation: Generation) -> Launched | None:
        """Looks for a launch until it is found, or its absence is proved.

        :raises AmbiguousLaunch: where absence cannot be proved.
        """
        self._assert_provable(generation)
        pause = _LOOK_UP_PAUSE
        while True:
            quiet = self.process.quiet_for(generation.token)
            try:
                found = self.api.find(generation)
            except DataWorksError as error:
                if not isinstance(error, _MAY_PASS) or quiet >= self.settle_window:
                    raise AmbiguousLaunch(_ambiguous(generation, None, str(error))) from error
                found = None
            if found is not None or quiet >= self.settle_window:
                return self._unless_recorded(generation, found)
            self.tell(
                f"looking for an earlier launch of {generation.launch_name}, for another "
                f"{self.settle_window - quiet:.0f} s"
            )
            self.process.world.sleep(min(pause, max(self.settle_window - quiet, 0.1)))
            pause = min(pause * 1.5, _LONGEST_LOOK_UP_PAUSE)

    def _send(self, generation: Generation, inputs: Mapping[str, Any]) -> Launched:
        """Sends, and repeats only what provably was not processed: no connection, or throttled."""
        attempt = 0
        while True:
            self.assert_wanted()
            self.process.sending(generation.token)
            try:
                launched = self.api.launch(inputs, generation.launch_name)
            except (NotSent, Throttled) as error:
                attempt += 1
                if attempt == MOST_SENDS or not self.process.may_retry():
                    raise LaunchNotSent(
                        f"{error}. Nothing was launched; the next `pulumi up` tries again"
                    ) from error
                pause = self._pause(error, attempt)
                self.tell(f"{error}. Nothing was launched; another try in {pause:.0f} s")
                self.process.world.sleep(pause)
            except Refused as error:
                raise LaunchRefused(f"{error}. Nothing was launched") from error
            except (ApiError, TransportError) as error:
                return self._find_lost(generation, error)
            else:
                self.process.succeeded()
                return launched

    def _find_lost(self, generation: Generation, error: DataWorksError) -> Launched:
        """Looks for a launch whose reply was lost. It is never sent again in this run."""
        try:
            found = self.look_up(generation)
        except AmbiguousLaunch as doubt:
            raise AmbiguousLaunch(_ambiguous(generation, error, str(doubt.__cause__))) from error
        if found is None:
            absent = f"no backfill of that Name is to be seen after {self.settle_window:g} s"
            raise AmbiguousLaunch(_ambiguous(generation, error, absent)) from error
        return found

    def _unless_recorded(self, generation: Generation, found: Launched | None) -> Launched | None:
        """A name that the user gave is the same for every generation: it may find another one."""
        if found is None or generation.token in generation.launch_name:
            return found
        return None if self.process.is_recorded(found.ids) else found

    def _assert_provable(self, generation: Generation) -> None:
        """Refuses a look-up whose "not found" would prove nothing."""
        born_at = Place(generation.region, generation.endpoint)
        doubt = None
        if born_at != self.place:
            doubt = (
                f"it was to be launched at {_told(born_at)}, and this run calls {_told(self.place)}"
            )
        elif self.process.world.now() - generation.born > RETENTION:
            doubt = (
                f"DataWorks keeps instances for about {RETENTION.days} days only, and it is older"
            )
        if doubt is not None:
            raise AmbiguousLaunch(_ambiguous(generation, None, doubt))

    def _pause(self, error: NotSent | Throttled, attempt: int) -> float:
        """Jitter around a doubling pause; what the API asks for is waited for at least."""
        asked = error.retry_after if isinstance(error, Throttled) else None
        longest = min(_FIRST_PAUSE * 2.0 ** (attempt - 1), _LONGEST_PAUSE)
        return max(longest * (0.5 + self.process.world.jitter() / 2), asked or 0.0)


def unsettled(generations: Sequence[Generation], settled: Collection[str]) -> list[Generation]:
    """Picks the generations before the last one that nobody has recorded or looked for.

    :param settled: tokens up to which, each included, all is known.
    """
    known = [index for index, item in enumerate(generations) if item.token in settled]
    return list(generations[known[-1] + 1 if known else 0 : -1])


def _told(place: Place) -> str:
    return f"{place.endpoint} (region {place.region})" if place.region else place.endpoint


def _ambiguous(generation: Generation, error: DataWorksError | None, doubt: str) -> str:
    request_id = getattr(error, "request_id", None)
    request = f" (RequestId {request_id})" if request_id else ""
    cause = f": {error}" if error is not None else ""
    return (
        f"the backfill {generation.launch_name}{request} may have been launched{cause}. Whether it "
        f"was cannot be told: {doubt}. Nothing more was sent. Look in the Operation Center, among "
        f"the backfill instances, for that Name, from {generation.born:%Y-%m-%d %H:%M} UTC on. The "
        "next `pulumi up` looks for it again: it takes the backfill over where it is found, and "
        "launches only where it provably was not"
    )
