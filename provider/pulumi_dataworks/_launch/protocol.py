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
#: Pauses, in seconds. Where the API asks for a longer one, the launch is given up for this run.
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 20.0
LONGEST_ASKED_PAUSE = 120.0
_LOOK_UP_PAUSE = 2.0
_LONGEST_LOOK_UP_PAUSE = 10.0
_MAY_PASS = (TransportError, Throttled, ServerFault)


@dataclass(frozen=True)
class Place:
    """Where this run calls: a look-up elsewhere than where a launch was sent proves nothing."""

    region: str
    endpoint: str

    def __str__(self) -> str:
        return f"{self.endpoint} (region {self.region})" if self.region else self.endpoint


@dataclass(frozen=True)
class Brought:
    """A launch that was brought about: of which generation, and whether it was ``found``."""

    generation: Generation
    launched: Launched
    found: bool


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

    ``api`` gives the version of the API with which a generation was minted.
    ``settle_window`` is the time in seconds after which a launch that was sent shows in a look-up.
    ``assert_wanted`` raises `LaunchNotSent` where the engine no longer waits for the launch.
    ``tell`` shows the user why it takes a while.
    """

    api: Callable[[Generation], Backend]
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
    ) -> Brought:
        """Brings the launch of a generation about, or finds the one that was made.

        :param earlier: generations before it that may have been launched without being recorded.
        :param account: is told of each of these, before anything is sent.
        :raises LaunchRefused: the API refused it.
        :raises LaunchNotSent: it was not sent.
        :raises AmbiguousLaunch: it may run; the text says what to look at.
        """
        fresh = self.process.is_fresh(generation.token)
        found = None if fresh else self.look_up(generation)
        if found is not None and any(one.launch_name == generation.launch_name for one in earlier):
            raise AmbiguousLaunch(_ambiguous(generation, None, _SAME_NAME, _OTHER_NAME))
        former = self.look_at(earlier, inputs)
        source = generation
        ran = [one for one in former if one.launched is None or not one.launched.parked]
        if found is None and ran and was_minted_for(ran[-1].generation, inputs):
            # What ran last is what is wanted: the changes between were refused and taken back.
            last = ran[-1]
            former.remove(last)
            source, found = last.generation, last.launched
        for one in former:
            account(one)
            self.process.settle(one.generation.token)
        if found is not None and not found.parked:
            return Brought(source, found, found=True)
        self.process.no_longer_fresh(generation.token)
        return Brought(generation, self._send(generation, inputs), found=False)

    def look_at(self, generations: Sequence[Generation], inputs: Mapping[str, Any]) -> list[Lost]:
        """Looks for launches that nobody recorded; those that provably were not made are left out.

        :raises AmbiguousLaunch: one of them may be what is declared now, and cannot be looked for.
        """
        return [lost for item in generations if (lost := self._look_at(item, inputs))]

    def _look_at(self, generation: Generation, inputs: Mapping[str, Any]) -> Lost | None:
        try:
            quiet = self.process.quiet_for(generation.token)
            launched = self.look_up(generation)
            if launched is not None and launched.parked and quiet < self.settle_window:
                # What a process that died has sent to start it may be on its way.
                self.process.world.sleep(self.settle_window - quiet)
                launched = self.look_up(generation)
        except AmbiguousLaunch as doubt:
            if self._unprovable(generation) is None or was_minted_for(generation, inputs):
                raise
            return Lost(generation, None, str(doubt))
        if launched is None:
            return None
        self.process.claim(generation.token, launched.ids)
        return Lost(generation, launched, "")

    def look_up(
        self, generation: Generation, lost: DataWorksError | None = None
    ) -> Launched | None:
        """Looks for a launch until it is found, or its absence is proved.

        :param lost: what came instead of a reply, where this run has sent it.
        :raises AmbiguousLaunch: where absence cannot be proved.
        """
        unprovable = self._unprovable(generation)
        if unprovable is not None and generation.token not in generation.launch_name:
            raise AmbiguousLaunch(_ambiguous(generation, lost, unprovable, _STAYS))
        pause = _LOOK_UP_PAUSE
        while True:
            quiet = self.process.quiet_for(generation.token)
            found, error = self._find(generation)
            if found is not None:
                return found
            if unprovable is not None:
                raise AmbiguousLaunch(_ambiguous(generation, lost, unprovable, _STAYS)) from error
            settled = quiet >= self.settle_window
            if error is not None and (settled or not isinstance(error, _MAY_PASS)):
                raise AmbiguousLaunch(_ambiguous(generation, lost, str(error), _NEXT)) from error
            if settled:
                return None
            self.tell(
                f"looking for an earlier launch of {generation.launch_name}, for another "
                f"{self.settle_window - quiet:.0f} s"
            )
            self.process.world.sleep(min(pause, max(self.settle_window - quiet, 0.1)))
            pause = min(pause * 1.5, _LONGEST_LOOK_UP_PAUSE)

    def _find(self, generation: Generation) -> tuple[Launched | None, DataWorksError | None]:
        others = self.process.ids_of_others(generation.token)
        try:
            return self.api(generation).find(generation, others), None
        except DataWorksError as error:
            return None, error

    def _send(self, generation: Generation, inputs: Mapping[str, Any]) -> Launched:
        """Sends, and repeats only what provably was not processed: no connection, or throttled.

        What is parked has not been started, and may be started again: it is the same.
        """
        attempt = 0
        while True:
            self.assert_wanted()
            try:
                launched = self._send_once(generation, inputs)
            except (NotSent, Throttled) as error:
                attempt += 1
                pause = self._pause(error, attempt)
                self._assert_may_retry(error, attempt, pause)
                self.tell(f"{error}. Nothing was launched; another try in {pause:.0f} s")
                self.process.world.sleep(pause)
            except Refused as error:
                raise LaunchRefused(f"{error}. Nothing was launched") from error
            except (ApiError, TransportError) as error:
                found = self._find_lost(generation, error)
                if not found.parked:
                    return found
                attempt += 1
                if attempt == MOST_SENDS:
                    doubt = _ambiguous(generation, error, _NOT_STARTED, _NEXT)
                    raise AmbiguousLaunch(doubt) from error
                self.process.world.sleep(self._pause(error, attempt))
            else:
                self.process.succeeded(after_retry=attempt > 0)
                return launched

    def _send_once(self, generation: Generation, inputs: Mapping[str, Any]) -> Launched:
        try:
            return self.api(generation).launch(generation, inputs)
        finally:
            self.process.sent(generation.token)

    def _find_lost(self, generation: Generation, error: DataWorksError) -> Launched:
        """Looks for a launch whose reply was lost. It is never sent again in this run."""
        found = self.look_up(generation, error)
        if found is None:
            absent = f"no backfill of that Name is to be seen after {self.settle_window:g} s"
            raise AmbiguousLaunch(_ambiguous(generation, error, absent, _NEXT)) from error
        return found

    def _unprovable(self, generation: Generation) -> str | None:
        """Tells why "not found" would prove nothing, if it would not."""
        born_at = Place(generation.region, generation.endpoint)
        if born_at != self.place:
            return f"it was to be launched at {born_at}, and this run calls {self.place}"
        if self.process.world.now() - generation.born > RETENTION:
            return f"DataWorks keeps instances for about {RETENTION.days} days, and it is older"
        return None

    def _pause(self, error: DataWorksError, attempt: int) -> float:
        """Jitter around a doubling pause; what the API asks for is waited for at least."""
        jitter = self.process.world.jitter()
        asked = error.retry_after if isinstance(error, Throttled) else None
        longest = min(FIRST_PAUSE * 2.0 ** (attempt - 1), LONGEST_PAUSE)
        return max(longest * (0.5 + jitter / 2), (asked or 0.0) + jitter * FIRST_PAUSE)

    def _assert_may_retry(self, error: DataWorksError, attempt: int, pause: float) -> None:
        too_long = pause > LONGEST_ASKED_PAUSE
        if attempt < MOST_SENDS and not too_long and self.process.may_retry():
            return
        asked = f"The API asks for a pause of {pause:.0f} s. " if too_long else ""
        raise LaunchNotSent(
            f"{error}. {asked}Nothing was launched; the next `pulumi up` tries again"
        ) from error


def unsettled(generations: Sequence[Generation], settled: Collection[str]) -> list[Generation]:
    """Picks the generations before the last one that nobody has recorded or looked for.

    :param settled: tokens up to which, each included, all is known.
    """
    known = [index for index, item in enumerate(generations) if item.token in settled]
    return list(generations[known[-1] + 1 if known else 0 : -1])


_NEXT = (
    "The next `pulumi up` looks for it again: it takes the backfill over where it is found, and "
    "launches only where it provably was not"
)
_STAYS = (
    "The next `pulumi up` cannot tell either. If the backfill is there, declare it with "
    "adoptDagId; if it is not, `pulumi up --replace` with the URN of its launch token (the "
    "resource with -launch behind its name) launches it"
)
_SAME_NAME = "one of that Name is there, and may be that of a declaration before this one"
_OTHER_NAME = (
    "The next `pulumi up` cannot tell either. If it is this one, declare it with adoptDagId; if "
    "it is not, give this one a name of its own"
)


_NOT_STARTED = "it is prepared, and shows no sign of having been started"


def _ambiguous(
    generation: Generation, lost: DataWorksError | None, doubt: str, way_out: str
) -> str:
    request_id = getattr(lost, "request_id", None)
    request = f" (RequestId {request_id})" if request_id else ""
    cause = f": {lost}" if lost is not None else ""
    return (
        f"the backfill {generation.launch_name}{request} may have been launched{cause}. Whether it "
        f"was cannot be told: {doubt}. Nothing more was sent. Look in the Operation Center, among "
        f"the backfill instances, for that Name, from {generation.born:%Y-%m-%d %H:%M} UTC on. "
        f"{way_out}"
    )
