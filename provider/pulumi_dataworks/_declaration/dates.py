"""Business dates and times of day: their forms, and the ranges of dates that a backfill runs."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from pydantic_core import PydanticCustomError

from .refusals import face, refusal

MOST_RANGES = 7
_ENDS = ("startBizDate", "endBizDate")
_OTHER_SPELLING = {"start_biz_date": "startBizDate", "end_biz_date": "endBizDate"}
# A midnight counts in whichever zone it is. The last form is what the engine makes of a date that
# stands without quotes in a stack file.
_DATE = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[ T]00:00:00(?:\.0+)?(?:Z|[+-]\d{2}:\d{2}| \+0000 UTC)?)?", re.ASCII
)
_TIME = re.compile(r"(\d{2}):(\d{2})(?::(\d{2}))?", re.ASCII)


def biz_date(value: Any) -> str:
    """Gives a business date as ``YYYY-MM-DD``. A time, if there is one, must be midnight."""
    accepted = 'a date as "YYYY-MM-DD", without a time other than 00:00:00'
    match = _DATE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise refusal(f"must be {accepted}; got {face(value)}")
    try:
        datetime.date.fromisoformat(match[1])
    except ValueError:
        raise refusal(f"is no day of the calendar; must be {accepted}; got {value!r}") from None
    return match[1]


def biz_time(value: Any) -> str:
    """Gives a time of day as ``HH:MM:SS``."""
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is not None:
        hours, minutes, seconds = int(match[1]), int(match[2]), int(match[3] or 0)
        if hours < 24 and minutes < 60 and seconds < 60:
            return f"{hours:02}:{minutes:02}:{seconds:02}"
    raise refusal(f'must be a time from "00:00" to "23:59:59", as HH:MM[:SS]; got {face(value)}')


def biz_date_ranges(value: Any) -> list[dict[str, str]]:
    """Gives ranges of business dates in their order; those that touch become one.

    :param value: a list of maps with ``startBizDate`` and ``endBizDate``, itself included.
    """
    if not isinstance(value, list) or not value:
        raise refusal(f"must be a list of ranges, {_RANGE}; got {face(value)}")
    ranges = sorted(_range(position, item) for position, item in enumerate(value, start=1))
    merged = ranges[:1]
    for start, end in ranges[1:]:
        if start <= merged[-1][1]:
            raise refusal(f"must not name a date twice; got {start} twice")
        if date.fromisoformat(start) == date.fromisoformat(merged[-1][1]) + timedelta(days=1):
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    if len(merged) > MOST_RANGES:
        raise refusal(f"must be at most {MOST_RANGES} ranges; got {len(merged)}")
    return [dict(zip(_ENDS, one, strict=True)) for one in merged]


def ranges_of(inputs: Mapping[str, Any]) -> list[tuple[date, date]]:
    """Gives the ranges of business dates of inputs in normal form, both ends included."""
    ranges = inputs.get("bizDates") or [inputs]
    return [
        (date.fromisoformat(one[_ENDS[0]]), date.fromisoformat(one[_ENDS[1]])) for one in ranges
    ]


def business_dates(inputs: Mapping[str, Any]) -> list[date]:
    """Gives the business dates of inputs in normal form, first to last."""
    return [
        start + timedelta(days=index)
        for start, end in ranges_of(inputs)
        for index in range((end - start).days + 1)
    ]


_RANGE = "each a map of startBizDate and endBizDate"


def _range(position: int, value: Any) -> tuple[str, str]:
    if not isinstance(value, Mapping):
        raise refusal(f"must be a list of ranges, {_RANGE}; got {face(value)}")
    ends = {_OTHER_SPELLING.get(key, key): item for key, item in value.items()}
    if set(ends) != set(_ENDS):
        raise refusal(f"must be a list of ranges, {_RANGE}; range {position} has other keys")
    try:
        start, end = biz_date(ends[_ENDS[0]]), biz_date(ends[_ENDS[1]])
    except PydanticCustomError as error:
        raise refusal(f"range {position} {error.message()}") from None
    if start > end:
        raise refusal(f"range {position} must not end before it starts; got {start} to {end}")
    return start, end
