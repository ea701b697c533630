"""What is refused of a call's parameters: by the gateway, or by the service behind it."""

from __future__ import annotations

import pytest
from dataworks_emulator import Emulator

from tests.emulator._callers import Sdk, raw_launch, send
from tests.emulator._warehouse import APART, CLEAN, DRAFT, HOURLY, LOAD, PROJECT

REQUIRED = (
    "ProjectEnv",
    "Name",
    "RootNodeId",
    "IncludeNodeIds",
    "StartBizDate",
    "EndBizDate",
    "Parallelism",
)


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize("value", [None, ""], ids=["absent", "empty"])
def test_a_launch_needs_its_required_parameters(
    emulator: Emulator, name: str, value: str | None
) -> None:
    response = raw_launch(emulator, {name: value})
    assert response.status_code == 400
    assert response.json()["Code"] == f"Missing{name}"
    assert response.json()["Message"] == f"{name} is mandatory for this action."
    assert emulator.launches() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ProjectEnv", "prod"),
        ("Name", "n" * 129),
        ("RootNodeId", "one"),
        ("RootNodeId", "0"),
        ("RootNodeId", str(2**63)),
        ("IncludeNodeIds", f"{LOAD},"),
        ("IncludeNodeIds", f"[{LOAD}]"),
        ("IncludeNodeIds", "-1"),
        ("ExcludeNodeIds", "1;2"),
        ("StartBizDate", "2020-05-20"),
        ("StartBizDate", "2020-05-20 01:00:00"),
        ("StartBizDate", "2020-05-20T00:00:00"),
        ("StartBizDate", "2020-02-30 00:00:00"),
        ("EndBizDate", "2020-05-19 00:00:00"),
        ("EndBizDate", "9999-12-31 00:00:00"),
        ("BizBeginTime", "24:00:00"),
        ("BizBeginTime", "9:00"),
        ("BizEndTime", "noon"),
        ("Parallelism", "yes"),
        ("ConcurrentRuns", "1"),
        ("ConcurrentRuns", "11"),
        ("NodeParams", "a=1"),
        ("NodeParams", "[1]"),
        ("NodeParams", '{"1001": 5}'),
        ("StartFutureInstanceImmediately", "1"),
        ("AlertType", "ALL"),
        ("AlertNoticeType", "PIGEON"),
    ],
)
def test_the_gateway_refuses_what_a_launch_does_not_take(
    emulator: Emulator, name: str, value: str
) -> None:
    response = raw_launch(emulator, {name: value})
    assert (response.status_code, response.json()["Code"]) == (400, f"Invalid{name}")
    assert emulator.launches() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Name", "补数 " * 42),
        ("Parallelism", "TRUE"),
        ("Parallelism", "False"),
        ("ConcurrentRuns", "10"),
        ("IncludeNodeIds", f"{LOAD}, {CLEAN}"),
        ("NodeParams", f'{{"{LOAD}": "a=1 b=2"}}'),
        ("NodeParams", f'{{{LOAD}: "a=1"}}'),
    ],
)
def test_what_the_documents_show_is_taken(emulator: Emulator, name: str, value: str) -> None:
    assert raw_launch(emulator, {name: value}).json()["Success"] is True


@pytest.mark.parametrize(
    ("changes", "code", "status"),
    [
        ({"root_node_id": 4}, "1101080008", 404),
        ({"include_node_ids": "4"}, "1101080008", 404),
        ({"exclude_node_ids": "4"}, "1101080008", 404),
        ({"include_node_ids": str(DRAFT)}, "1101080008", 404),
        ({"include_node_ids": str(APART)}, "1101080009", 400),
        (
            {
                "root_node_id": HOURLY,
                "include_node_ids": str(HOURLY),
                "biz_begin_time": "01:00:00",
                "biz_end_time": "02:00:00",
            },
            "1101080010",
            400,
        ),
        ({"biz_begin_time": "12:00:00", "biz_end_time": "12:00:00"}, "1101080011", 400),
    ],
    ids=["root", "included", "excluded", "of another environment", "unrelated", "hours", "empty"],
)
def test_the_service_refuses_with_status_200(
    sdk: Sdk, emulator: Emulator, changes: dict[str, object], code: str, status: int
) -> None:
    """Nothing is raised by the SDK: this layer says no in the body."""
    parameters = {
        "name": "backfill",
        "root_node_id": LOAD,
        "include_node_ids": str(LOAD),
        "start_biz_date": "2020-05-20 00:00:00",
        "end_biz_date": "2020-05-20 00:00:00",
        "parallelism": False,
        **changes,
    }
    body = sdk.body("RunCycleDagNodes", **parameters)
    assert (body["Success"], body["ErrorCode"], body["HttpStatusCode"]) == (False, code, status)
    assert body["ErrorMessage"]
    assert "Data" not in body
    assert emulator.launches() == []


@pytest.mark.parametrize(
    ("action", "parameters", "code"),
    [
        ("GetDag", {"DagId": "7"}, "1101080020"),
        ("GetInstance", {"InstanceId": "7"}, "1101080021"),
        ("RestartInstance", {"InstanceId": "7"}, "1101080021"),
        ("GetNode", {"NodeId": "7"}, "1101080008"),
        ("ListInstances", {"ProjectId": "7"}, "10600111020399005"),
        ("ListNodes", {"ProjectId": "7"}, "10600111020399005"),
    ],
)
def test_what_is_not_there_is_told_in_the_body(
    emulator: Emulator, action: str, parameters: dict[str, str], code: str
) -> None:
    response = send(emulator, {"Action": action, "ProjectEnv": "PROD", **parameters})
    assert (response.status_code, response.json()["ErrorCode"]) == (200, code)


@pytest.mark.parametrize(
    ("action", "parameters", "code"),
    [
        ("GetDag", {}, "MissingDagId"),
        ("GetDag", {"DagId": "x"}, "InvalidDagId"),
        ("ListDags", {"OpSeq": "1"}, "InvalidOpSeq"),
        ("GetInstance", {"InstanceId": "1", "ProjectEnv": ""}, "MissingProjectEnv"),
        ("ListInstances", {}, "MissingProjectId"),
        ("ListInstances", {"ProjectId": str(PROJECT), "Bizdate": "2020-05-20"}, "InvalidBizdate"),
        ("ListInstances", {"ProjectId": str(PROJECT), "Status": "DONE"}, "InvalidStatus"),
        ("ListInstances", {"ProjectId": str(PROJECT), "OrderBy": "NAME"}, "InvalidOrderBy"),
        ("ListInstances", {"ProjectId": str(PROJECT), "PageSize": "101"}, "InvalidPageSize"),
        ("ListInstances", {"ProjectId": str(PROJECT), "PageSize": "0"}, "InvalidPageSize"),
        ("ListInstances", {"ProjectId": str(PROJECT), "PageNumber": "101"}, "InvalidPageNumber"),
        ("ListNodes", {"ProjectId": str(PROJECT), "SchedulerType": "X"}, "InvalidSchedulerType"),
    ],
)
def test_the_gateway_refuses_what_a_look_up_does_not_take(
    emulator: Emulator, action: str, parameters: dict[str, str], code: str
) -> None:
    response = send(emulator, {"Action": action, "ProjectEnv": "PROD", **parameters})
    assert (response.status_code, response.json()["Code"]) == (400, code)


def test_an_intervention_needs_a_fitting_status(sdk: Sdk, emulator: Emulator) -> None:
    sdk.launch()
    [instance] = sdk.instances()
    call = {"ProjectEnv": "PROD", "InstanceId": str(instance["InstanceId"])}

    def code(action: str) -> str:
        body = send(emulator, {"Action": action, **call}).json()
        return str(body.get("ErrorCode") or body.get("Code") or "")

    assert code("SetSuccessInstance") == code("RestartInstance") == "1101080030"
    emulator.admin.set_clock(step=60)
    assert code("SuspendInstance") == code("SetSuccessInstance") == "1101080030"
    assert code("StopInstance") == "InvalidInstanceStatus"
    assert code("ResumeInstance") == code("RestartInstance") == ""
