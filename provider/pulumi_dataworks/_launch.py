"""The launch protocol: a backfill is launched at most once, whatever fails.

The API has no idempotency token, and a launched backfill cannot be taken back. So a launch is sent
only when it provably was not sent before: by a token that this process has just minted, or after a
look-up by Name that proves its absence. What cannot be known is not sent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ._api_2020 import IncompleteSearch, Launched
from ._exceptions import (
    AmbiguousLaunch,
    DataWorksError,
    LaunchNotSent,
    LaunchRefused,
    NotSent,
    Refused,
    Throttled,
)
from ._generations import RETENTION, Generation
from ._process import Process

#: Sends of one launch that provably was not processed, before it is given up for this run.
MOST_SENDS = 8
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 20.0
_LOOK_UP_PAUSE = 2.0
_LONGEST_LOOK_UP_PAUSE = 10.0


class Api(Protocol):
    """What the protocol needs of an API version."""

    def launch(self) -> Launched:
        """Sends the launch once."""

    def find(self) -> Launched | None:
        """Looks for the launch; None where complete listings do not have it."""


@dataclass(frozen=True)
class Place:
    """Where this run calls: a look-up elsewhere than where a launch was sent proves nothing."""

    region: str
    endpoint: str



def settle(
    generation: Generation,
    api: Api,
    process: Process,
    place: Place,
    settle_window: float,
    assert_wanted: Callable[[], None],
) -> tuple[Launched, bool]:
    """Brings the launch of a generation about, or finds the one that was made.

    :param settle_window: seconds after which a launch that was sent is visible to a look-up.
    :param assert_wanted: raises `LaunchNotSent` where the engine no longer waits for the launch.
    :return: the backfill, and whether it was found rather than launched now.
    :raises LaunchRefused: the API refused; :raises LaunchNotSent: it was not sent;
    :raises AmbiguousLaunch: it may run, and the text says what to look at.
    """
    if not process.take_fresh(generation.token):
        found = _look_up_until_sure(generation, api, process, place, settle_window)
        if found is not None:
            return found, True
    return _send(generation, api, process, place, settle_window, assert_wanted)


def _send(
    generation: Generation,
    api: Api,
    process: Process,
    place: Place,
    settle_window: float,
    assert_wanted: Callable[[], None],
) -> tuple[Launched, bool]:
    """Sends, and repeats only what provably was not processed: no connection, or throttled."""
    for attempt in range(MOST_SENDS):
        assert_wanted()
        process.sending(generation.token)
        try:
            launched = api.launch()
        except (NotSent, Throttled) as error:
            last = error
            pause = _pause(error, attempt, process)
            if attempt == MOST_SENDS - 1 or not process.may_retry():
                break
            process.world.sleep(pause)
        except Refused as error:
            raise LaunchRefused(f"{error}. Nothing was launched") from error
        except DataWorksError as error:
            if error.processed == "no":
                raise
            return _find_lost(generation, api, process, place, settle_window, error), True
        else:
            process.succeeded()
            return launched, False
    raise LaunchNotSent(f"{last}. Nothing was launched; the next `pulumi up` tries again") from last


def _find_lost(
    generation: Generation,
    api: Api,
    process: Process,
    place: Place,
    settle_window: float,
    error: DataWorksError,
) -> Launched:
    """Looks for a launch whose reply was lost. It is never sent again in this run."""
    try:
        found = _look_up_until_sure(generation, api, process, place, settle_window)
    except DataWorksError as doubt:
        raise AmbiguousLaunch(_ambiguous(generation, error, str(doubt))) from error
    if found is None:
        absent = f"after {settle_window:g} s no backfill of that Name is to be seen"
        raise AmbiguousLaunch(_ambiguous(generation, error, absent)) from error
    return found


def _look_up_until_sure(
    generation: Generation, api: Api, process: Process, place: Place, settle_window: float
) -> Launched | None:
    """Looks until the launch is found, or its absence is proved by time.

    :raises AmbiguousLaunch: where absence can not be proved.
    """
    _assert_provable(generation, process, place)
    pause = _LOOK_UP_PAUSE
    while True:
        quiet = process.quiet_for(generation.token)
        try:
            found = api.find()
        except (NotSent, Throttled):
            if quiet >= settle_window:
                raise
            found = None
        except IncompleteSearch as error:
            raise AmbiguousLaunch(_ambiguous(generation, None, str(error))) from error
        if found is not None or quiet >= settle_window:
            return found
        process.world.sleep(min(pause, max(settle_window - quiet, 0.1)))
        pause = min(pause * 1.5, _LONGEST_LOOK_UP_PAUSE)


def _assert_provable(generation: Generation, process: Process, place: Place) -> None:
    """Refuses a look-up whose "not found" would prove nothing."""
    born_at = Place(generation.region, generation.endpoint)
    if born_at != place:
        raise AmbiguousLaunch(
            _ambiguous(
                generation,
                None,
                f"it was to be launched at {born_at.endpoint} (region {born_at.region or 'unset'}) "
                f"and this run calls {place.endpoint} (region {place.region or 'unset'})",
            )
        )
    if process.world.now() - generation.born > RETENTION:
        raise AmbiguousLaunch(
            _ambiguous(generation, None, "DataWorks keeps instances for about 30 days only")
        )


def _pause(error: NotSent | Throttled, attempt: int, process: Process) -> float:
    """Full jitter around a doubling pause; what the API asks for is waited for at least."""
    asked = error.retry_after if isinstance(error, Throttled) else None
    backoff = min(_FIRST_PAUSE * 2.0**attempt, _LONGEST_PAUSE) * (0.5 + process.world.jitter() / 2)
    return max(backoff, asked or 0.0)


def _ambiguous(generation: Generation, error: DataWorksError | None, doubt: str) -> str:
    request_id = getattr(error, "request_id", None)
    cause = f" ({error})" if error is not None else ""
    request = f", RequestId {request_id}" if request_id else ""
    born = f"{generation.born:%Y-%m-%d %H:%M} UTC"
    return (
        f"the backfill {generation.launch_name}{request} may have been launched{cause}, and "
        f"cannot be told: {doubt}. Nothing more was sent. Look for that Name among the backfill "
        f"instances of the Operation Center, from {born} on. The next `pulumi up` looks for it "
        "again: it takes the backfill over if it is there, and launches it only if it provably "
        "is not"
    )
