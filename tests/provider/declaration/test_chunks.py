"""Ranges of business dates, cut into chunks."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_dataworks._declaration.chunks import DateRange, cut

DAYS = st.dates(date(2019, 1, 1), date(2027, 12, 31))
CHUNKS = st.sampled_from(["day", "week", "month", "year", 1, 7, 10, 400, None])


def days(ranges: list[DateRange]) -> list[date]:
    return [
        one.first + timedelta(days=number)
        for one in ranges
        for number in range((one.last - one.first).days + 1)
    ]


def between(first: str, last: str) -> DateRange:
    return DateRange(date.fromisoformat(first), date.fromisoformat(last))


@given(first=DAYS, length=st.integers(0, 800), chunk=CHUNKS)
def test_every_day_is_in_one_chunk_in_order(first: date, length: int, chunk: str | int) -> None:
    whole = DateRange(first, first + timedelta(days=length))
    assert days(cut([whole], chunk)) == days([whole])


@given(first=DAYS, lengths=st.lists(st.integers(0, 90), min_size=1, max_size=4), chunk=CHUNKS)
def test_a_range_added_later_changes_no_chunk(
    first: date, lengths: list[int], chunk: str | int | None
) -> None:
    ranges = []
    for length in lengths:
        ranges.append(DateRange(first, first + timedelta(days=length)))
        first += timedelta(days=length + 1)
    before = cut(ranges[:-1], chunk)
    assert cut(ranges, chunk)[: len(before)] == before


@pytest.mark.parametrize(
    ("chunk", "expected"),
    [
        ("month", ["2024-01-30-2024-01-31", "2024-02-01-2024-02-29", "2024-03-01-2024-03-02"]),
        ("year", ["2024-01-30-2024-03-02"]),
        (None, ["2024-01-30-2024-03-02"]),
        (20, ["2024-01-30-2024-02-18", "2024-02-19-2024-03-02"]),
    ],
)
def test_chunks_follow_the_calendar(chunk: str | int | None, expected: list[str]) -> None:
    assert [str(one) for one in cut([between("2024-01-30", "2024-03-02")], chunk)] == expected


def test_weeks_begin_on_monday_and_a_day_has_a_short_name() -> None:
    chunks = cut([between("2026-05-03", "2026-05-12")], "week")
    assert [str(one) for one in chunks] == [
        "2026-05-03",
        "2026-05-04-2026-05-10",
        "2026-05-11-2026-05-12",
    ]


def test_the_end_of_the_calendar_is_no_end_of_the_program() -> None:
    for chunk in ("day", "week", "month", "year", 500, None):
        assert cut([between("9999-12-30", "9999-12-31")], chunk)[-1].last == date.max


@pytest.mark.parametrize(
    ("ranges", "chunk", "message"),
    [
        ([("2026-05-02", "2026-05-01")], "month", "ends before it starts"),
        ([("2026-05-01", "2026-05-09"), ("2026-05-09", "2026-05-10")], "day", "overlaps"),
        ([("2026-05-01", "2026-05-09")], "decade", "chunk must be day, week"),
        ([("2026-05-01", "2026-05-09")], 0, "at least 1; got 0"),
        ([("2026-05-01", "2026-05-09")], True, "got True"),
    ],
)
def test_what_is_refused(ranges: list[tuple[str, str]], chunk: str | int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        cut([between(*one) for one in ranges], chunk)
