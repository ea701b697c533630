"""RunCycleDagNodes: starts a backfill. It has no idempotency token, and names need not differ."""

from __future__ import annotations

import json
from datetime import time

from .._calendar import Window
from .._errors import invalid
from .._parameters import Form
from .._planning import LaunchRequest, Plan, plan
from .._service import Body, Call, Service
from .._store import Value
from .._switches import DataShape

_FIRST = {"op_seq": 10001, "dag": 374074487, "instance": 15220455638}
_BEYOND_A_DOUBLE = 2**53 + 1
_END_OF_DAY = time(23, 59, 59)
# The documents name no longest range; without one a slip of the pen would run for centuries.
_MOST_DATES = 7_305


def run_cycle_dag_nodes(call: Call) -> Body:
    """Plans the launch and writes it down; the reply's Data holds IDs of DAGs, one per date."""
    request = read(call)
    service = call.service
    planned = plan(
        request,
        service.workspace,
        refuse_unrelated=service.switches.unrelated_nodes == "refuse",
    )
    with service.store.transaction():
        dag_ids = _commit(call, request, planned)
    shape = call.data_shape or service.switches.data_shape
    return in_shape(dag_ids, shape)


def read(call: Call) -> LaunchRequest:
    """Reads and checks the parameters as the gateway does, before anything looks at nodes."""
    form = call.form
    request = LaunchRequest(
        project_env=call.project_env(),
        name=form.required_text("Name", longest=128),
        root=form.required_integer("RootNodeId", least=1),
        include=frozenset(form.required_integers("IncludeNodeIds")),
        exclude=frozenset(form.integers("ExcludeNodeIds")),
        start=form.required_day("StartBizDate"),
        end=form.required_day("EndBizDate"),
        window=_window(form),
        parallelism=form.required_boolean("Parallelism"),
        concurrent_runs=form.integer("ConcurrentRuns", least=2, most=10),
        node_params=form.node_parameters("NodeParams"),
        start_future=form.boolean("StartFutureInstanceImmediately") or False,
    )
    form.choice("AlertType", ("SUCCESS", "FAILURE", "SUCCESS_FAILURE"))
    form.choice("AlertNoticeType", ("SMS", "MAIL", "SMS_MAIL"))
    if request.start > request.end:
        raise invalid("EndBizDate", "must not lie before StartBizDate.")
    if (request.end - request.start).days >= _MOST_DATES:
        raise invalid("EndBizDate", f"must lie within {_MOST_DATES} days of StartBizDate.")
    return request


def _window(form: Form) -> Window | None:
    begin, end = form.clock_time("BizBeginTime"), form.clock_time("BizEndTime")
    if begin is None and end is None:
        return None
    return Window(begin or time.min, end or _END_OF_DAY)


def _commit(call: Call, request: LaunchRequest, planned: Plan) -> list[int]:
    service = call.service
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
    service.store.insert("launches", [_launch_row(call, request, planned, op_seq)])
    service.store.insert("dags", dags)
    service.store.insert("instances", instances)
    first = dag_id - len(dags)
    return list(range(first, dag_id))


def _launch_row(call: Call, request: LaunchRequest, planned: Plan, op_seq: int) -> dict[str, Value]:
    service = call.service
    now = service.clock.now()
    delay = service.switches.visibility_delay
    behaviours = service.progress.behaviours()
    kept = {
        "graph": planned.graph,
        "behaviours": {node: behaviours[node].model_dump(mode="json") for node in planned.graph},
        "startFuture": request.start_future,
        "changesBefore": service.store.number("SELECT max(seq) FROM changes"),
    }
    return {
        "op_seq": op_seq,
        "name": request.name,
        "project_env": request.project_env,
        "created": now,
        "create_user": call.key.user,
        "request_id": call.request_id,
        "parameters": json.dumps(call.form.business_values()),
        "plan": json.dumps(kept),
        "visible": None if delay == "release" else now + round(delay * 1000),
    }


def _take(service: Service, counter: str, count: int) -> int:
    number = service.store.take_numbers(f"next_{counter}", _FIRST[counter], count)
    return number + _BEYOND_A_DOUBLE if service.switches.huge_ids else number


def in_shape(ids: list[int], shape: DataShape) -> Body:
    """The body with the IDs in one of the forms in which they have been seen, or in a bad one."""
    bodies: dict[DataShape, Body] = {
        "list": {"Data": ids},
        "scalar": {"Data": ids[0]},
        "string": {"Data": str(ids[0])},
        "strings": {"Data": [str(one) for one in ids]},
        "wrapped": {"Data": {"dagId": ids}},
        "missing": {},
        "null": {"Data": None},
        "empty": {"Data": []},
        "absurd": {"Data": {"Result": [{"Unexpected": True}, "n/a", -1]}},
    }
    return bodies[shape]
