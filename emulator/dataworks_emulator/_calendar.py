"""From a business date to the times at which a node is scheduled.

An instance of business date D is scheduled on D+1, local time of the workspace. The window of
hours filters the clock time of that schedule, for nodes that run more than once a day. A weekly
or monthly node has an instance on its off days too: a dry-run.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache

from cronsim import CronSim, CronSimError

ONE_DAY = timedelta(days=1)
_ANY_DAY = date(2024, 1, 1)


@dataclass(frozen=True)
class Window:
    """Hours of the day, both ends inclusive."""

    begin: time
    end: time


@dataclass(frozen=True)
class Slot:
    """One scheduled time: milliseconds since 1970 UTC; off its cycle it is a dry-run."""

    cycle_time: int
    on_cycle: bool


def check_cron(cron: str) -> None:
    """Raises ValueError for an expression that can't be read, or lacks the field of seconds."""
    if len(cron.split()) != 6:
        raise ValueError(f"cron {cron!r}: six fields are needed, seconds first")
    try:
        clock_times(cron)
    except CronSimError as error:
        raise ValueError(f"cron {cron!r}: {error}") from None


@lru_cache(maxsize=1024)
def clock_times(cron: str) -> tuple[time, ...]:
    """The times of day at which a node runs on a day on which it runs."""
    times = " ".join(_plain(cron).split()[:3])
    ticks = CronSim(f"{times} * * *", datetime.combine(_ANY_DAY, time.min) - timedelta(seconds=1))
    found = []
    for tick in ticks:
        if tick.date() != _ANY_DAY:
            break
        found.append(tick.time())
    return tuple(found)


@lru_cache(maxsize=65536)
def runs_on(cron: str, day: date) -> bool:
    """Says whether a node runs on this day."""
    days = " ".join(_plain(cron).split()[3:])
    if days == "* * *":
        return True
    start = datetime.combine(day, time.min)
    return next(CronSim(f"0 0 0 {days}", start - timedelta(seconds=1))) == start


def slots(cron: str, business_date: date, window: Window | None, zone: timezone) -> list[Slot]:
    """The instances of a node for a business date, earliest first."""
    day = business_date + ONE_DAY
    times = clock_times(cron)
    if window is not None and len(times) > 1:
        times = tuple(at for at in times if window.begin <= at <= window.end)
    on_cycle = runs_on(cron, day)
    return [Slot(milliseconds(datetime.combine(day, at, zone)), on_cycle) for at in times]


def milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970 UTC of an aware moment."""
    return int(moment.timestamp()) * 1000 + moment.microsecond // 1000


def midnight(day: date, zone: timezone) -> int:
    """The first moment of a local day, in milliseconds since 1970 UTC."""
    return milliseconds(datetime.combine(day, time.min, zone))


def _plain(cron: str) -> str:
    # Quartz writes "?" for "no specific value"; the library knows only "*", which means the same.
    return cron.replace("?", "*")
