"""RunCycleDagNodes: starts a backfill. It has no idempotency token, and names need not differ."""

from __future__ import annotations

from datetime import time

from ..._calendar import Window
from ..._launching import LONGEST_NAME, business_dates, commit
from ..._parameters import Form
from ..._planning import LaunchRequest, plan
from ..._service import Body, Call
from ..._switches import DataShape

_END_OF_DAY = time(23, 59, 59)


def run_cycle_dag_nodes(call: Call) -> Body:
    """Plans the launch and writes it down; the reply's Data holds IDs of DAGs, one per date."""
    request = read(call)
    service = call.service
    planned = plan(
        request,
        service.workspace,
        refuse_unrelated=service.switches.unrelated_nodes == "refuse",
    )
    _, dag_ids = commit(call, request, planned)
    shape = call.data_shape or service.switches.data_shape
    return in_shape(dag_ids, shape)


def read(call: Call) -> LaunchRequest:
    """Reads and checks the parameters as the gateway does, before anything looks at nodes."""
    form = call.form
    start, end = form.required_day("StartBizDate"), form.required_day("EndBizDate")
    request = LaunchRequest(
        project_env=call.project_env(),
        name=form.required_text("Name", longest=LONGEST_NAME),
        roots=(form.required_integer("RootNodeId", least=1),),
        include=frozenset(form.required_integers("IncludeNodeIds")),
        exclude=frozenset(form.integers("ExcludeNodeIds")),
        dates=business_dates("EndBizDate", start, end),
        window=_window(form),
        parallelism=form.required_boolean("Parallelism"),
        concurrent_runs=form.integer("ConcurrentRuns", least=2, most=10),
        node_params=form.node_parameters("NodeParams"),
        start_future=form.boolean("StartFutureInstanceImmediately") or False,
    )
    form.choice("AlertType", ("SUCCESS", "FAILURE", "SUCCESS_FAILURE"))
    form.choice("AlertNoticeType", ("SMS", "MAIL", "SMS_MAIL"))
    return request


def _window(form: Form) -> Window | None:
    begin, end = form.clock_time("BizBeginTime"), form.clock_time("BizEndTime")
    if begin is None and end is None:
        return None
    return Window(begin or time.min, end or _END_OF_DAY)


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
