"""How often is asked, and for what: dates at each poll, instances in what is left of a budget."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .._api.backend import Dag
from .targets import FAILURE, OPEN, SUCCESS, Followed

QUICKEST = 2.0
SLOWEST = 300.0
_OF_ELAPSED = 0.05
#: Of the calls that an account may make, waiting takes half at most.
_SHARE = 0.5
#: For instances goes at most one call for each call for dates, and never more than so many a poll.
_MOST_LISTINGS = 10
_POLLS_BETWEEN_LISTINGS = 3


def interval(elapsed: float, open_backfills: int, max_qps: float) -> float:
    """Gives the seconds until the next poll: quick at first, then a twentieth of the time waited.

    :param elapsed: seconds waited so far.
    :param open_backfills: how many calls a poll makes for dates.
    """
    wanted = min(max(elapsed * _OF_ELAPSED, QUICKEST), SLOWEST)
    calls = open_backfills + listings(open_backfills)
    return max(wanted, calls / (max_qps * _SHARE))


def listings(backfills: int) -> int:
    """Gives how many listings of instances a poll may make."""
    return min(backfills, _MOST_LISTINGS)


def worth_listing(
    followed: Sequence[Followed], now: float, poll_interval: float
) -> Iterator[tuple[Followed, Dag]]:
    """Gives the DAGs to list the instances of, the most telling first.

    One that has failed since it was listed comes first, then what was never listed, then what was
    listed longest ago, and last one date that is done, which tells how many instances a date has.
    """
    found: list[tuple[int, float, int, int]] = []
    for number, one in enumerate(followed):
        for index, dag in enumerate(one.dags):
            listing = one.listings.get(dag.id)
            at = listing.at if listing else 0.0
            changed = listing is None or listing.status != dag.status
            rested = listing is None or now - at >= poll_interval * _POLLS_BETWEEN_LISTINGS
            if dag.status == FAILURE and changed and one.end == OPEN:
                found.append((0, at, number, index))
            elif dag.status == "RUNNING" and rested and one.end == OPEN:
                found.append((1 if listing is None else 2, at, number, index))
            elif dag.status == SUCCESS and not one.listings:
                found.append((3, at, number, index))
                break
    for _, _, number, index in sorted(found):
        yield followed[number], followed[number].dags[index]
