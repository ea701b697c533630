"""ListInstances: filters, order, pages; what is hidden, what is purged."""

from __future__ import annotations

from datetime import timedelta

import pytest
from dataworks_emulator import Emulator

from tests.emulator._callers import WEDNESDAY, Json, Sdk, day, midnight
from tests.emulator._warehouse import ANALYST, CLEAN, HOURLY, LOAD, PROJECT, REPORT

THURSDAY = WEDNESDAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("filters", "nodes", "dates"),
    [
        ({"node_id": CLEAN}, {CLEAN}, 3),
        ({"node_name": "clean"}, {CLEAN}, 3),
        ({"node_name": "clea"}, set(), 0),
        ({"owner": ANALYST}, {REPORT}, 3),
        ({"biz_name": "logistics"}, {HOURLY}, 3),
        ({"program_type": "DI"}, {LOAD}, 3),
        ({"bizdate": day(THURSDAY)}, {LOAD, CLEAN, REPORT, HOURLY}, 1),
        ({"begin_bizdate": day(THURSDAY)}, {LOAD, CLEAN, REPORT, HOURLY}, 2),
        ({"end_bizdate": day(THURSDAY)}, {LOAD, CLEAN, REPORT, HOURLY}, 2),
        ({"begin_bizdate": day(THURSDAY), "end_bizdate": day(THURSDAY)}, None, 1),
        ({"status": "WAIT_RESOURCE"}, {LOAD}, 1),
        ({"status": "CHECKING"}, set(), 0),
        ({"node_id": CLEAN, "bizdate": day(THURSDAY)}, {CLEAN}, 1),
    ],
    ids=str,
)
def test_filters(sdk: Sdk, filters: Json, nodes: set[int] | None, dates: int) -> None:
    sdk.launch(LOAD, CLEAN, REPORT, HOURLY, days=3)
    found = sdk.instances(**filters)
    assert {one["NodeId"] for one in found} == (nodes if nodes is not None else all_of(sdk))
    assert len({one["Bizdate"] for one in found}) == dates


def all_of(sdk: Sdk) -> set[int]:
    return {one["NodeId"] for one in sdk.instances()}


def test_a_dag_holds_one_business_date(sdk: Sdk) -> None:
    dags = sdk.launch(LOAD, CLEAN, days=2)
    found = sdk.instances(dag_id=dags[1])
    assert [(one["NodeId"], one["Bizdate"]) for one in found] == [
        (CLEAN, midnight(THURSDAY)),
        (LOAD, midnight(THURSDAY)),
    ]


def test_the_newest_come_first(sdk: Sdk, emulator: Emulator) -> None:
    sdk.launch(days=2)
    emulator.admin.set_clock(step=1)
    sdk.launch(days=2)
    by_id = [one["InstanceId"] for one in sdk.instances()]
    assert by_id == sorted(by_id, reverse=True)
    by_time = sdk.instances(order_by="CREATE_TIME_DESC")
    assert [one["InstanceId"] for one in by_time] == by_id
    created = [one["CreateTime"] for one in by_time]
    assert created[0] == created[1] == created[2] + 1000


@pytest.mark.parametrize("status", [None, "NOT_RUN"], ids=["all", "by status"])
def test_pages_hold_every_instance_once(sdk: Sdk, status: str | None) -> None:
    sdk.launch(HOURLY, days=30)
    sdk.launch(LOAD)
    expected = 181 if status is None else 30 * 6 - 6
    pages = [
        sdk.data("ListInstances", project_id=PROJECT, status=status, page_size=50, page_number=n)
        for n in range(1, 6)
    ]
    assert {page["TotalCount"] for page in pages} == {expected}
    assert [len(page["Instances"]) for page in pages] == [50, 50, 50, expected - 150, 0]
    ids = [one["InstanceId"] for page in pages for one in page["Instances"]]
    assert len(set(ids)) == expected
    assert ids == sorted(ids, reverse=True)


def test_a_page_holds_ten_unless_told_otherwise(sdk: Sdk) -> None:
    sdk.launch(HOURLY, days=3)
    page = sdk.data("ListInstances", project_id=PROJECT)
    assert (len(page["Instances"]), page["PageNumber"], page["TotalCount"]) == (10, 1, 18)


def test_instances_can_be_listed_after_the_delay_and_dags_at_once(
    sdk: Sdk, emulator: Emulator
) -> None:
    emulator.admin.set_switches({"visibilityDelay": 5})
    [dag] = sdk.launch()
    assert sdk.data("GetDag", dag_id=dag)["DagId"] == dag
    emulator.admin.set_clock(step=4.999)
    assert sdk.instances() == []
    assert emulator.launches()[0]["visible"] is False
    emulator.admin.set_clock(step=0.001)
    [instance] = sdk.instances()
    assert instance["DagId"] == dag
    assert emulator.launches()[0]["visible"] is True


def test_instances_can_be_hidden_until_they_are_revealed(sdk: Sdk, emulator: Emulator) -> None:
    emulator.admin.set_switches({"visibility_delay": "release"})
    sdk.launch()
    sdk.launch()
    emulator.admin.set_clock(step=3600)
    assert sdk.instances() == []
    assert emulator.admin.reveal(emulator.launches()[0]["opSeq"]) == 1
    assert len(sdk.instances()) == 1
    assert emulator.admin.reveal() == 1
    assert len(sdk.instances()) == 2


def test_purged_history_is_gone_from_the_api_and_stays_in_the_emulators_record(
    sdk: Sdk, emulator: Emulator
) -> None:
    [old], [new] = sdk.launch(), sdk.launch()
    old_launch, new_launch = emulator.launches()
    [instance] = sdk.instances(dag_id=old)
    assert emulator.admin.purge(old_launch["opSeq"]) == 1
    assert sdk.body("GetDag", dag_id=old)["ErrorCode"] == "1101080020"
    assert sdk.data("ListDags", op_seq=old_launch["opSeq"]) == {"Dags": []}
    gone = sdk.body("GetInstance", instance_id=instance["InstanceId"])
    assert gone["ErrorCode"] == "1101080021"
    assert [one["DagId"] for one in sdk.instances()] == [new]
    assert [launch["purged"] for launch in emulator.launches()] == [True, False]
    assert emulator.launches()[1] == new_launch
