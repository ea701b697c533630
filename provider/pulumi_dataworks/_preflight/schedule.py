"""From a node's cron expression to its instances of a business date.

An instance of business date D is scheduled on D+1. A window of hours filters the clock times of
nodes that run more than once a day. A weekly or monthly node has an instance on its off days too:
a dry-run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from cronsim import CronSim, CronSimError

_ONE_SECOND = timedelta(seconds=1)
_ANY_DAY = date(2024, 1, 1)
_EVERY_DAY = ("*", "*", "*")


@dataclass(frozen=True)
class Window:
    """Hours of the day, both ends inclusive."""

    begin: time
    end: time


@dataclass(frozen=True)
class Schedule:
    """When a node runs. ``days`` are the cron fields of day, month and weekday."""

    times: tuple[time, ...]
    days: tuple[str, str, str] = _EVERY_DAY

    @property
    def is_hourly(self) -> bool:
        """Whether it runs more than once a day: only then a window of hours counts."""
        return len(self.times) > 1

    @property
    def knows_days(self) -> bool:
        """Whether its days can be told: weekday 1 is a Monday for some crons, not for Quartz."""
        return not any(sign.isdigit() for sign in self.days[2])

    def within(self, window: Window | None) -> tuple[time, ...]:
        """Gives the times of day of its instances."""
        if window is None or not self.is_hourly:
            return self.times
        return tuple(at for at in self.times if window.begin <= at <= window.end)

    def off_cycle(self, business_dates: Sequence[date]) -> list[date]:
        """Picks the business dates whose instances are dry-runs, as far as its days are known."""
        if self.days == _EVERY_DAY or not self.knows_days:
            return []
        return [day for day in business_dates if not _runs_on(self.days, day)]


@lru_cache(maxsize=4096)
def schedule_of(cron: str) -> Schedule | None:
    """Reads a cron expression of six fields, seconds first; a seventh is the year.

    :return: None for one that cannot be read.
    """
    fields = cron.replace("?", "*").split()
    if len(fields) not in (6, 7):
        return None
    days = (fields[3], fields[4], fields[5])
    try:
        CronSim(f"0 0 0 {' '.join(days)}", datetime.combine(_ANY_DAY, time.min))
        return Schedule(_clock_times(" ".join(fields[:3])), days)
    except CronSimError:
        return None


def _clock_times(fields: str) -> tuple[time, ...]:
    found = []
    for tick in CronSim(f"{fields} * * *", datetime.combine(_ANY_DAY, time.min) - _ONE_SECOND):
        if tick.date() != _ANY_DAY:
            break
        found.append(tick.time())
    return tuple(found)


@lru_cache(maxsize=65536)
def _runs_on(days: tuple[str, str, str], business_date: date) -> bool:
    try:
        start = datetime.combine(business_date + timedelta(days=1), time.min)
        return next(CronSim(f"0 0 0 {' '.join(days)}", start - _ONE_SECOND), None) == start
    except OverflowError:  # the end of the calendar
        return True
