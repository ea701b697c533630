"""How DAGs, instances and nodes look on the wire."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ..._calendar import ONE_DAY, midnight
from ..._logs import node_of
from ..._progress import View
from ..._service import Service
from ..._simulation import Step
from ..._store import Row
from ..._workspace import Node

_STATUS = {
    "NOT_RUN": 1,
    "WAIT_TIME": 2,
    "WAIT_RESOURCE": 3,
    "RUNNING": 4,
    "FAILURE": 5,
    "SUCCESS": 6,
}
_TASK_TYPE = {"NORMAL": 0, "PAUSE": 2, "SKIP": 3, "SKIP_UNCHOOSE": 4, "SKIP_CYCLE": 5}
_BASELINE = 100010001

Fields = dict[str, object]


def dag(service: Service, row: Row, view: View) -> Fields:
    """A DAG, of a row that joins it with its launch."""
    zone = service.workspace.project.zone
    day = date.fromisoformat(row["bizdate"])
    times = view.dag(row["dag_id"])
    fields: Fields = {
        "DagId": row["dag_id"],
        "OpSeq": row["op_seq"],
        "Name": row["name"],
        "ProjectId": service.workspace.project.id,
        "Type": "SUPPLY_DATA",
        "Status": times.status,
        "Bizdate": midnight(day, zone),
        "Gmtdate": midnight(day + ONE_DAY, zone),
        "CreateTime": row["created"],
        "ModifyTime": times.modified or row["created"],
        "CreateUser": row["create_user"],
        "StartTime": times.started,
        "FinishTime": times.finished,
    }
    return {name: value for name, value in fields.items() if value is not None}


def instance(service: Service, row: Row, steps: Sequence[Step]) -> Fields:
    """An instance, of a row that joins it with its launch; ``steps`` are those that came true."""
    suffixes = service.switches.enum_suffixes
    last = steps[-1]
    node = node_of(service, row["node_id"])
    entered = {step.status: step.at for step in steps if step.attempt == last.attempt}
    fields: Fields = {
        "InstanceId": row["instance_id"],
        "NodeId": row["node_id"],
        "DagId": row["dag_id"],
        "DagType": "SUPPLY_DATA(3)" if suffixes == "all" else "SUPPLY_DATA",
        "Status": _word(last.status, _STATUS, suffixed=suffixes == "all"),
        "TaskType": _word(row["task_type"], _TASK_TYPE, suffixed=suffixes != "none"),
        "Bizdate": midnight(date.fromisoformat(row["bizdate"]), service.workspace.project.zone),
        "CycTime": row["cycle_time"],
        "CreateTime": row["created"],
        "CreateUser": row["create_user"],
        "ModifyTime": last.at,
        "BeginWaitTimeTime": entered.get("WAIT_TIME"),
        "BeginWaitResTime": entered.get("WAIT_RESOURCE"),
        "BeginRunningTime": entered.get("RUNNING"),
        "FinishTime": last.at if last.status in ("SUCCESS", "FAILURE") else None,
        "TaskRerunTime": last.attempt - 1,
        "ParamValues": row["parameters"],
        "Repeatability": True,
        "RepeatInterval": 120000,
        "BaselineId": _BASELINE,
        "RelatedFlowId": 0,
        "Connection": "odps_first",
        "DqcType": 0,
        "DqcDescription": "",
        **_of_node(service, node),
    }
    return {name: value for name, value in fields.items() if value is not None}


def _of_node(service: Service, node: Node | None) -> Fields:
    if node is None:
        return {}
    return {
        "NodeName": node.name,
        "Priority": node.priority,
        "BusinessId": service.workspace.business_flows[node.business_flow],
    }


def node(service: Service, one: Node) -> Fields:
    """A node with all its fields."""
    workspace = service.workspace
    return {
        **neighbour(service, one),
        "Description": one.description,
        "RepeatMode": 1,
        "RepeatInterval": 120000,
        "ParamValues": one.parameters,
        "BusinessId": workspace.business_flows[one.business_flow],
        "RelatedFlowId": 0,
        "ResGroupName": "default",
        "ResGroupIdentifier": "group_default",
        "Connection": "odps_first",
        "DqcType": 0,
        "DqcDescription": "",
        "FileId": one.id * 10 + 1,
        "FileType": 10,
        "FileVersion": 3,
        "CreateTime": midnight(date(2025, 3, 3), workspace.project.zone),
        "ModifyTime": midnight(date(2026, 3, 2), workspace.project.zone),
        "DeployDate": midnight(date(2026, 3, 2), workspace.project.zone),
    }


def neighbour(service: Service, one: Node) -> Fields:
    """A node as a listing of parents or children shows it, without the kind of the step."""
    return {
        "NodeId": one.id,
        "NodeName": one.name,
        "ProjectId": service.workspace.project.id,
        "OwnerId": service.workspace.owners[one.owner],
        "CronExpress": one.cron,
        "ProgramType": one.program_type,
        "SchedulerType": one.scheduler_type,
        "Priority": one.priority,
        "Repeatability": True,
        "BaselineId": _BASELINE,
    }


def _word(word: str, numbers: dict[str, int], *, suffixed: bool) -> str:
    return f"{word}({numbers[word]})" if suffixed else word
