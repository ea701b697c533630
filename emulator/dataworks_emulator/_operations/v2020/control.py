"""StopInstance, RestartInstance, SuspendInstance, ResumeInstance, SetSuccessInstance."""

from __future__ import annotations

from ..._errors import GatewayError
from ..._interventions import WrongStatus, intervene
from ..._service import Body, Call
from .instances import find


def stop_instance(call: Call) -> Body:
    """Stops an instance that has not ended; HTTP 400 for one that has."""
    try:
        return _intervene(call, "stop")
    except WrongStatus as error:
        raise GatewayError(400, "InvalidInstanceStatus", error.message) from None


def restart_instance(call: Call) -> Body:
    """Runs an instance again that has ended."""
    return _intervene(call, "restart")


def suspend_instance(call: Call) -> Body:
    """Keeps an instance from starting."""
    return _intervene(call, "suspend")


def resume_instance(call: Call) -> Body:
    """Takes a suspension back; without one nothing changes."""
    return _intervene(call, "resume")


def set_success_instance(call: Call) -> Body:
    """Declares an instance a success, so that what waits for it goes on."""
    return _intervene(call, "set_success")


def _intervene(call: Call, kind: str) -> Body:
    intervene(call.service, kind, find(call, call.project_env()))
    return {"Data": True}
