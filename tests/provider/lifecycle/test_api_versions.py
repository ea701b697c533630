"""One declaration, two versions of the API: what each can do, and that a change runs nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from dataworks_emulator import Emulator
from pulumi_dataworks._declaration.versions import V2020, V2024, VERSIONS
from pulumi_dataworks.providers import LaunchTokenProvider

from tests.provider.lifecycle._stacks import ORDERS, Stack, _provider

QUIET = {"dataworks:preflight": "off"}
RANGES = [
    {"startBizDate": "2026-05-01", "endBizDate": "2026-05-02"},
    {"startBizDate": "2026-05-10", "endBizDate": "2026-05-10"},
]


def stack_of(emulator: Emulator, version: str, **more: str) -> Stack:
    return Stack(emulator.url, {**QUIET, "dataworks:apiVersion": version, **more})


def versions_called(emulator: Emulator) -> set[str]:
    return {request["version"] for request in emulator.requests()}


def ids_of(emulator: Emulator, launch: int = 0) -> list[str]:
    return [str(one) for one in emulator.launches()[launch]["dagIds"]]


@pytest.mark.parametrize(("before", "after"), [(V2020, V2024), (V2024, V2020)])
@pytest.mark.parametrize("by", ["config", "input"])
def test_another_version_runs_nothing_again_and_is_not_asked(
    emulator: Emulator, before: str, after: str, by: str
) -> None:
    stack = stack_of(emulator, before)
    assert stack.up() == ""
    ids = stack.ids
    declared: dict[str, Any] = dict(ORDERS)
    if by == "config":
        stack.config = {**stack.config, "dataworks:apiVersion": after}
    else:
        declared["apiVersion"] = after

    assert stack.up(declared) == stack.refresh() == stack.up(declared) == ""

    assert stack.ids == ids
    assert len(emulator.launches()) == 1
    assert versions_called(emulator) == {before}
    assert stack.destroy() == ""
    assert versions_called(emulator) == {before}


@pytest.mark.parametrize(("before", "after"), [(V2020, V2024), (V2024, V2020)])
def test_a_killed_launch_is_looked_up_with_the_version_that_it_was_minted_with(
    emulator: Emulator, before: str, after: str
) -> None:
    stack = stack_of(emulator, before)
    stack.up(killed=True)
    stack.config = {**stack.config, "dataworks:apiVersion": after}

    assert stack.up() == ""

    assert stack.ids == ids_of(emulator)
    assert len(emulator.launches()) == 1
    assert versions_called(emulator) == {before}


def test_the_next_launch_takes_the_version_that_is_set_then(emulator: Emulator) -> None:
    stack = stack_of(emulator, V2020)
    stack.up()
    stack.config = {**stack.config, "dataworks:apiVersion": V2024}
    assert stack.up({**ORDERS, "endBizDate": "2026-05-03"}) == ""
    assert len(emulator.launches()) == 2
    assert versions_called(emulator) == {V2020, V2024}
    assert stack.refresh() == ""
    assert list(stack.outputs["statusByDate"]) == ["2026-05-01", "2026-05-02", "2026-05-03"]


@pytest.mark.parametrize("version", VERSIONS)
def test_the_outputs_are_the_same(emulator: Emulator, version: str) -> None:
    emulator.admin.set_clock(scale=0)
    stack = stack_of(emulator, version)
    assert stack.up() == ""
    emulator.admin.set_clock(step=60)
    assert stack.refresh() == ""
    outputs = stack.outputs
    assert outputs["lastSeenStatus"] == "SUCCESS"
    assert outputs["statusByDate"] == {"2026-05-01": "SUCCESS", "2026-05-02": "SUCCESS"}
    assert outputs["nodeIds"] == ids_of(emulator)
    assert outputs["requestId"] == next(
        one["requestId"]
        for one in emulator.requests()
        if one["action"] in ("RunCycleDagNodes", "CreateWorkflowInstances")
    )
    emulator.admin.purge()
    assert stack.refresh() == ""
    assert (stack.outputs["lastSeenStatus"], stack.ids) == ("EXPIRED", ids_of(emulator))


@pytest.mark.parametrize("version", VERSIONS)
def test_destroy_stops_what_still_runs_if_that_is_asked(emulator: Emulator, version: str) -> None:
    emulator.admin.set_clock(scale=0)
    stack = stack_of(emulator, version)
    assert stack.up({**ORDERS, "onDestroy": "stop"}) == ""
    assert stack.destroy() == ""
    other = stack_of(emulator, version)
    assert other.up({**ORDERS, "adoptDagId": ids_of(emulator)[0]}) == ""
    assert set(other.outputs["statusByDate"].values()) == {"FAILURE"}


@pytest.mark.parametrize("version", VERSIONS)
def test_adopted_by_one_of_its_ids_if_it_is_what_is_declared(
    emulator: Emulator, version: str
) -> None:
    stack_of(emulator, version).up({**ORDERS, "endBizDate": "2026-05-03"})
    ids = ids_of(emulator)
    stack = stack_of(emulator, version)
    other = {**ORDERS, "adoptDagId": ids[1]}

    told = stack.up(other)
    assert "is not the one that is declared: it ran 2026-05-01 to 2026-05-03, not" in told
    told = stack.up({**other, "endBizDate": "2026-05-03", "includeNodeIds": ["74324", "74325"]})
    assert "it did not run nodes 74325 that are declared" in told
    assert stack.up({**other, "endBizDate": "2026-05-03"}) == ""

    assert stack.ids == ids
    assert len(emulator.launches()) == 1


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("start", ["2026-05-02", "2026-05-20"], ids=["one of its dates", "none"])
def test_of_a_longer_backfill_no_part_is_adopted(
    emulator: Emulator, version: str, start: str
) -> None:
    stack_of(emulator, version).up({**ORDERS, "endBizDate": "2026-05-05"})
    one_date = {**ORDERS, "startBizDate": start, "endBizDate": start}

    told = stack_of(emulator, version).up({**one_date, "adoptDagId": ids_of(emulator)[1]})

    assert f"it ran 2026-05-01 to 2026-05-05, not {start} to {start}" in told
    assert len(emulator.launches()) == 1


def test_ranges_newest_first_and_all_that_is_below(emulator: Emulator) -> None:
    stack = stack_of(emulator, V2024)
    declared: dict[str, Any] = {
        **{key: value for key, value in ORDERS.items() if key != "includeNodeIds"},
        "rootNodeId": "74340",
        "endBizDate": "2026-05-10",
        "bizDates": RANGES,
        "mode": "AllDownstream",
        "order": "Desc",
        "tags": {"team": "trade"},
        "reason": "scans were late",
    }
    assert stack.up(declared) == ""
    [launch] = emulator.launches()
    assert len(launch["dagIds"]) == 3
    assert launch["parameters"]["Comment"] == "scans were late"
    assert json.loads(launch["parameters"]["Tags"]) == [{"Key": "team", "Value": "trade"}]
    assert stack.outputs["plan"]["summary"] == (
        "3 dates in 2 ranges x node 74340 and all below it, 1 date at a time"
    )
    assert stack.refresh() == ""
    assert list(stack.outputs["statusByDate"]) == ["2026-05-01", "2026-05-02", "2026-05-10"]

    stack.backfill = None  # as if it had not been recorded
    assert stack.up(declared) == ""
    assert stack.ids == ids_of(emulator)
    assert len(emulator.launches()) == 1


def refused(emulator: Emulator, version: str, **inputs: Any) -> dict[str, str]:
    """What a preview says, by property."""
    run = stack_of(emulator, version)._run()
    checked = _provider(LaunchTokenProvider(), run).check({}, {**ORDERS, **inputs})
    return {one.property: one.reason for one in checked.failures}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("bizDates", [RANGES[0], {"startBizDate": "2026-05-04", "endBizDate": "2026-05-05"}]),
        ("mode", "AllDownstream"),
        ("order", "Desc"),
        ("priority", 3),
        ("tags", {"team": "trade"}),
    ],
)
def test_what_only_the_newer_version_can_is_refused_of_the_older_by_name(
    emulator: Emulator, key: str, value: Any
) -> None:
    more = {"endBizDate": "2026-05-05"} if key == "bizDates" else {}
    assert refused(emulator, V2024, **more, **{key: value}) == {}
    assert refused(emulator, V2020, **more, **{key: value}) == {
        key: "is not to be had of version 2020-05-18 of the API: it needs apiVersion 2024-05-18"
    }
    assert refused(emulator, V2020, apiVersion=V2024, **more, **{key: value}) == {}


def test_the_newer_version_is_told_how_many_dates_run_side_by_side(emulator: Emulator) -> None:
    assert refused(emulator, V2020, parallelism=True) == {}
    assert refused(emulator, V2024, parallelism=True, concurrentRuns=4) == {}
    assert refused(emulator, V2024, parallelism=True) == {
        "parallelism": "needs concurrentRuns, 2 to 10, with version 2024-05-18 of the API"
    }


def test_an_unknown_version_is_refused(emulator: Emulator) -> None:
    assert refused(emulator, V2020, apiVersion="2019-01-01") == {
        "apiVersion": "must be 2020-05-18 or 2024-05-18; got '2019-01-01'"
    }
    assert list(refused(emulator, "latest").values()) == [
        "dataworks:apiVersion must be 2020-05-18 or 2024-05-18; got 'latest'"
    ]


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        ({"bizDates": []}, "must be a list of ranges"),
        ({"bizDates": ["2026-05-01"]}, "must be a list of ranges"),
        ({"bizDates": [{"startBizDate": "2026-05-01"}]}, "range 1 has other keys"),
        ({"bizDates": [*RANGES, RANGES[1]], "endBizDate": "2026-05-10"}, "2026-05-10 twice"),
        ({"bizDates": RANGES}, "must end with endBizDate 2026-05-02; got 2026-05-10"),
        (
            {"bizDates": [{"startBizDate": "2026-02-30", "endBizDate": "2026-03-01"}]},
            "range 1 is no day of the calendar",
        ),
        ({"mode": "All"}, "must be ManualSelection or General or Chain or AllDownstream"),
        ({"mode": "Chain"}, "must be two nodes with mode Chain"),
        (
            {"mode": "AllDownstream", "includeNodeIds": ["74324", "74325"]},
            "goes without mode AllDownstream",
        ),
        ({"order": "Down"}, "must be Asc or Desc; got 'Down'"),
        ({"priority": 12}, "must be a whole number from 1 to 11"),
        ({"priority": True}, "must be a whole number from 1 to 11"),
        ({"tags": {"team": 3}}, "must have keys and values of text"),
    ],
)
def test_bad_values_are_refused_by_name(
    emulator: Emulator, inputs: dict[str, Any], told: str
) -> None:
    [(_, reason)] = refused(emulator, V2024, **inputs).items()
    assert told in reason


def test_ranges_that_touch_are_one(emulator: Emulator) -> None:
    touching = [
        {"start_biz_date": "2026-05-02", "end_biz_date": "2026-05-02"},
        {"start_biz_date": "2026-05-01", "end_biz_date": "2026-05-01"},
    ]
    stack = stack_of(emulator, V2020)
    assert stack.up({**ORDERS, "bizDates": touching}) == stack.up() == ""
    assert len(emulator.launches()) == 1
