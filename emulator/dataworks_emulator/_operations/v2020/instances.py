"""GetInstance, ListInstances, ListInstanceHistory, GetInstanceLog."""

from __future__ import annotations

from collections.abc import Sequence

from ..._errors import BusinessError, instance_not_found
from ..._logs import log
from ..._parameters import Form
from ..._service import ENVIRONMENTS, Body, Call
from ..._simulation import Step
from ..._store import Row, Value
from ..._workspace import Node
from . import views

STATUSES = (
    "NOT_RUN",
    "WAIT_TIME",
    "WAIT_RESOURCE",
    "RUNNING",
    "FAILURE",
    "SUCCESS",
    "CHECKING",
    "CHECKING_CONDITION",
    "WAIT_TRIGGER",
)
_ORDERS = {
    "INSTANCE_ID_DESC": "i.instance_id DESC",
    "CREATE_TIME_DESC": "l.created DESC, i.instance_id DESC",
}
_JOINED = (
    "FROM instances i JOIN launches l USING (op_seq) "
    "WHERE l.purged = 0 AND l.project_env = ? AND l.visible IS NOT NULL AND l.visible <= ?"
)
_FIELDS = "SELECT i.*, l.created, l.create_user"


def find(call: Call, project_env: str) -> Row:
    """The instance that a call names, if it can be seen."""
    instance_id = call.form.required_integer("InstanceId")
    row = call.service.store.row(
        f"{_FIELDS} {_JOINED} AND i.instance_id = ?",
        (project_env, call.service.clock.now(), instance_id),
    )
    if row is None:
        raise instance_not_found(instance_id)
    return row


def get_instance(call: Call) -> Body:
    """One instance, with two fields more than a listing shows."""
    row = find(call, call.project_env())
    service = call.service
    steps = service.progress.view(row["op_seq"]).steps(row["instance_id"])
    node = service.workspace.node(row["node_id"], call.project_env())
    more = {"Owner": service.workspace.owners[node.owner]} if node else {}
    return {"Data": {**views.instance(service, row, steps), **more, "PeriodNumber": 1}}


def list_instances(call: Call) -> Body:
    """Instances by any of the documented filters, in pages of 100 at most, 100 pages at most."""
    form, service = call.form, call.service
    service.check_project(form.required_integer("ProjectId"))
    page, size = paging(form)
    where, values = _conditions(call)
    order = _ORDERS[form.choice("OrderBy", _ORDERS) or "INSTANCE_ID_DESC"]
    status = form.choice("Status", STATUSES)
    if status is None:
        total = service.store.number(f"SELECT count(*) {where}", values)
        limits = (*values, size, (page - 1) * size)
        rows = service.store.rows(f"{_FIELDS} {where} ORDER BY {order} LIMIT ? OFFSET ?", limits)
    else:
        found = service.store.rows(f"{_FIELDS} {where} ORDER BY {order}", values)
        found = [row for row, steps in _with_steps(call, found) if steps[-1].status == status]
        total, rows = len(found), found[(page - 1) * size : page * size]
    shown = [views.instance(service, row, steps) for row, steps in _with_steps(call, rows)]
    data = {"PageNumber": page, "PageSize": size, "TotalCount": total, "Instances": shown}
    return {"Data": data}


def list_instance_history(call: Call) -> Body:
    """The attempts of an instance before its present one; the body has no Data."""
    env = call.form.choice("ProjectEnv", ENVIRONMENTS) or "PROD"
    row = find(call, env)
    steps = call.service.progress.view(row["op_seq"]).steps(row["instance_id"])
    shown = [
        {
            **views.instance(
                call.service, row, [step for step in steps if step.attempt == attempt]
            ),
            "InstanceHistoryId": history_id(row["instance_id"], attempt),
        }
        for attempt in range(1, steps[-1].attempt)
    ]
    return {"Instances": shown}


def get_instance_log(call: Call) -> Body:
    """The log of the present attempt, or of the one that InstanceHistoryId names."""
    row = find(call, call.project_env())
    steps = call.service.progress.view(row["op_seq"]).steps(row["instance_id"])
    attempt = steps[-1].attempt
    wanted = call.form.integer("InstanceHistoryId")
    if wanted is not None:
        known = {history_id(row["instance_id"], past): past for past in range(1, attempt + 1)}
        if wanted not in known:
            raise BusinessError("1101080022", f"history {wanted} does not exist", status=404)
        attempt = known[wanted]
    return {"Data": log(call.service, row, steps, attempt)}


def history_id(instance_id: int, attempt: int) -> int:
    """The ID of an attempt in the history; it stays the same."""
    return instance_id * 10 + attempt


def paging(form: Form) -> tuple[int, int]:
    """Page number and page size, within the documented bounds."""
    page = form.integer("PageNumber", least=1, most=100)
    size = form.integer("PageSize", least=1, most=100)
    return page or 1, size or 10


def matching(call: Call, nodes: Sequence[Node]) -> list[Node]:
    """The nodes that the call's filters by name, owner, business flow and program type keep."""
    form, owners = call.form, call.service.workspace.owners
    wanted = {name: form.text(name) for name in ("NodeName", "Owner", "BizName", "ProgramType")}
    return [
        node
        for node in nodes
        if wanted["NodeName"] in (None, node.name)
        and wanted["Owner"] in (None, owners[node.owner])
        and wanted["BizName"] in (None, node.business_flow)
        and wanted["ProgramType"] in (None, node.program_type)
    ]


def _conditions(call: Call) -> tuple[str, list[Value]]:
    form = call.form
    env = call.project_env()
    where = _JOINED
    values: list[Value] = [env, call.service.clock.now()]
    conditions: list[tuple[str, Value]] = [
        ("i.node_id =", form.integer("NodeId")),
        ("i.dag_id =", form.integer("DagId")),
        ("i.bizdate =", _iso(form, "Bizdate")),
        ("i.bizdate >=", _iso(form, "BeginBizdate")),
        ("i.bizdate <=", _iso(form, "EndBizdate")),
    ]
    for condition, value in conditions:
        if value is not None:
            where += f" AND {condition} ?"
            values.append(value)
    if any(form.text(name) for name in ("NodeName", "Owner", "BizName", "ProgramType")):
        nodes = matching(call, list(call.service.workspace.nodes_in(env)))
        where += f" AND i.node_id IN ({', '.join(str(node.id) for node in nodes)})"
    return where, values


def _iso(form: Form, name: str) -> str | None:
    day = form.day(name, midnight=False)
    return None if day is None else day.isoformat()


def _with_steps(call: Call, rows: Sequence[Row]) -> list[tuple[Row, tuple[Step, ...]]]:
    progress = call.service.progress
    views_ = {op_seq: progress.view(op_seq) for op_seq in {row["op_seq"] for row in rows}}
    return [(row, views_[row["op_seq"]].steps(row["instance_id"])) for row in rows]
