"""The API gateway: which request is which action, who sent it, and what it is answered."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass

from . import _replies as replies
from ._authentication import Authenticator
from ._errors import BusinessError, GatewayError
from ._operations import ENVELOPED, OPERATIONS
from ._parameters import Form
from ._quotas import Quotas
from ._replies import Reply
from ._request import HttpRequest
from ._service import Call, Operation, Service
from ._store import Value
from ._switches import DataShape

_ENOUGH = ("Enterprise", "Ultimate")


@dataclass(frozen=True)
class Received:
    """A request that has been written down; ``seq`` is its place in the log."""

    seq: int
    request_id: str
    http: HttpRequest

    @property
    def action(self) -> str:
        """The operation's name."""
        return self.http.action

    @property
    def enveloped(self) -> bool:
        """Whether replies say Success or not inside of an HTTP 200."""
        return self.http.version in ENVELOPED


class Gateway:
    """Answers requests one after the other; each is one transaction."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.quotas = Quotas(service.clock.wall)
        self._authenticator = Authenticator(service.workspace, service.clock.wall)

    def receive(self, http: HttpRequest) -> Received:
        """Writes a request down, without secrets, before anything is done about it."""
        request_id = str(uuid.uuid4()).upper()
        row: dict[str, Value] = {
            "request_id": request_id,
            "time": self.service.clock.wall(),
            "action": http.action,
            "version": http.version,
            "access_key_id": _key_id(http),
            "parameters": json.dumps(Form(http.values).business_values()),
        }
        return Received(self.service.store.insert("requests", [row]), request_id, http)

    def note(self, received: Received, reply: Reply | None, fault: str | None) -> None:
        """Completes the log with the reply, None for none, and the fault that was played."""
        self.service.store.write(
            "UPDATE requests SET status = ?, code = ?, fault = ? WHERE seq = ?",
            (
                None if reply is None else reply.status,
                None if reply is None else reply.code,
                fault,
                received.seq,
            ),
        )

    def answer(self, received: Received, data_shape: DataShape | None = None) -> Reply:
        """Does what a request asks for, or says why not."""
        request_id, host = received.request_id, received.http.headers.get("host", "")
        switches = self.service.switches
        try:
            body = self._run(received, data_shape)
        except GatewayError as error:
            return replies.gateway_failure(error, request_id, host)
        except BusinessError as error:
            if received.enveloped:
                return replies.business_failure(error, request_id, host, switches)
            return replies.gateway_failure(error.of_the_gateway(), request_id, host)
        if received.enveloped:
            return replies.success(body, request_id, switches)
        return replies.flat(body, request_id)

    def _run(self, received: Received, data_shape: DataShape | None) -> dict[str, object]:
        operation = self._operation(received.http)
        key = self._authenticator.check(received.http)
        switches = self.service.switches
        self.quotas.spend(switches, write=operation.writes)
        if operation.needs_enterprise and switches.edition not in _ENOUGH:
            raise GatewayError(
                403,
                "Forbidden.Access",
                f"Access is forbidden: {received.action} needs DataWorks Enterprise Edition.",
            )
        form = Form(received.http.values)
        call = Call(self.service, received.action, form, received.request_id, key, data_shape)
        with self.service.store.transaction():
            return operation.handler(call)

    @staticmethod
    def _operation(http: HttpRequest) -> Operation:
        if not http.action:
            raise GatewayError(400, "MissingAction", "Action is mandatory.")
        operation = OPERATIONS.get(http.version, {}).get(http.action)
        if operation is None:
            raise GatewayError(
                404,
                "InvalidApi.NotFound",
                f"Specified api is not found: {http.action} of version {http.version}.",
            )
        return operation


def _key_id(http: HttpRequest) -> str:
    _, _, rest = http.authorization.partition("Credential=")
    return rest.partition(",")[0] or http.values.get("AccessKeyId", "")
