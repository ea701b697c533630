"""Replies as they go over the wire, whole or broken."""

from __future__ import annotations

import asyncio
import contextlib

from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from ._errors import BusinessError, GatewayError
from ._faults import Holds, Rule
from ._gateway import Received
from ._replies import Reply, business_failure, gateway_failure
from ._switches import Switches

_PIECES = 20
_HTML = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    "<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>Tengine</center>\r\n"
    "</body>\r\n</html>\r\n"
)


def whole(reply: Reply) -> Response:
    """A reply as it should go."""
    return Response(
        reply.body, reply.status, headers=dict(reply.headers), media_type=reply.content_type
    )


class Dropped(Response):
    """No reply: the connection is closed."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _close(scope, receive)


class Truncated(Response):
    """A reply of which only the first half comes, and then the end of the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _start(self, send)
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        await _close(scope, receive)


class Dripped(Response):
    """A reply that comes in small pieces, over so many seconds."""

    def __init__(self, reply: Reply, seconds: float) -> None:
        super().__init__(reply.body, reply.status, media_type=reply.content_type)
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _start(self, send)
        body = bytes(self.body)
        size = max(1, -(-len(body) // _PIECES))
        for start in range(0, len(body), size):
            piece = body[start : start + size]
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            await asyncio.sleep(self.seconds / _PIECES)
        await send({"type": "http.response.body", "body": b""})


def broken(rule: Rule, received: Received, reply: Reply | None) -> Response | None:
    """What a rule sends in place of the reply; None if it leaves the reply as it is."""
    if rule.kind == "drop":
        return Dropped()
    if rule.kind == "redirect":
        return RedirectResponse(rule.location, rule.status or 307)
    if rule.kind == "html_502":
        return Response(_HTML, 502, media_type="text/html")
    if rule.kind == "reply":
        return Response(rule.body, rule.status or 200, media_type=rule.content_type)
    if rule.kind == "truncate" and reply is not None:
        return Truncated(reply.body, reply.status, media_type=reply.content_type)
    if rule.kind == "drip" and reply is not None:
        return Dripped(reply, rule.seconds)
    failure = _failure(rule, received)
    return None if failure is None else whole(failure)


def _failure(rule: Rule, received: Received) -> Reply | None:
    defaults = {
        "json_500": (500, "InternalError.System"),
        "json_503": (503, "ServiceUnavailable"),
        "throttle": (429, "Throttling.User"),
        "throttle_417": (417, "Throttling.User"),
        "forbidden": (403, "Forbidden.Access"),
    }
    if rule.kind == "business_error":
        return _business_failure(rule, received)
    if rule.kind not in defaults:
        return None
    status, code = defaults[rule.kind]
    error = GatewayError(
        rule.status or status, rule.code or code, rule.message, retry_after=rule.retry_after
    )
    return gateway_failure(error, received.request_id, received.http.headers.get("host", ""))


def _business_failure(rule: Rule, received: Received) -> Reply:
    error = BusinessError(rule.code or "1101080008", rule.message, status=rule.status or 400)
    if not received.enveloped:
        return gateway_failure(error.of_the_gateway(), received.request_id, "")
    return business_failure(error, received.request_id, "", Switches())


async def wait(rule: Rule, received: Received, holds: Holds) -> None:
    """Stalls or holds a call, if the rule says so."""
    if rule.kind == "stall":
        await holds.stall(rule.seconds)
    elif rule.kind == "hold":
        await holds.hold(received.action, received.request_id, before_commit=rule.before_commit)


async def _start(response: Response, send: Send) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": response.status_code,
            "headers": response.raw_headers,
        }
    )


async def _close(scope: Scope, receive: Receive) -> None:
    transport = scope.get("state", {}).get("transport")
    if transport is not None:
        transport.close()
    # To return before the connection is gone would make the server send an error of its own.
    with contextlib.suppress(asyncio.TimeoutError):
        while (await asyncio.wait_for(receive(), 5))["type"] != "http.disconnect":
            pass
