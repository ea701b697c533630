"""Stop, Rerun, Suspend, Resume, SetSuccessTaskInstances: each tells of each ID how it went."""

from __future__ import annotations

from ..._interventions import intervene
from ..._service import Body, Call
from .task_instances import find
from .workflow_instances import success_info


def stop_task_instances(call: Call) -> Body:
    """Stops instances that have not ended; they show Failure."""
    return _for_each(call, "stop")


def rerun_task_instances(call: Call) -> Body:
    """Runs instances again that have ended."""
    call.form.boolean("UseLatestConfig")
    return _for_each(call, "restart")


def suspend_task_instances(call: Call) -> Body:
    """Keeps instances from starting."""
    return _for_each(call, "suspend")


def resume_task_instances(call: Call) -> Body:
    """Takes suspensions back; without one nothing changes."""
    return _for_each(call, "resume")


def set_success_task_instances(call: Call) -> Body:
    """Declares instances a success, so that what waits for them goes on."""
    return _for_each(call, "set_success")


def _for_each(call: Call, kind: str) -> Body:
    ids = call.form.required_number_list("Ids")
    return success_info(ids, lambda one: intervene(call.service, kind, find(call.service, one)))
