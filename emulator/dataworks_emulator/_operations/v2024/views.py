"""How workflow instances, task instances and tasks look on the wire."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

from ..._calendar import midnight
from ..._logs import node_of
from ..._progress import DagTimes
from ..._service import Service
from ..._simulation import Step
from ..._store import Row
from ..._workspace import Node
from .words import camel, task_type

Fields = dict[str, object]
_BASELINE = 100010001
_SCHEDULED = 1
_RESOURCE = {"ResourceGroupId": "group_default", "Cu": "0.25", "Image": ""}


def workflow_instance(service: Service, row: Row, times: DagTimes) -> Fields:
    """A workflow instance, of a row that joins it with its launch."""
    fields: Fields = {
        "Id": row["dag_id"],
        "UnifiedWorkflowInstanceId": row["dag_id"],
        "WorkflowTaskInstanceId": row["dag_id"],
        "WorkflowId": _SCHEDULED,
        "Name": row["name"],
        "Type": "SupplementData",
        "Status": camel(times.status),
        "EnvType": camel(row["project_env"]),
        "ProjectId": service.workspace.project.id,
        "BizDate": midnight(date.fromisoformat(row["bizdate"]), service.workspace.project.zone),
        "CreateTime": row["created"],
        "CreateUser": row["create_user"],
        "ModifyTime": times.modified or row["created"],
        "ModifyUser": row["create_user"],
        "Owner": row["create_user"],
        "StartedTime": times.started,
        "FinishedTime": times.finished,
        "Tags": [{"Key": key, "Value": value} for key, value in tags(row).items()],
    }
    return _without_none(fields)


def tags(row: Row) -> dict[str, str]:
    """The tags of a workflow instance, by key."""
    found: dict[str, str] = json.loads(row["plan"]).get("tags", {})
    return found


def task_instance(service: Service, row: Row, steps: Sequence[Step]) -> Fields:
    """An attempt of an instance, of a row that joins it with its launch."""
    last = steps[-1]
    entered = {step.status: step.at for step in steps}
    fields: Fields = {
        "Id": row["instance_id"],
        "TaskId": row["node_id"],
        "WorkflowInstanceId": row["dag_id"],
        "UnifiedWorkflowInstanceId": row["dag_id"],
        "WorkflowInstanceType": "SupplementData",
        "WorkflowId": _SCHEDULED,
        "Status": camel(last.status),
        "TriggerType": "Scheduler",
        "TriggerRecurrence": recurrence(row),
        "TriggerTime": row["cycle_time"],
        "Bizdate": midnight(date.fromisoformat(row["bizdate"]), service.workspace.project.zone),
        "ProjectId": service.workspace.project.id,
        "ProjectEnv": camel(row["project_env"]),
        "CreateTime": row["created"],
        "CreateUser": row["create_user"],
        "ModifyTime": last.at,
        "ModifyUser": row["create_user"],
        "WaitingTriggerTime": entered.get("WAIT_TIME"),
        "WaitingResourceTime": entered.get("WAIT_RESOURCE"),
        "StartedTime": entered.get("RUNNING"),
        "FinishedTime": last.at if last.status in ("SUCCESS", "FAILURE") else None,
        "RunNumber": last.attempt,
        "PeriodNumber": 1,
        "RerunMode": "AllAllowed",
        "BaselineId": _BASELINE,
        "DataSource": {"Name": "odps_first"},
        "RuntimeResource": _RESOURCE,
        "ScriptParameters": row["parameters"],
        **_of_node(service, node_of(service, row["node_id"])),
    }
    return _without_none(fields)


def recurrence(row: Row) -> str:
    """How an instance runs: Normal, Pause, or one of several dry-runs."""
    return camel(row["task_type"])


def details(row: Row) -> Fields:
    """What one instance shows and a listing does not."""
    return {
        "Script": {"Content": "", "Parameters": row["parameters"]},
        "Inputs": {"Variables": []},
        "Outputs": {"TaskOutputs": [], "Variables": []},
        "Tags": [],
    }


def _of_node(service: Service, node: Node | None) -> Fields:
    if node is None:
        return {}
    return {
        "TaskName": node.name,
        "TaskType": task_type(node.program_type),
        "Description": node.description,
        "Owner": service.workspace.owners[node.owner],
        "Priority": node.priority,
        "WorkflowName": node.business_flow,
    }


def task(service: Service, node: Node, env: str) -> Fields:
    """A task with all its fields but what it depends on."""
    workspace = service.workspace
    made, changed = (
        midnight(date(year, 3, day), workspace.project.zone) for year, day in ((2025, 3), (2026, 2))
    )
    return {
        "Id": node.id,
        "Name": node.name,
        "Description": node.description,
        "Type": task_type(node.program_type),
        "Owner": workspace.owners[node.owner],
        "ProjectId": workspace.project.id,
        "ProjectEnv": camel(env),
        "EnvType": camel(env),
        "WorkflowId": _SCHEDULED,
        "Priority": node.priority,
        "BaselineId": _BASELINE,
        "InstanceMode": "T+1",
        "RerunMode": "AllAllowed",
        "RerunInterval": 120,
        "RerunTimes": 3,
        "Timeout": 0,
        "Trigger": {
            "Type": "Scheduler",
            "Cron": node.cron,
            "Recurrence": camel(node.scheduler_type),
        },
        "Script": {"Content": "", "Parameters": node.parameters},
        "RuntimeResource": _RESOURCE,
        "DataSource": {"Name": "odps_first"},
        "Tags": [],
        "CreateTime": made,
        "CreateUser": workspace.owners[node.owner],
        "ModifyTime": changed,
        "ModifyUser": workspace.owners[node.owner],
    }


def dependencies(parents: Sequence[int]) -> Fields:
    """What a task depends on."""
    return {
        "Dependencies": [{"Type": "Normal", "UpstreamTaskId": str(parent)} for parent in parents]
    }


def _without_none(fields: Fields) -> Fields:
    return {name: value for name, value in fields.items() if value is not None}
