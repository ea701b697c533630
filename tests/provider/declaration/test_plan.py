"""What a declaration means, worked out from itself alone."""

from __future__ import annotations

import datetime

from hypothesis import given
from pulumi_dataworks._declaration.inputs import normalize
from pulumi_dataworks._declaration.plan import plan_of

from tests.provider.declaration._declarations import SOUND, Json, declarations

DAY = datetime.timedelta(days=1)


@given(declarations())
def test_a_plan_counts_what_would_run(declared: Json) -> None:
    plan = plan_of(declared)

    assert plan is not None
    first, last = (datetime.date.fromisoformat(declared[k]) for k in ("startBizDate", "endBizDate"))
    dates = len(_days(first, last)) if (last - first).days < 400 else None
    assert plan["businessDates"]["first"] == first.isoformat()
    assert plan["businessDates"]["last"] == last.isoformat()
    assert dates is None or plan["businessDates"]["count"] == dates
    assert plan["scheduledOn"] == {"first": str(first + DAY), "last": str(last + DAY)}
    excluded = set(declared.get("excludeNodeIds", ()))
    assert plan["nodes"]["dryRun"] == len(excluded)
    assert plan["nodes"]["run"] == len(set(declared["includeNodeIds"]) - excluded)
    at_a_time = plan["datesAtATime"]
    assert 1 <= at_a_time <= plan["businessDates"]["count"]
    assert at_a_time == 1 or declared["parallelism"]
    assert at_a_time <= declared.get("concurrentRuns", at_a_time)


def _days(first: datetime.date, last: datetime.date) -> list[datetime.date]:
    days = [first]
    while days[-1] < last:
        days.append(days[-1] + DAY)
    return days


def test_a_plan_reads_as_a_sentence() -> None:
    changes = {"excludeNodeIds": ["9"], "parallelism": True, "concurrentRuns": 4}

    plan = plan_of(normalize({**SOUND, **changes}).inputs)

    assert plan is not None
    assert plan["summary"] == "31 dates x 3 nodes, 1 of them dry-run, 4 dates at a time"


def test_one_of_each_is_no_plural() -> None:
    changes = {"includeNodeIds": ["74324"], "endBizDate": "2026-05-01"}

    plan = plan_of(normalize({**SOUND, **changes}).inputs)

    assert plan is not None
    assert plan["summary"] == "1 date x 1 node, 1 date at a time"


def test_the_last_day_of_the_calendar_has_no_day_after() -> None:
    plan = plan_of(normalize({**SOUND, "endBizDate": "9999-12-31"}).inputs)

    assert plan is not None
    assert plan["scheduledOn"]["last"] == "9999-12-31"


def test_there_is_no_plan_while_something_it_takes_is_not_known() -> None:
    for name in ("includeNodeIds", "startBizDate", "endBizDate", "parallelism"):
        assert plan_of({**SOUND, "parallelism": False, name: object()}) is None
