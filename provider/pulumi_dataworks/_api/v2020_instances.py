"""The instances of backfills, with API version 2020-05-18: listed, read and controlled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .._exceptions import Refused
from .backend import Control, IncompleteSearch, Instance
from .client import Client
from .moments import biz_date, moment

VERSION = "2020-05-18"
TERMINAL = ("SUCCESS", "FAILURE")
_PAGE_SIZE = 100
_LAST_PAGE = 100
_CONTROLS: Mapping[Control, str] = {
    "stop": "StopInstance",
    "restart": "RestartInstance",
    "suspend": "SuspendInstance",
    "resume": "ResumeInstance",
    "set_success": "SetSuccessInstance",
}


def instances_of(
    client: Client, environment: str, project_id: str, dag_id: str
) -> Iterator[dict[str, Any]]:
    """Gives all instances of a DAG, by the API's names, words without their appended numbers."""
    read = 0
    for page in range(1, _LAST_PAGE + 1):
        data = client.call(
            "ListInstances",
            {
                "ProjectId": project_id,
                "ProjectEnv": environment,
                "DagId": dag_id,
                "PageNumber": page,
                "PageSize": _PAGE_SIZE,
            },
            VERSION,
        ).data
        rows = data.get("Instances") if isinstance(data, dict) else None
        if not isinstance(rows, list):
            raise IncompleteSearch("ListInstances gave no list of instances")
        for row in rows:
            yield {key: plain_word(value) for key, value in row.items()}
        read += len(rows)
        if not rows or read >= int(data.get("TotalCount") or 0):
            return
    raise IncompleteSearch(f"DAG {dag_id} has more than {_LAST_PAGE * _PAGE_SIZE} instances")


def stop_backfill(
    client: Client, environment: str, project_id: str, dag_ids: Sequence[str]
) -> tuple[int, int]:
    """Stops what has not ended, and tolerates what ends meanwhile.

    :return: how many instances were stopped, and how many had ended.
    """
    stopped = ended = 0
    for dag_id in dag_ids:
        for instance in list(instances_of(client, environment, project_id, dag_id)):
            if instance.get("Status") in TERMINAL:
                ended += 1
                continue
            try:
                control(client, "stop", str(instance["InstanceId"]), environment)
                stopped += 1
            except Refused:
                ended += 1
    return stopped, ended


def control(client: Client, action: Control, instance_id: str, environment: str) -> None:
    """Calls StopInstance, RestartInstance, SuspendInstance, ResumeInstance, SetSuccessInstance."""
    parameters = {"InstanceId": instance_id, "ProjectEnv": environment}
    client.call(_CONTROLS[action], parameters, VERSION)


def log_of(client: Client, instance_id: str, environment: str) -> str:
    """Calls GetInstanceLog; the text is empty where the reply has none."""
    parameters = {"InstanceId": instance_id, "ProjectEnv": environment}
    text = client.call("GetInstanceLog", parameters, VERSION).data
    return text if isinstance(text, str) else ""


def read_instance(row: Mapping[str, Any]) -> Instance:
    """Reads an instance of a listing; what is missing or absurd is left out."""
    status = str(row.get("Status") or "")
    waits = {"WAIT_TIME": "BeginWaitTimeTime", "WAIT_RESOURCE": "BeginWaitResTime"}
    return Instance(
        id=str(row.get("InstanceId")),
        node_id=str(row.get("NodeId")),
        node_name=str(row.get("NodeName") or row.get("NodeId")),
        dag_id=str(row.get("DagId")),
        biz_date=biz_date(row.get("Bizdate")),
        status=status,
        task_type=str(row.get("TaskType") or "NORMAL"),
        scheduled=moment(row.get("CycTime")),
        waits_since=moment(row.get(waits.get(status, ""))),
        finished=moment(row.get("FinishTime")),
        created=moment(row.get("CreateTime")),
        reruns=_count(row.get("TaskRerunTime")),
    )


def _count(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        return 0


def plain_word(value: Any) -> Any:
    """Strips the number that the documents' samples append: ``NORMAL(0)``."""
    if isinstance(value, str) and value.endswith(")"):
        word, _, number = value[:-1].partition("(")
        return word if number.isdigit() else value
    return value
