"""The official SDK, unmodified, drives every operation; every value that it gets is checked.

The story: a backfill of two business dates, one after the other. CLEAN fails at its first
attempt, so the first date is a FAILURE 22 seconds after the launch, and the second stays CREATED.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from dataworks_emulator import Emulator
from dataworks_emulator._operations import OPERATIONS, V2020

from tests.emulator._callers import WEDNESDAY, Json, Sdk, midnight
from tests.emulator._warehouse import (
    ANALYST,
    CLEAN,
    HOURLY,
    LOAD,
    PROJECT,
    REPORT,
    SKIPPED,
    USER,
    WEEKLY,
)

DRIVEN: set[str] = set()
THURSDAY = WEDNESDAY + timedelta(days=1)
Test = Callable[..., None]


def drives(*operations: str) -> Callable[[Test], Test]:
    DRIVEN.update(operations)
    return lambda test: test


@dataclass
class Story:
    """What the launch has made, by business date and node; times count from the launch."""

    emulator: Emulator
    launched: int
    dags: list[int]
    load: list[int]
    clean: list[int]
    op_seq: int

    def at(self, seconds: float) -> int:
        return self.launched + round(seconds * 1000)

    def move_to(self, seconds: float) -> None:
        now = self.emulator.admin.clock()["now"]
        self.emulator.admin.set_clock(step=(self.at(seconds) - now) / 1000)


@pytest.fixture
def story(emulator: Emulator, sdk: Sdk) -> Story:
    emulator.admin.set_node(CLEAN, failure={"attempts": 1, "message": "no such column"})
    launched = emulator.admin.clock()["now"]
    dags = sdk.launch(LOAD, CLEAN, days=2)
    ids = {(one["DagId"], one["NodeId"]): one["InstanceId"] for one in sdk.instances()}
    load, clean = ([ids[dag, node] for dag in dags] for node in (LOAD, CLEAN))
    story = Story(emulator, launched, dags, load, clean, emulator.launches()[0]["opSeq"])
    story.move_to(25)
    return story


def test_every_operation_is_driven() -> None:
    assert set(OPERATIONS[V2020]) == DRIVEN


@drives("RunCycleDagNodes")
def test_run_cycle_dag_nodes(sdk: Sdk, emulator: Emulator) -> None:
    body = sdk.body(
        "RunCycleDagNodes",
        name="orders of May",
        root_node_id=LOAD,
        include_node_ids=f"{LOAD},{REPORT}",
        exclude_node_ids=str(CLEAN),
        start_biz_date="2020-05-20 00:00:00",
        end_biz_date="2020-05-22 00:00:00",
        biz_begin_time="00:00:00",
        biz_end_time="12:00:00",
        parallelism=True,
        concurrent_runs=2,
        node_params=f'{{"{LOAD}": "limit=5"}}',
        start_future_instance_immediately=False,
        alert_type="FAILURE",
        alert_notice_type="MAIL",
    )
    [launch] = emulator.launches()
    assert body == {
        "Data": launch["dagIds"],
        "Success": True,
        "ErrorCode": "",
        "ErrorMessage": "",
        "HttpStatusCode": 200,
        "RequestId": launch["requestId"],
    }
    assert len(launch["dagIds"]) == 3
    assert launch["name"] == "orders of May"
    # The SDK writes a truth value as Python does.
    assert launch["parameters"]["Parallelism"] == "True"


def dag(story: Story, index: int) -> Json:
    day = WEDNESDAY + timedelta(days=index)
    times = {"StartTime": story.at(0), "FinishTime": story.at(22)} if index == 0 else {}
    return {
        "DagId": story.dags[index],
        "OpSeq": story.op_seq,
        "Name": "backfill",
        "ProjectId": PROJECT,
        "Type": "SUPPLY_DATA",
        "Status": ("FAILURE", "CREATED")[index],
        "Bizdate": midnight(day),
        "Gmtdate": midnight(day + timedelta(days=1)),
        "CreateTime": story.at(0),
        "ModifyTime": story.at((22, 0)[index]),
        "CreateUser": USER,
        **times,
    }


@drives("GetDag")
def test_get_dag(story: Story, sdk: Sdk) -> None:
    assert sdk.data("GetDag", dag_id=story.dags[0]) == dag(story, 0)
    assert sdk.data("GetDag", dag_id=story.dags[1]) == dag(story, 1)


@drives("ListDags")
def test_list_dags(story: Story, sdk: Sdk) -> None:
    listed = sdk.data("ListDags", op_seq=story.op_seq)
    assert listed == {"Dags": [dag(story, 0), dag(story, 1)]}
    assert sdk.data("ListDags", op_seq=story.op_seq + 1) == {"Dags": []}


def failed_clean(story: Story) -> Json:
    return {
        "InstanceId": story.clean[0],
        "NodeId": CLEAN,
        "NodeName": "clean",
        "DagId": story.dags[0],
        "DagType": "SUPPLY_DATA",
        "Status": "FAILURE",
        "TaskType": "NORMAL(0)",
        "Bizdate": midnight(WEDNESDAY),
        "CycTime": midnight(THURSDAY) + 30 * 60_000,
        "CreateTime": story.at(0),
        "CreateUser": USER,
        "BeginWaitResTime": story.at(11),
        "BeginRunningTime": story.at(12),
        "FinishTime": story.at(22),
        "ModifyTime": story.at(22),
        "TaskRerunTime": 0,
        "ParamValues": "bizdate=$bizdate",
        "Priority": 1,
        "Repeatability": True,
        "RepeatInterval": 120000,
        "BaselineId": 100010001,
        "BusinessId": 501,
        "RelatedFlowId": 0,
        "Connection": "odps_first",
        "DqcType": 0,
        "DqcDescription": "",
    }


@drives("GetInstance")
def test_get_instance(story: Story, sdk: Sdk) -> None:
    more = {"Owner": USER, "PeriodNumber": 1}
    found = sdk.data("GetInstance", instance_id=story.clean[0])
    assert found == {**failed_clean(story), **more}


@drives("ListInstances")
def test_list_instances(story: Story, sdk: Sdk) -> None:
    found = sdk.data("ListInstances", project_id=PROJECT, status="FAILURE")
    assert found == {
        "PageNumber": 1,
        "PageSize": 10,
        "TotalCount": 1,
        "Instances": [failed_clean(story)],
    }


@drives("RestartInstance", "ListInstanceHistory")
def test_restart_instance_keeps_the_attempt_before_in_the_history(story: Story, sdk: Sdk) -> None:
    before = failed_clean(story)
    assert sdk.data("RestartInstance", instance_id=story.clean[0]) is True
    story.move_to(30)
    found = sdk.data("GetInstance", instance_id=story.clean[0])
    assert (found["Status"], found["TaskRerunTime"]) == ("RUNNING", 1)
    story.move_to(36)
    assert sdk.data("GetDag", dag_id=story.dags[0])["Status"] == "SUCCESS"
    assert sdk.data("GetDag", dag_id=story.dags[1])["Status"] == "RUNNING"
    body = sdk.body("ListInstanceHistory", instance_id=story.clean[0])
    [past] = body["Instances"]
    assert "Data" not in body
    assert past.pop("InstanceHistoryId") > 0
    assert past == {name: value for name, value in before.items() if name in past}


@drives("GetInstanceLog")
def test_get_instance_log(story: Story, sdk: Sdk) -> None:
    instance = story.clean[0]
    first = sdk.data("GetInstanceLog", instance_id=instance)
    assert "ERROR no such column" in first
    sdk.data("RestartInstance", instance_id=instance)
    story.move_to(40)
    [past] = sdk.body("ListInstanceHistory", instance_id=instance)["Instances"]
    second = sdk.data("GetInstanceLog", instance_id=instance)
    assert "SUCCESS clean" in second
    assert "ERROR" not in second
    history = past["InstanceHistoryId"]
    assert sdk.data("GetInstanceLog", instance_id=instance, instance_history_id=history) == first


@drives("StopInstance")
def test_stop_instance_ends_it_as_a_failure(story: Story, sdk: Sdk) -> None:
    assert sdk.data("StopInstance", instance_id=story.load[1]) is True
    assert sdk.data("GetInstance", instance_id=story.load[1])["Status"] == "FAILURE"
    assert "stopped by a user" in sdk.data("GetInstanceLog", instance_id=story.load[1])
    assert sdk.data("GetInstance", instance_id=story.clean[1])["Status"] == "NOT_RUN"


@drives("SuspendInstance", "ResumeInstance", "SetSuccessInstance")
def test_a_suspended_instance_does_not_start_until_it_is_resumed(story: Story, sdk: Sdk) -> None:
    assert sdk.data("SuspendInstance", instance_id=story.load[1]) is True
    assert sdk.data("SetSuccessInstance", instance_id=story.clean[0]) is True
    assert sdk.data("GetDag", dag_id=story.dags[0])["Status"] == "SUCCESS"
    story.move_to(100)
    assert sdk.data("GetInstance", instance_id=story.load[1])["Status"] == "NOT_RUN"
    assert sdk.data("ResumeInstance", instance_id=story.load[1]) is True
    story.move_to(105)
    assert sdk.data("GetInstance", instance_id=story.load[1])["Status"] == "RUNNING"


@drives("GetNode")
def test_get_node(sdk: Sdk) -> None:
    expected = {
        **neighbour(LOAD, "load", "00 05 00 * * ?", ProgramType="DI", Priority=7),
        "Description": "Orders of the day",
        "RepeatMode": 1,
        "RepeatInterval": 120000,
        "ParamValues": "bizdate=$bizdate",
        "BusinessId": 501,
        "RelatedFlowId": 0,
        "ResGroupName": "default",
        "ResGroupIdentifier": "group_default",
    }
    found = sdk.data("GetNode", node_id=LOAD)
    assert {name: found[name] for name in expected} == expected


def neighbour(node_id: int, name: str, cron: str, **more: object) -> Json:
    return {
        "NodeId": node_id,
        "NodeName": name,
        "ProjectId": PROJECT,
        "OwnerId": USER,
        "CronExpress": cron,
        "ProgramType": "ODPS_SQL",
        "SchedulerType": "NORMAL",
        "Priority": 1,
        "Repeatability": True,
        "BaselineId": 100010001,
        **more,
    }


@drives("ListNodes")
def test_list_nodes(sdk: Sdk) -> None:
    def listed(**filters: object) -> list[int]:
        data = sdk.data("ListNodes", project_id=PROJECT, **filters)
        return [node["NodeId"] for node in data["Nodes"]]

    assert listed(node_name="clean") == [CLEAN]
    assert listed(owner=ANALYST) == [REPORT]
    assert listed(program_type="DI") == [LOAD]
    assert listed(scheduler_type="SKIP") == [SKIPPED]
    assert listed(biz_name="logistics") == [HOURLY]
    second = sdk.data("ListNodes", project_id=PROJECT, page_size=5, page_number=2)
    assert (second["PageNumber"], second["PageSize"], second["TotalCount"]) == (2, 5, 9)
    assert second["Nodes"][0]["NodeId"] == WEEKLY


@drives("GetNodeChildren", "GetNodeParents")
def test_neighbours_of_a_node(sdk: Sdk) -> None:
    expected: list[Any] = [
        neighbour(CLEAN, "clean", "00 30 00 * * ?", StepType="0"),
        neighbour(HOURLY, "hourly", "00 10 00-23/4 * * ?", StepType="0"),
    ]
    assert sdk.data("GetNodeChildren", node_id=LOAD)["Nodes"] == expected
    assert sdk.data("GetNodeParents", node_id=REPORT)["Nodes"] == expected[:1]
