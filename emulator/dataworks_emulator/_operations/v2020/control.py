"""StopInstance, RestartInstance, SuspendInstance, ResumeInstance, SetSuccessInstance."""

from __future__ import annotations

from collections.abc import Collection

from ..._errors import BusinessError, GatewayError
from ..._service import Body, Call
from ..._simulation import TERMINAL
from .instances import find


def stop_instance(call: Call) -> Body:
    """Stops an instance that has not ended; HTTP 400 for one that has."""
    row = find(call, call.project_env())
    status = call.service.progress.view(row["op_seq"]).status(row["instance_id"])
    if status in TERMINAL:
        raise GatewayError(
            400, "InvalidInstanceStatus", f"instance {row['instance_id']} is {status}, not to stop."
        )
    call.service.progress.intervene("stop", row["op_seq"], row["instance_id"])
    return {"Data": True}


def restart_instance(call: Call) -> Body:
    """Runs an instance again that has ended."""
    return _intervene(call, "restart", TERMINAL)


def suspend_instance(call: Call) -> Body:
    """Keeps an instance from starting."""
    return _intervene(call, "suspend", ("NOT_RUN", "WAIT_TIME", "WAIT_RESOURCE", "RUNNING"))


def resume_instance(call: Call) -> Body:
    """Takes a suspension back; without one nothing changes."""
    return _intervene(call, "resume", None)


def set_success_instance(call: Call) -> Body:
    """Declares an instance a success, so that what waits for it goes on."""
    return _intervene(call, "set_success", ("FAILURE", "CHECKING"))


def _intervene(call: Call, kind: str, allowed: Collection[str] | None) -> Body:
    row = find(call, call.project_env())
    instance_id, op_seq = row["instance_id"], row["op_seq"]
    status = call.service.progress.view(op_seq).status(instance_id)
    if allowed is not None and status not in allowed:
        words = " or ".join(sorted(allowed))
        raise BusinessError(
            "1101080030", f"instance {instance_id} is {status}; {kind} needs {words}"
        )
    call.service.progress.intervene(kind, op_seq, instance_id)
    return {"Data": True}
