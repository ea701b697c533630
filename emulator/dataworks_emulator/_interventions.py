"""What people do to single instances, and in which status it is allowed."""

from __future__ import annotations

from collections.abc import Collection

from ._errors import BusinessError
from ._service import Service
from ._simulation import ACTIVE, TERMINAL
from ._store import Row

_ALLOWED: dict[str, Collection[str]] = {
    "stop": ACTIVE | {"NOT_RUN"},
    "restart": TERMINAL,
    "suspend": ACTIVE | {"NOT_RUN"},
    "set_success": ("FAILURE", "CHECKING"),
}


class WrongStatus(BusinessError):
    """An instance is not in a status in which this can be done to it."""

    def __init__(self, instance_id: int, status: str, kind: str, allowed: Collection[str]) -> None:
        words = " or ".join(sorted(allowed))
        super().__init__("1101080030", f"instance {instance_id} is {status}; {kind} needs {words}")


def intervene(service: Service, kind: str, instance: Row) -> None:
    """Does it.

    :param kind: stop, restart, suspend, set_success, or resume, which is always allowed.
    :raises WrongStatus: an instance in this status is not for it.
    """
    instance_id, op_seq = instance["instance_id"], instance["op_seq"]
    status = service.progress.view(op_seq).status(instance_id)
    allowed = _ALLOWED.get(kind)
    if allowed is not None and status not in allowed:
        raise WrongStatus(instance_id, status, kind, allowed)
    service.progress.intervene(kind, op_seq, instance_id)
