"""Writes launches down, whichever operation makes them. An ID is never given twice."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from ._calendar import ONE_DAY
from ._errors import invalid
from ._planning import LaunchRequest, Plan
from ._service import Call, Service
from ._store import Value

LONGEST_NAME = 128
_FIRST = {"op_seq": 10001, "dag": 374074487, "instance": 15220455638}
_BEYOND_A_DOUBLE = 2**53 + 1
# The documents name no longest range; without one a slip of the pen would run for centuries.
_MOST_DATES = 7_305


@dataclass(frozen=True)
class Manner:
    """How a launch is made: after so many seconds, parked until somebody starts it, with tags."""

    after: float = 0.0
    parked: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)


def business_dates(parameter: str, start: date, end: date) -> tuple[date, ...]:
    """All dates from start to end, both included, or the gateway's error for the parameter."""
    if start > end:
        raise invalid(parameter, "must not lie before the start.")
    if (end - start).days >= _MOST_DATES:
        raise invalid(parameter, f"must lie within {_MOST_DATES} days of the start.")
    return tuple(start + ONE_DAY * index for index in range((end - start).days + 1))


def commit(
    call: Call, request: LaunchRequest, planned: Plan, manner: Manner | None = None
) -> tuple[int, list[int]]:
    """Writes a launch down; gives its number, and the IDs of its DAGs in their order."""
    service = call.service
    with service.store.transaction():
        op_seq = _take(service, "op_seq", 1)
        dag_id = _take(service, "dag", len(planned.dags))
        instance_id = _take(service, "instance", sum(len(dag.instances) for dag in planned.dags))
        dags: list[dict[str, Value]] = []
        instances: list[dict[str, Value]] = []
        for dag in planned.dags:
            day = dag.business_date.isoformat()
            dags.append({"dag_id": dag_id, "op_seq": op_seq, "bizdate": day, "lane": dag.lane})
            for instance in dag.instances:
                instances.append(
                    {
                        "instance_id": instance_id,
                        "dag_id": dag_id,
                        "op_seq": op_seq,
                        "node_id": instance.node.id,
                        "bizdate": day,
                        "cycle_time": instance.cycle_time,
                        "task_type": instance.task_type,
                        "parameters": request.node_params.get(instance.node.id)
                        or instance.node.parameters,
                    }
                )
                instance_id += 1
            dag_id += 1
        row = _launch_row(call, request, planned, manner or Manner())
        service.store.insert("launches", [{"op_seq": op_seq, **row}])
        service.store.insert("dags", dags)
        service.store.insert("instances", instances)
    return op_seq, list(range(dag_id - len(dags), dag_id))


def _launch_row(
    call: Call, request: LaunchRequest, planned: Plan, manner: Manner
) -> dict[str, Value]:
    service = call.service
    created = service.clock.now() + round(manner.after * 1000)
    delay = service.switches.visibility_delay
    behaviours = service.progress.behaviours()
    kept = {
        "graph": planned.graph,
        "behaviours": {node: behaviours[node].model_dump(mode="json") for node in planned.graph},
        "startFuture": request.start_future,
        "changesBefore": service.store.number("SELECT max(seq) FROM changes"),
        "parked": manner.parked,
        "tags": dict(manner.tags),
    }
    return {
        "name": request.name,
        "project_env": request.project_env,
        "created": created,
        "create_user": call.key.user,
        "request_id": call.request_id,
        "parameters": json.dumps(call.form.business_values()),
        "plan": json.dumps(kept),
        "visible": None if delay == "release" else created + round(delay * 1000),
    }


def _take(service: Service, counter: str, count: int) -> int:
    number = service.store.take_numbers(f"next_{counter}", _FIRST[counter], count)
    return number + _BEYOND_A_DOUBLE if service.switches.huge_ids else number
