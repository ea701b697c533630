"""GetTask, ListTasks, ListDownstreamTasks, ListUpstreamTasks."""

from __future__ import annotations

from ..._parameters import Form
from ..._service import Body, Call
from ..._workspace import Node
from . import views
from .listing import ordered, page
from .words import camel, environment, task_type

_RECURRENCES = ("Pause", "Skip", "Normal")
_SAME_CYCLE = "Normal"


def get_task(call: Call) -> Body:
    """One task, with what it depends on."""
    env = _environment(call.form)
    node = _named(call, env)
    parents = [parent.id for parent in call.service.workspace.parents(node, env)]
    return {"Task": {**views.task(call.service, node, env), **views.dependencies(parents)}}


def list_tasks(call: Call) -> Body:
    """The workspace's tasks by the documented filters; Name may be a part of it."""
    form, service = call.form, call.service
    service.check_project(form.required_integer("ProjectId"))
    env = _environment(form)
    kind, recurrence = form.text("TaskType"), form.choice("TriggerRecurrence", _RECURRENCES)
    ids, owner = form.number_list("Ids"), form.text("Owner")
    form.choice("TriggerType", ("Scheduler", "Manual"))
    found = [
        node
        for node in service.workspace.nodes_in(env)
        if (form.text("Name") or "") in node.name
        and (not ids or node.id in ids)
        and owner in (None, service.workspace.owners[node.owner])
        and kind in (None, task_type(node.program_type))
        and recurrence in (None, camel(node.scheduler_type))
        and form.text("TriggerType") != "Manual"
    ]
    keys = {
        "Id": lambda node: node.id,
        "CreateTime": lambda node: node.id,
        "ModifyTime": lambda node: node.id,
    }
    fields, shown = page(form, ordered(form, found, keys))
    tasks = [
        {**views.task(service, node, env), "ScriptParameters": node.parameters} for node in shown
    ]
    return {"PagingInfo": {**fields, "Tasks": tasks}}


def list_downstream_tasks(call: Call) -> Body:
    """The tasks directly below a task."""
    env = _environment(call.form)
    return _neighbours(call, call.service.workspace.children(_named(call, env), env), env, "Down")


def list_upstream_tasks(call: Call) -> Body:
    """The tasks directly above a task."""
    env = _environment(call.form)
    return _neighbours(call, call.service.workspace.parents(_named(call, env), env), env, "Up")


def _environment(form: Form) -> str:
    return environment(form, "ProjectEnv") or "PROD"


def _named(call: Call, env: str) -> Node:
    return call.service.node(call.form.required_integer("Id"), env)


def _neighbours(call: Call, nodes: list[Node], env: str, way: str) -> Body:
    fields, shown = page(call.form, nodes)
    tasks = [views.task(call.service, node, env) for node in shown]
    related = [{"DependencyType": _SAME_CYCLE, "Task": one} for one in tasks]
    old = [{**one, "StepType": _SAME_CYCLE} for one in tasks]
    return {"PagingInfo": {**fields, f"{way}streamTasks": related, "Tasks": old}}
