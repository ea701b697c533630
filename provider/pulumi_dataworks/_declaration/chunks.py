"""Cuts ranges of business dates into chunks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

CALENDAR = ("day", "week", "month", "year")
ACCEPTED = f"{', '.join(CALENDAR)}, or a number of days, at least 1"
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class DateRange:
    """Business dates from ``first`` to ``last``, both included."""

    first: date
    last: date

    def __str__(self) -> str:
        if self.first == self.last:
            return self.first.isoformat()
        return f"{self.first}-{self.last}"


def cut(ranges: Sequence[DateRange], chunk: str | int | None) -> list[DateRange]:
    """Cuts each range by itself, earliest first, so that a range added later changes no chunk.

    :param chunk: a unit of the calendar (weeks begin on Monday), a number of days counted from the
        range's first, or None for a chunk each.
    :raises ValueError: for another chunk, or ranges that overlap or end before they start.
    """
    for one in ranges:
        if one.first > one.last:
            raise ValueError(f"{one.first} to {one.last} ends before it starts")
    ordered = sorted(ranges)
    for earlier, later in pairwise(ordered):
        if later.first <= earlier.last:
            raise ValueError(
                f"{later.first} to {later.last} overlaps {earlier.first} to {earlier.last}"
            )
    return [piece for one in ordered for piece in _pieces(one, chunk)]


def _pieces(whole: DateRange, chunk: str | int | None) -> Iterator[DateRange]:
    first = whole.first
    while first <= whole.last:
        last = min(_last_of_chunk(first, chunk) if chunk is not None else whole.last, whole.last)
        yield DateRange(first, last)
        if last == date.max:
            return
        first = last + _ONE_DAY


def _last_of_chunk(first: date, chunk: str | int) -> date:
    if isinstance(chunk, int) and not isinstance(chunk, bool) and chunk >= 1:
        return _later(first, chunk - 1)
    if chunk == "day":
        return first
    if chunk == "week":
        return _later(first, 6 - first.weekday())
    if chunk == "month":
        return _day_before(first.year + first.month // 12, first.month % 12 + 1)
    if chunk == "year":
        return date(first.year, 12, 31)
    raise ValueError(f"chunk must be {ACCEPTED}; got {chunk!r}")


def _later(day: date, days: int) -> date:
    return day + timedelta(days=min(days, (date.max - day).days))


def _day_before(year: int, month: int) -> date:
    return date(year, month, 1) - _ONE_DAY if year <= date.max.year else date.max
