"""The official SDK of version 2024-05-18, unmodified, drives every operation.

The story is that of ``test_operations.py``: a backfill of two business dates, one after the other.
CLEAN fails at its first attempt, so the first date fails, and the second does not run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from darabonba.exceptions import DaraException
from dataworks_emulator import Emulator
from dataworks_emulator._operations import OPERATIONS, V2024

from tests.emulator._callers import WEDNESDAY, Json, Sdk, Sdk2024, midnight
from tests.emulator._warehouse import (
    ANALYST,
    APART,
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


@pytest.fixture
def new(emulator: Emulator) -> Sdk2024:
    return Sdk2024(emulator.endpoint)


@dataclass
class Story:
    """What was made, by business date; times count from the launch."""

    emulator: Emulator
    launched: int
    workflows: list[int]
    load: list[int]
    clean: list[int]

    def at(self, seconds: float) -> int:
        return self.launched + round(seconds * 1000)

    def move_to(self, seconds: float) -> None:
        now = self.emulator.admin.clock()["now"]
        self.emulator.admin.set_clock(step=(self.at(seconds) - now) / 1000)


@pytest.fixture
def story(emulator: Emulator, new: Sdk2024) -> Story:
    emulator.admin.set_node(CLEAN, failure={"attempts": 1, "message": "no such column"})
    launched = emulator.admin.clock()["now"]
    workflows = new.created(LOAD, CLEAN, days=2, Tags=[{"Key": "team", "Value": "trade"}])
    days = (WEDNESDAY, THURSDAY)
    ids = {(day, one["TaskId"]): one["Id"] for day in days for one in new.task_instances(day)}
    load, clean = ([ids[day, task] for day in days] for task in (LOAD, CLEAN))
    story = Story(emulator, launched, workflows, load, clean)
    story.move_to(25)
    return story


def refusal(new: Sdk2024, operation: str, **parameters: object) -> tuple[int, str, str]:
    """HTTP status, code and message of a call that the gateway refuses."""
    with pytest.raises(DaraException) as caught:
        new.body(operation, **parameters)
    error = caught.value
    return error.status_code, error.code, error.message


def test_every_operation_is_driven() -> None:
    assert set(OPERATIONS[V2024]) == DRIVEN


@drives("CreateWorkflowInstances", "GetCreateWorkflowInstancesResult")
def test_a_backfill_is_made_in_the_background(emulator: Emulator, new: Sdk2024) -> None:
    emulator.admin.set_switches({"creation_delay": 5})
    operation = new.create(days=3)
    asked = {"OperationId": operation}
    creating = new.body("GetCreateWorkflowInstancesResult", **asked)
    assert creating == {"Result": {"Status": "Creating"}}
    assert new.task_instances() == []
    emulator.admin.set_clock(step=5)
    [launch] = emulator.launches()
    ids = launch["dagIds"]
    assert new.body("GetCreateWorkflowInstancesResult", **asked) == {
        "Result": {
            "Status": "Created",
            "WorkflowInstanceIds": ids,
            "UnifiedWorkflowInstanceIds": ids,
            "WorkflowTaskInstanceIds": ids,
        }
    }
    assert len(ids) == 3
    assert (launch["name"], launch["projectEnv"]) == ("backfill", "PROD")


def workflow(story: Story, index: int) -> Json:
    day = WEDNESDAY + timedelta(days=index)
    times = {"StartedTime": story.at(0), "FinishedTime": story.at(22)} if index == 0 else {}
    return {
        "Id": story.workflows[index],
        "UnifiedWorkflowInstanceId": story.workflows[index],
        "WorkflowTaskInstanceId": story.workflows[index],
        "WorkflowId": 1,
        "Name": "backfill",
        "Type": "SupplementData",
        "Status": ("Failure", "NotRun")[index],
        "EnvType": "Prod",
        "ProjectId": PROJECT,
        "BizDate": midnight(day),
        "CreateTime": story.at(0),
        "CreateUser": USER,
        "ModifyTime": story.at((22, 0)[index]),
        "ModifyUser": USER,
        "Owner": USER,
        "Tags": [{"Key": "team", "Value": "trade"}],
        **times,
    }


@drives("GetWorkflowInstance")
def test_get_workflow_instance(story: Story, new: Sdk2024) -> None:
    for index in (0, 1):
        found = new.body("GetWorkflowInstance", Id=story.workflows[index])
        assert found == {"WorkflowInstance": workflow(story, index)}


@drives("ListWorkflowInstances")
def test_list_workflow_instances_of_one_business_date(story: Story, new: Sdk2024) -> None:
    other = new.created(Name="backfill of others")[0]

    def listed(**filters: object) -> list[int]:
        body = new.body(
            "ListWorkflowInstances", ProjectId=PROJECT, BizDate=midnight(WEDNESDAY), **filters
        )
        return [one["Id"] for one in body["PagingInfo"]["WorkflowInstances"]]

    first = story.workflows[0]
    assert listed() == listed(Name="fill", Type="SupplementData") == [other, first]
    assert listed(SortBy="Id Asc") == [first, other]
    assert listed(Name="others") == listed(Ids=[other, story.workflows[1]]) == [other]
    assert listed(Filter='{"status": ["Failure"]}') == listed(Tags=["team"]) == [first]
    assert listed(PageSize=1, PageNumber=2) == [first]
    assert listed(EnvType="Dev") == listed(Type="Normal") == []
    page = new.body("ListWorkflowInstances", ProjectId=PROJECT, BizDate=midnight(THURSDAY))
    assert page["PagingInfo"] == {
        "PageNumber": 1,
        "PageSize": 10,
        "TotalCount": 1,
        "WorkflowInstances": [workflow(story, 1)],
    }


def test_instances_are_the_same_under_both_versions(story: Story, new: Sdk2024, sdk: Sdk) -> None:
    dags = [sdk.data("GetDag", dag_id=one)["Status"] for one in story.workflows]
    assert dags == ["FAILURE", "CREATED"]
    [launched] = sdk.launch(LOAD)
    assert new.status(launched) == "Running"
    assert {one["InstanceId"] for one in sdk.instances()} == {
        one["Id"] for day in (WEDNESDAY, THURSDAY) for one in new.task_instances(day)
    }


@drives("StartWorkflowInstances")
def test_what_is_parked_runs_when_it_is_started_and_never_before(
    emulator: Emulator, new: Sdk2024
) -> None:
    first, second = new.created(days=2, AutoStartEnabled=False)
    emulator.admin.set_clock(step=3600)
    assert [new.status(one) for one in (first, second)] == ["NotRun", "NotRun"]
    assert "StartedTime" not in new.body("GetWorkflowInstance", Id=first)["WorkflowInstance"]
    assert emulator.launches()[0]["parked"] is True

    ids = [first, second]
    started = new.body("StartWorkflowInstances", Ids=ids, Comment="go")
    assert started == {"SuccessInfo": {str(one): {"Success": True} for one in ids}}
    assert emulator.launches()[0]["parked"] is False
    assert [new.status(one) for one in ids] == ["Running", "NotRun"]
    emulator.admin.set_clock(step=11)
    assert [new.status(one) for one in ids] == ["Success", "Running"]

    again = new.body("StartWorkflowInstances", Ids=[first, 4])["SuccessInfo"]
    assert [again[str(one)]["Success"] for one in (first, 4)] == [False, False]
    assert len(new.task_instances(WorkflowInstanceId=first, Id=new.task_instances()[0]["Id"])) == 1


def test_of_what_is_parked_one_date_can_be_started_alone_in_its_turn(
    emulator: Emulator, new: Sdk2024
) -> None:
    first, second = new.created(days=2, AutoStartEnabled=False)
    new.body("StartWorkflowInstances", Ids=[second])
    emulator.admin.set_clock(step=60)
    assert [new.status(one) for one in (first, second)] == ["NotRun", "NotRun"]
    new.body("StartWorkflowInstances", Ids=[first])
    emulator.admin.set_clock(step=60)
    assert [new.status(one) for one in (first, second)] == ["Success", "Success"]


@drives("StopWorkflowInstances")
def test_stop_workflow_instances(story: Story, new: Sdk2024) -> None:
    [parked] = new.created(AutoStartEnabled=False)
    ids = [*story.workflows, parked]
    info = new.body("StopWorkflowInstances", Ids=ids)["SuccessInfo"]
    # Of the first date everything has ended.
    assert [info[str(one)]["Success"] for one in ids] == [False, True, True]
    assert [new.status(one) for one in ids] == ["Failure"] * 3
    assert "StartedTime" not in new.body("GetWorkflowInstance", Id=parked)["WorkflowInstance"]
    assert new.body("StartWorkflowInstances", Ids=[parked])["SuccessInfo"][str(parked)] == {
        "Success": False,
        "Message": f"workflow instance {parked} does not wait for that",
    }


def failed_clean(story: Story) -> Json:
    return {
        "Id": story.clean[0],
        "TaskId": CLEAN,
        "TaskName": "clean",
        "TaskType": "ODPS_SQL",
        "WorkflowInstanceId": story.workflows[0],
        "UnifiedWorkflowInstanceId": story.workflows[0],
        "WorkflowInstanceType": "SupplementData",
        "WorkflowId": 1,
        "WorkflowName": "trade",
        "Status": "Failure",
        "TriggerType": "Scheduler",
        "TriggerRecurrence": "Normal",
        "TriggerTime": midnight(THURSDAY) + 30 * 60_000,
        "Bizdate": midnight(WEDNESDAY),
        "ProjectId": PROJECT,
        "ProjectEnv": "Prod",
        "CreateTime": story.at(0),
        "CreateUser": USER,
        "ModifyTime": story.at(22),
        "ModifyUser": USER,
        "WaitingResourceTime": story.at(11),
        "StartedTime": story.at(12),
        "FinishedTime": story.at(22),
        "RunNumber": 1,
        "PeriodNumber": 1,
        "Priority": 1,
        "RerunMode": "AllAllowed",
        "BaselineId": 100010001,
        "DataSource": {"Name": "odps_first"},
        "Description": "",
        "Owner": USER,
        "RuntimeResource": {"Cu": "0.25", "Image": "", "ResourceGroupId": "group_default"},
        "ScriptParameters": "bizdate=$bizdate",
    }


@drives("ListTaskInstances")
def test_list_task_instances(story: Story, new: Sdk2024) -> None:
    assert new.task_instances(Status="Failure") == [failed_clean(story)]
    assert [one["Id"] for one in new.task_instances(TaskIds=[LOAD])] == story.load[:1]
    assert [one["Id"] for one in new.task_instances(TaskName="oa")] == story.load[:1]
    assert [one["Id"] for one in new.task_instances(TaskType="DI")] == story.load[:1]
    assert new.task_instances(WorkflowInstanceId=story.workflows[1]) == []
    assert new.task_instances(Owner=ANALYST) == new.task_instances(ProjectEnv="Dev") == []


@drives("GetTaskInstance")
def test_get_task_instance(story: Story, new: Sdk2024) -> None:
    found = new.body("GetTaskInstance", Id=story.clean[0])["TaskInstance"]
    parameters = {"Content": "", "Parameters": "bizdate=$bizdate"}
    common = {k: v for k, v in failed_clean(story).items() if k != "ScriptParameters"}
    assert {name: found[name] for name in common} == common
    assert found["Script"] == parameters


@drives("RerunTaskInstances", "GetTaskInstanceLog")
def test_rerun_keeps_the_run_before_with_its_log(story: Story, new: Sdk2024) -> None:
    before, clean = failed_clean(story), story.clean[0]
    info = new.body("RerunTaskInstances", Ids=[clean, story.load[1]], UseLatestConfig=True)
    # What has not run can't be run again.
    told = info["SuccessInfo"]
    assert [told[str(one)]["Success"] for one in (clean, story.load[1])] == [True, False]
    story.move_to(30)
    found = new.body("GetTaskInstance", Id=clean)["TaskInstance"]
    assert (found["Status"], found["RunNumber"]) == ("Running", 2)
    story.move_to(36)
    assert [new.status(one) for one in story.workflows] == ["Success", "Running"]
    runs = new.task_instances(Id=clean)
    assert [(run["RunNumber"], run["Status"]) for run in runs] == [(1, "Failure"), (2, "Success")]
    assert runs[0] == before
    first = new.body("GetTaskInstanceLog", Id=clean, RunNumber=1)["TaskInstanceLog"]
    last = new.body("GetTaskInstanceLog", Id=clean)["TaskInstanceLog"]
    assert "ERROR no such column" in first
    assert "SUCCESS clean" in last


@drives("StopTaskInstances")
def test_a_stopped_task_instance_is_a_failure(story: Story, new: Sdk2024) -> None:
    told = new.body("StopTaskInstances", Ids=[story.load[1], story.load[0]])["SuccessInfo"]
    assert [told[str(one)]["Success"] for one in (story.load[1], story.load[0])] == [True, False]
    assert new.body("GetTaskInstance", Id=story.load[1])["TaskInstance"]["Status"] == "Failure"


@drives("SuspendTaskInstances", "ResumeTaskInstances", "SetSuccessTaskInstances")
def test_a_suspended_task_instance_waits_until_it_is_resumed(story: Story, new: Sdk2024) -> None:
    load = story.load[1]
    new.body("SuspendTaskInstances", Ids=[load])
    new.body("SetSuccessTaskInstances", Ids=[story.clean[0]])
    story.move_to(100)
    assert new.body("GetTaskInstance", Id=load)["TaskInstance"]["Status"] == "NotRun"
    new.body("ResumeTaskInstances", Ids=[load])
    story.move_to(105)
    assert new.body("GetTaskInstance", Id=load)["TaskInstance"]["Status"] == "Running"


def task(node: int, name: str, cron: str, **more: object) -> Json:
    return {
        "Id": node,
        "Name": name,
        "Type": "ODPS_SQL",
        "Owner": USER,
        "ProjectId": PROJECT,
        "Priority": 1,
        "Trigger": {"Type": "Scheduler", "Cron": cron, "Recurrence": "Normal"},
        **more,
    }


def part(found: Json, expected: Json) -> Json:
    return {name: found.get(name) for name in expected}


@drives("GetTask")
def test_get_task(new: Sdk2024) -> None:
    expected = task(
        CLEAN,
        "clean",
        "00 30 00 * * ?",
        EnvType="Prod",
        Script={"Content": "", "Parameters": "bizdate=$bizdate"},
        Dependencies=[{"Type": "Normal", "UpstreamTaskId": str(LOAD)}],
    )
    assert part(new.body("GetTask", Id=CLEAN)["Task"], expected) == expected
    assert new.body("GetTask", Id=CLEAN, ProjectEnv="Dev")["Task"]["EnvType"] == "Dev"


@drives("ListTasks")
def test_list_tasks(new: Sdk2024) -> None:
    def listed(**filters: object) -> list[int]:
        body = new.body("ListTasks", ProjectId=PROJECT, SortBy="Id Asc", **filters)
        return [one["Id"] for one in body["PagingInfo"]["Tasks"]]

    assert listed(Name="hourly") == [HOURLY, HOURLY + 1]
    assert listed(Owner=ANALYST) == [REPORT]
    assert listed(TaskType="DI") == [LOAD]
    assert listed(TriggerRecurrence="Skip") == [SKIPPED]
    assert listed(Ids=[CLEAN, LOAD]) == [LOAD, CLEAN]
    assert listed(PageSize=5, PageNumber=2)[0] == WEEKLY
    newest = new.body("ListTasks", ProjectId=PROJECT)["PagingInfo"]["Tasks"][0]
    assert newest["Id"] == APART


@drives("ListDownstreamTasks", "ListUpstreamTasks")
def test_neighbours_of_a_task(new: Sdk2024) -> None:
    below = new.body("ListDownstreamTasks", Id=LOAD, ProjectEnv="Prod")["PagingInfo"]
    clean = task(CLEAN, "clean", "00 30 00 * * ?")
    assert below["TotalCount"] == 2
    assert [one["Task"]["Id"] for one in below["DownstreamTasks"]] == [CLEAN, HOURLY]
    assert [one["Id"] for one in below["Tasks"]] == [CLEAN, HOURLY]
    above = new.body("ListUpstreamTasks", Id=REPORT)["PagingInfo"]
    [only] = above["UpstreamTasks"]
    assert only["DependencyType"] == "Normal"
    assert part(only["Task"], clean) == clean


def tasks_of(new: Sdk2024, **run: object) -> set[int]:
    new.created(run=run)
    return {one["TaskId"] for one in new.task_instances()}


@pytest.mark.parametrize(
    ("run", "tasks"),
    [
        ({"IncludeTaskIds": []}, {LOAD}),
        ({"Mode": "General", "IncludeTaskIds": [LOAD, CLEAN]}, {LOAD, CLEAN}),
        ({"RootTaskIds": [LOAD, APART], "IncludeTaskIds": [CLEAN, APART]}, {CLEAN, APART}),
        (
            {"Mode": "Chain", "RootTaskIds": [], "IncludeTaskIds": [LOAD, REPORT]},
            {LOAD, CLEAN, REPORT},
        ),
        ({"Mode": "AllDownstream", "RootTaskIds": [HOURLY]}, {HOURLY, HOURLY + 1}),
    ],
)
def test_the_mode_chooses_the_tasks(new: Sdk2024, run: Json, tasks: set[int]) -> None:
    assert tasks_of(new, **run) == tasks


def test_several_ranges_run_in_the_order_that_is_asked_for(
    emulator: Emulator, new: Sdk2024
) -> None:
    ranges = [("2020-05-20", "2020-05-21"), ("2020-06-01", "2020-06-01")]
    dates = [{"StartBizDate": start, "EndBizDate": end} for start, end in ranges]
    ids = new.created(run={"Order": "Desc", "Parallelism": 2}, Periods={"BizDates": dates})
    days = [new.body("GetWorkflowInstance", Id=one)["WorkflowInstance"]["BizDate"] for one in ids]
    assert days == sorted(days, reverse=True)
    assert [new.status(one) for one in ids] == ["Running", "Running", "NotRun"]


def test_what_the_gateway_refuses(new: Sdk2024) -> None:
    def code(**changes: Any) -> str:
        with pytest.raises(DaraException) as caught:
            new.create(**changes)
        assert caught.value.status_code == 400
        found: str = caught.value.code
        return found

    day = {"StartBizDate": "2020-05-20", "EndBizDate": "2020-05-20"}
    assert code(Name=None) == "MissingName"
    assert code(Periods={"BizDates": [day] * 8}) == "InvalidPeriods"
    assert code(Periods={"BizDates": [day], "StartTime": "01:00:00"}) == "InvalidPeriods"
    assert code(run={"Parallelism": 11}) == "InvalidDefaultRunProperties"
    assert code(run={"Analysis": None}) == "InvalidDefaultRunProperties"
    assert code(run={"Mode": "Chain"}) == "InvalidDefaultRunProperties"
    assert code(WorkflowId=2) == "InvalidWorkflowId"
    assert code(Type="Manual") == "InvalidType"
    assert refusal(new, "GetWorkflowInstance", Id=4)[:2] == (404, "1101080020")
    assert refusal(new, "GetTask", Id=4)[:2] == (404, "1101080008")
    assert refusal(new, "GetTaskInstance", Id=4)[:2] == (404, "1101080021")


def test_tasks_that_can_not_be_run_are_told_in_the_result_or_at_once(
    emulator: Emulator, new: Sdk2024
) -> None:
    operation = new.create(4)
    result = new.body("GetCreateWorkflowInstancesResult", OperationId=operation)["Result"]
    assert result == {
        "Status": "CreateFailure",
        "FailureMessage": "node 4 does not exist in PROD",
    }
    emulator.admin.set_switches({"creation_errors": "gateway"})
    with pytest.raises(DaraException) as caught:
        new.create(4)
    assert (caught.value.status_code, caught.value.code) == (404, "1101080008")
    assert emulator.launches() == []


def test_the_basic_edition_is_enough(emulator: Emulator, new: Sdk2024) -> None:
    emulator.admin.set_switches({"edition": "Basic"})
    assert len(new.created(days=2)) == 2
