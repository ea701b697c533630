"""What a change of a declaration means, and where two of them overlap."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_dataworks._declaration.inputs import normalize
from pulumi_dataworks._declaration.plan import change_of, overlap, plan_of

MAY = {
    "projectEnv": "PROD",
    "rootNodeId": 1,
    "includeNodeIds": [1, 2, 3],
    "startBizDate": "2026-05-01",
    "endBizDate": "2026-05-31",
}


def declared(**changes: Any) -> dict[str, Any]:
    found = normalize({**MAY, **changes})
    assert not found.problems
    return found.inputs


def test_a_deletion_that_stops_says_so() -> None:
    plan = plan_of(declared(onDestroy="stop"))
    assert plan is not None
    assert plan["onDelete"] == "what still runs is stopped"


@pytest.mark.parametrize(
    ("changes", "meaning"),
    [
        ({"endBizDate": "2026-06-07"}, "re-runs 31 dates already launched; 7 are new"),
        ({"endBizDate": "2026-06-01"}, "re-runs 31 dates already launched; 1 is new"),
        ({"startBizDate": "2026-05-31"}, "re-runs 1 date already launched"),
        ({"includeNodeIds": [1, 4]}, "re-runs 31 dates already launched (1 of 2 nodes)"),
        ({"triggers": ["again"]}, "re-runs 31 dates already launched"),
        ({"projectEnv": "DEV"}, "31 dates, none of them launched before"),
        ({"rootNodeId": 4, "includeNodeIds": [4]}, "31 dates, none of them launched before"),
        ({"excludeNodeIds": [1, 2, 3]}, "31 dates, none of them launched before"),
        (
            {"startBizDate": "2026-06-01", "endBizDate": "2026-06-02"},
            "2 dates, none of them launched before",
        ),
    ],
)
def test_what_a_change_means(changes: dict[str, Any], meaning: str) -> None:
    change = change_of(declared(), declared(**changes))
    assert change is not None
    assert change["summary"] == meaning
    dates = plan_of(declared(**changes))
    assert dates is not None
    assert change["datesAgain"] + change["datesNew"] == dates["businessDates"]["count"]


def test_backfills_overlap_where_both_run_a_node_on_a_date() -> None:
    june = {"startBizDate": "2026-05-30", "endBizDate": "2026-06-30"}
    assert overlap(declared(), declared(**june)) == (["1", "2", "3"], 2)
    assert overlap(declared(), declared(**june, includeNodeIds=[1, 9])) == (["1"], 2)
    assert overlap(declared(), declared(excludeNodeIds=[1, 2, 3])) == ([], 0)
    assert overlap(declared(), declared(projectEnv="DEV")) == ([], 0)
    assert overlap(declared(), declared(startBizDate="2026-06-01", endBizDate="2026-06-01")) == (
        [],
        0,
    )


def test_windows_that_do_not_meet_do_not_overlap() -> None:
    night = declared(bizBeginTime="00:00", bizEndTime="05:59")
    day = declared(bizBeginTime="06:00", bizEndTime="12:00")
    assert overlap(night, day) == ([], 0)
    assert overlap(night, declared())[1] == 31
