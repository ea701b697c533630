"""Workflow instances and task instances of version 2024-05-18: asked for, listed and read."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from .._declaration.nodes import sort_ids
from .._exceptions import Refused
from .backend import Control, Dag, IncompleteSearch, Instance, Launched
from .client import Client, Parameter
from .moments import biz_date, midnight, moment
from .v2024_requests import environment, numbers, to_json

VERSION = "2024-05-18"
Row = Mapping[str, Any]

_PAGE_SIZE = 100
_LARGEST_PAGE_SIZE = 500
_LAST_PAGE = 1000
_MOST_IDS = 100
_DAG_STATUS = {"NotRun": "CREATED", "Success": "SUCCESS", "Failure": "FAILURE"}
_CONTROLS: Mapping[Control, str] = {
    "stop": "StopTaskInstances",
    "restart": "RerunTaskInstances",
    "suspend": "SuspendTaskInstances",
    "resume": "ResumeTaskInstances",
    "set_success": "SetSuccessTaskInstances",
}


def workflow_instance(client: Client, instance_id: str) -> Row:
    """Calls GetWorkflowInstance and gives its fields."""
    reply = client.call("GetWorkflowInstance", {"Id": instance_id}, VERSION, "GET")
    found = reply.body.get("WorkflowInstance")
    if not isinstance(found, dict) or str(found.get("Id")) != instance_id:
        raise IncompleteSearch(f"GetWorkflowInstance tells nothing of {instance_id}")
    return found


def workflow_instances(
    client: Client, project_id: str, project_env: str, name: str, day: date
) -> list[Row]:
    """Lists the backfills of exactly this Name that have a business date."""
    parameters: dict[str, Parameter] = {
        "BizDate": midnight(day),
        "EnvType": environment(project_env),
        "Name": name,
        "ProjectId": project_id,
        "SortBy": "Id Asc",
        "Type": "SupplementData",
    }
    rows = listed(client, "ListWorkflowInstances", "WorkflowInstances", parameters, _PAGE_SIZE)
    found = list(rows)
    if any("Id" not in row or "Name" not in row for row in found):
        raise IncompleteSearch("ListWorkflowInstances tells no Id or Name of an instance")
    return [row for row in found if row["Name"] == name]


def task_instances(
    client: Client, project_id: str, project_env: str, workflow: Row
) -> Iterator[Instance]:
    """Lists the task instances of a workflow instance."""
    parameters: dict[str, Parameter] = {
        "Bizdate": workflow.get("BizDate"),
        "ProjectEnv": environment(project_env),
        "ProjectId": project_id,
        "SortBy": "Id Asc",
        "WorkflowInstanceId": str(workflow["Id"]),
    }
    rows = listed(client, "ListTaskInstances", "TaskInstances", parameters, _LARGEST_PAGE_SIZE)
    return map(read_instance, rows)


def task_instance_log(client: Client, instance_id: str) -> str:
    """Calls GetTaskInstanceLog; the text is empty where the reply has none."""
    text = client.call("GetTaskInstanceLog", {"Id": instance_id}, VERSION, "GET").body
    log = text.get("TaskInstanceLog")
    return log if isinstance(log, str) else ""


def control(client: Client, action: Control, instance_id: str) -> None:
    """Calls StopTaskInstances, RerunTaskInstances or another of them, for one instance.

    :raises Refused: its status does not allow that.
    """
    operation = _CONTROLS[action]
    reasons = refusals(client, operation, [instance_id])
    if instance_id in reasons:
        raise Refused(operation, "NotAllowed", reasons[instance_id], 200, None)


def stop_workflow_instances(client: Client, ids: Sequence[str]) -> dict[str, str]:
    """Calls StopWorkflowInstances; gives those that had ended, and what DataWorks says of them."""
    refused: dict[str, str] = {}
    for some in in_parts(ids):
        refused |= refusals(client, "StopWorkflowInstances", some)
    return refused


def in_parts(ids: Sequence[str]) -> list[Sequence[str]]:
    """Divides IDs among calls. The documents name no largest number for one."""
    return [ids[start : start + _MOST_IDS] for start in range(0, len(ids), _MOST_IDS)]


def refusals(client: Client, operation: str, ids: Sequence[str]) -> dict[str, str]:
    """Calls an operation that tells of each ID how it went; gives the refused ones, and why."""
    reply = client.call(operation, {"Ids": to_json(numbers(ids))}, VERSION)
    told = reply.body.get("SuccessInfo")
    results = told if isinstance(told, dict) else {}
    return {
        one: str(results[one].get("Message") or "no reason given")
        for one in ids
        if isinstance(results.get(one), dict) and results[one].get("Success") is False
    }


def read_dag(row: Row) -> Dag:
    """Reads a workflow instance as what version 2020-05-18 calls a DAG."""
    return Dag(
        id=str(row.get("Id")),
        biz_date=biz_date(row.get("BizDate")),
        status=_DAG_STATUS.get(str(row.get("Status")), "RUNNING"),
        started=moment(row.get("StartedTime")),
        finished=moment(row.get("FinishedTime")),
    )


def read_launched(rows: Sequence[Row]) -> Launched:
    """Reads the workflow instances of one launch."""
    dags = sorted(map(read_dag, rows), key=lambda dag: dag.biz_date)
    ids = sort_ids({dag.id for dag in dags})
    return Launched(ids, statuses={dag.biz_date: dag.status for dag in dags})


def has_run(row: Row) -> bool:
    """Tells whether anything of a workflow instance has run or waits for its turn to."""
    return row.get("Status") != "NotRun" or moment(row.get("StartedTime")) is not None


def listed(
    client: Client,
    operation: str,
    field: str,
    parameters: Mapping[str, Parameter],
    size: int,
    method: str = "POST",
) -> Iterator[Row]:
    """Gives all rows of a listing, page by page.

    :raises IncompleteSearch: it cannot be read to its end.
    """
    read = 0
    for page in range(1, _LAST_PAGE + 1):
        asked = {**parameters, "PageNumber": page, "PageSize": size}
        paging = client.call(operation, asked, VERSION, method).body.get("PagingInfo")
        fields = paging if isinstance(paging, dict) else {}
        rows = fields.get(field)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise IncompleteSearch(f"{operation} gave no list")
        yield from rows
        read += len(rows)
        total = _number(fields.get("TotalCount"))
        if read >= total or (not rows and total == math.inf):
            return
        if not rows:
            raise IncompleteSearch(f"{operation} counts {total:.0f} and gave {read}")
    raise IncompleteSearch(f"{operation} has more than {_LAST_PAGE} pages")


def read_instance(row: Row) -> Instance:
    """Reads a task instance of a listing; what is missing or absurd is left out."""
    status = _capitals(str(row.get("Status") or ""))
    waits = {"WAIT_TIME": "WaitingTriggerTime", "WAIT_RESOURCE": "WaitingResourceTime"}
    return Instance(
        id=str(row.get("Id")),
        node_id=str(row.get("TaskId")),
        node_name=str(row.get("TaskName") or row.get("TaskId")),
        dag_id=str(row.get("WorkflowInstanceId")),
        biz_date=biz_date(row.get("Bizdate")),
        status=status,
        task_type=_capitals(str(row.get("TriggerRecurrence") or "Normal")),
        scheduled=moment(row.get("TriggerTime")),
        waits_since=moment(row.get(waits.get(status, ""))),
        finished=moment(row.get("FinishedTime")),
        created=moment(row.get("CreateTime")),
        reruns=max(0, int(_number(row.get("RunNumber"), 1)) - 1),
    )


def _capitals(word: str) -> str:
    """``WaitTime`` is WAIT_TIME in the words of version 2020-05-18."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", word).upper()


def _number(value: Any, otherwise: float = math.inf) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return otherwise
