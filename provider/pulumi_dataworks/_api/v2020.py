"""Version 2020-05-18 of the API: backfills are launched with RunCycleDagNodes."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic_core import PydanticCustomError

from .._declaration.nodes import node_id, sort_ids
from .._launch.generations import Generation
from .backend import Control, Dag, Handle, IncompleteSearch, Instance, Launched, Seen
from .client import Client, Parameter
from .moments import biz_date, moment
from .node_params import node_param_texts
from .v2020_instances import (
    control,
    instances_of,
    log_of,
    plain_word,
    read_instance,
    stop_backfill,
)

VERSION = "2020-05-18"

#: The largest page, and the last one, that ListInstances gives.
_PAGE_SIZE = 100
_LAST_PAGE = 100
#: What the schedule itself runs has this OpSeq; ListDags refuses it.
_OP_SEQ_OF_THE_SCHEDULE = "1"
#: How far the clocks of this machine and of DataWorks may be apart.
_SKEW = timedelta(minutes=15)

#: DagType, in the words and numbers that are seen. Where it is missing, GetDag decides.
_OF_BACKFILLS = ("SUPPLY_DATA", "3", "")

#: Keys of an object that wraps the IDs of a launch, in small letters.
_HOLDS_IDS = frozenset(["data", "dags", "dagid", "dagids"])

_WIRE_NAMES = {
    "projectEnv": "ProjectEnv",
    "rootNodeId": "RootNodeId",
    "bizBeginTime": "BizBeginTime",
    "bizEndTime": "BizEndTime",
    "parallelism": "Parallelism",
    "concurrentRuns": "ConcurrentRuns",
    "startFutureInstanceImmediately": "StartFutureInstanceImmediately",
    "alertType": "AlertType",
    "alertNoticeType": "AlertNoticeType",
}


@dataclass(frozen=True)
class Api2020:
    """Version 2020-05-18 of the API, for one workspace; its ID is None where nodes tell it."""

    client: Client
    project_id: str | None

    def launch(self, generation: Generation, inputs: Mapping[str, Any]) -> Launched:
        """Calls RunCycleDagNodes, once."""
        return launch(self.client, inputs, generation.launch_name)

    def find(self, generation: Generation, others: Collection[str] = ()) -> Launched | None:
        """Looks for the launch of a generation through the instances of its nodes."""
        name, born, runs = generation.launch_name, generation.born, generation.runs
        return find(self.client, name, born, runs, self.project_id, others)

    def look(self, generation: Generation, ids: Sequence[str]) -> Seen:
        """Calls GetDag and ListDags: one ID leads to all."""
        environment = generation.environment
        dag = get_dag(self.client, ids[0], environment)
        return Seen(
            name=_text(dag.get("Name")),
            kind=_word(dag.get("Type")),
            project_id=_text(dag.get("ProjectId") or self.project_id),
            environment=environment,
            launched=whole(self.client, dag, environment),
        )

    def look_around(self, generation: Generation, dag_id: str) -> Seen:
        """Calls GetDag and ListDags, which tell all dates, declared or not."""
        return self.look(generation, [dag_id])

    def stop(self, generation: Generation, launched: Launched) -> tuple[int, int]:
        """Stops the instances of a backfill that have not ended."""
        project = self.look(generation, launched.ids).project_id
        return stop_backfill(self.client, generation.environment, project, launched.ids)

    def ran_nodes(self, generation: Generation, seen: Seen) -> set[str]:
        """Lists the instances of one of a backfill's DAGs: each has the same nodes."""
        dag_id = seen.launched.ids[0]
        rows = instances_of(self.client, generation.environment, seen.project_id, dag_id)
        return {str(row.get("NodeId")) for row in rows}

    def handle(self, generation: Generation, ids: Sequence[str]) -> Handle:
        """Calls GetDag, for OpSeq."""
        environment = generation.environment
        dag = get_dag(self.client, ids[0], environment)
        project = _text(dag.get("ProjectId") or self.project_id)
        return Handle(_text(dag.get("OpSeq")), _text(dag.get("Name")), project, environment)

    def dags(self, handle: Handle) -> list[Dag]:
        """Calls ListDags."""
        found = [
            Dag(
                id=_text(row.get("DagId")),
                biz_date=biz_date(row.get("Bizdate")),
                status=_word(row.get("Status")),
                started=moment(row.get("StartTime")),
                finished=moment(row.get("FinishTime")),
            )
            for row in list_dags(self.client, handle.key, handle.environment)
        ]
        return sorted(found, key=lambda dag: dag.biz_date)

    def instances(self, handle: Handle, dag_id: str) -> Iterator[Instance]:
        """Calls ListInstances, for each page."""
        rows = instances_of(self.client, handle.environment, handle.project_id, dag_id)
        return map(read_instance, rows)

    def log(self, handle: Handle, instance_id: str) -> str:
        """Calls GetInstanceLog."""
        return log_of(self.client, instance_id, handle.environment)

    def control(self, handle: Handle, action: Control, instance_id: str) -> None:
        """Calls StopInstance, RestartInstance, SuspendInstance and their like."""
        control(self.client, action, instance_id, handle.environment)


def request_parameters(inputs: Mapping[str, Any], launch_name: str) -> dict[str, Parameter]:
    """Gives the parameters of RunCycleDagNodes, by the API's names, for inputs in normal form."""
    parameters: dict[str, Parameter] = {
        wire: inputs.get(name) for name, wire in _WIRE_NAMES.items()
    }
    parameters["Name"] = launch_name
    parameters["IncludeNodeIds"] = ",".join(inputs["includeNodeIds"])
    parameters["ExcludeNodeIds"] = ",".join(inputs.get("excludeNodeIds", [])) or None
    parameters["StartBizDate"] = f"{inputs['startBizDate']} 00:00:00"
    parameters["EndBizDate"] = f"{inputs['endBizDate']} 00:00:00"
    parameters["NodeParams"] = _node_params(inputs.get("nodeParams"))
    return {key: value for key, value in parameters.items() if value is not None}


def launch(client: Client, inputs: Mapping[str, Any], launch_name: str) -> Launched:
    """Calls RunCycleDagNodes once. Whatever a successful reply holds, this does not raise.

    :raises DataWorksError: as `Client.call` does.
    """
    reply = client.call("RunCycleDagNodes", request_parameters(inputs, launch_name), VERSION)
    return Launched(read_ids(reply.data), reply.request_id)


def find(
    client: Client,
    launch_name: str,
    born: datetime,
    runs: Mapping[str, Any],
    project_id: str | None = None,
    others: Collection[str] = (),
) -> Launched | None:
    """Looks for a backfill by its Name. No operation filters by it, so instances lead to it.

    :param born: UTC; a backfill made more than 15 minutes before is another one.
    :param runs: ``projectEnv``, ``includeNodeIds``, ``startBizDate``, ``endBizDate``.
    :param others: IDs of DAGs that are known to belong to other backfills.
    :return: None where the listings, read to their end, do not have it.
    :raises IncompleteSearch: where they cannot be read to their end.
    """
    environment, nodes = runs["projectEnv"], runs["includeNodeIds"]
    project = project_id or _project_of(client, environment, nodes[0])
    oldest = (born - _SKEW).timestamp() * 1000
    seen = set(others)
    for node in nodes:
        for instance in _instances(client, project, node, runs, oldest):
            dag_id = _text(instance.get("DagId"))
            if not dag_id:
                raise IncompleteSearch(f"ListInstances tells no DAG of an instance of node {node}")
            if dag_id in seen:
                continue
            seen.add(dag_id)
            dag = get_dag(client, dag_id, environment)
            if "Name" not in dag:
                raise IncompleteSearch(f"GetDag tells no Name of {dag_id}")
            if dag.get("Name") == launch_name and _number(dag.get("CreateTime"), oldest) >= oldest:
                return whole(client, dag, environment)
    return None


def get_dag(client: Client, dag_id: str, environment: str) -> Mapping[str, Any]:
    """Calls GetDag and gives its fields; empty where the reply has none."""
    data = client.call("GetDag", {"DagId": dag_id, "ProjectEnv": environment}, VERSION).data
    return data if isinstance(data, dict) else {}


def whole(client: Client, dag: Mapping[str, Any], environment: str) -> Launched:
    """Calls ListDags: all DAGs of the launch that a DAG belongs to, with their statuses."""
    op_seq = _text(dag.get("OpSeq"))
    is_of_a_launch = op_seq not in ("", _OP_SEQ_OF_THE_SCHEDULE)
    rows = (list_dags(client, op_seq, environment) if is_of_a_launch else []) or [dag]
    statuses = {biz_date(row.get("Bizdate")): _word(row.get("Status")) for row in rows}
    ids = [_text(row.get("DagId")) for row in rows if row.get("DagId") is not None]
    return Launched(sort_ids(set(ids)), statuses=dict(sorted(statuses.items())))


def list_dags(client: Client, op_seq: str, environment: str) -> list[Mapping[str, Any]]:
    """Calls ListDags: all DAGs of one launch, by the API's names."""
    parameters: dict[str, Parameter] = {"OpSeq": op_seq, "ProjectEnv": environment}
    data = client.call("ListDags", parameters, VERSION).data
    dags = data.get("Dags") if isinstance(data, dict) else data
    return [row for row in dags if isinstance(row, dict)] if isinstance(dags, list) else []


def _instances(
    client: Client, project: str, node: str, runs: Mapping[str, Any], oldest: float
) -> Iterator[Mapping[str, Any]]:
    """Gives the backfill instances of a node, newest first, down to those that are too old."""
    read = 0
    for page in range(1, _LAST_PAGE + 1):
        parameters: dict[str, Parameter] = {
            "ProjectId": project,
            "ProjectEnv": runs["projectEnv"],
            "NodeId": node,
            "BeginBizdate": f"{runs['startBizDate']} 00:00:00",
            "EndBizdate": f"{runs['endBizDate']} 00:00:00",
            "OrderBy": "CREATE_TIME_DESC",
            "PageNumber": page,
            "PageSize": _PAGE_SIZE,
        }
        data = client.call("ListInstances", parameters, VERSION).data
        rows = _rows(data)
        read += len(rows)
        recent = [row for row in rows if _number(row.get("CreateTime"), oldest) >= oldest]
        if recent != rows[: len(recent)]:
            raise IncompleteSearch("ListInstances did not give the newest instances first")
        yield from (row for row in recent if _word(row.get("DagType")) in _OF_BACKFILLS)
        total = _number(data.get("TotalCount"), math.inf)
        if len(recent) < len(rows) or read >= total or (not rows and total == math.inf):
            return
        if not rows:
            raise IncompleteSearch(f"ListInstances counts {total:.0f} instances and gave {read}")
    raise IncompleteSearch(f"node {node} has more than {_LAST_PAGE * _PAGE_SIZE} newer instances")


def _rows(data: Any) -> Sequence[Mapping[str, Any]]:
    rows = data.get("Instances") if isinstance(data, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise IncompleteSearch("ListInstances gave no list of instances")
    return rows


def _project_of(client: Client, environment: str, node: str) -> str:
    data = client.call("GetNode", {"NodeId": node, "ProjectEnv": environment}, VERSION).data
    project = data.get("ProjectId") if isinstance(data, dict) else None
    if project is None:
        raise IncompleteSearch(f"GetNode does not tell the workspace of node {node}")
    return str(project)


def read_ids(data: Any) -> list[str]:
    """Reads ``Data`` of a launch in every form it is seen in: list, scalar, text, wrapped.

    Of an object, other numbers may stand beside the IDs: a wrong ID might stop somebody else's
    instances, while one that is missing is found by a refresh.
    """
    return sort_ids(set(_ids_within(data)))


def _ids_within(data: Any) -> Iterator[str]:
    pending = [data]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            pending.extend(value for key, value in item.items() if key.lower() in _HOLDS_IDS)
        elif isinstance(item, list):
            pending.extend(item)
        elif isinstance(item, (int, float, str)):
            yield from _ids_of(item)


def _ids_of(scalar: float | str) -> Iterator[str]:
    if isinstance(scalar, str):
        pieces: list[Any] = [piece.strip(' "') for piece in scalar.strip("[] ").split(",")]
    else:
        pieces = [scalar]
    for piece in pieces:
        with contextlib.suppress(PydanticCustomError):
            yield node_id(piece)


def _node_params(node_params: Mapping[str, Mapping[str, str]] | None) -> str | None:
    if not node_params:
        return None
    return json.dumps(node_param_texts(node_params), ensure_ascii=False, separators=(",", ":"))


def _number(value: Any, otherwise: float) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return otherwise


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _word(value: Any) -> str:
    return _text(plain_word(value))
