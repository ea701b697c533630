"""The admin API over HTTP: JSON, unsigned, for callers on this machine alone."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic.alias_generators import to_snake
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from ._admin import Admin
from ._board import PAGE, board
from ._service import Service

PREFIX = "/__admin__"
_BODY = TypeAdapter(dict[str, Any])
Method = Callable[..., object]


def routes(admin: Admin) -> list[Route]:
    """All routes of the admin API. A number that a method returns gets the name that follows it."""
    table: dict[tuple[str, str], tuple[Method, str]] = {
        ("GET", "/health"): (admin.health, ""),
        ("GET", "/launches"): (admin.launches, ""),
        ("GET", "/board"): (admin.board, ""),
        ("GET", "/requests"): (admin.requests, ""),
        ("DELETE", "/requests"): (admin.clear_requests, "deleted"),
        ("POST", "/reset"): (admin.reset, ""),
        ("GET", "/switches"): (admin.switches, ""),
        ("POST", "/switches"): (_whole(admin.set_switches), ""),
        ("GET", "/faults"): (admin.faults, ""),
        ("POST", "/faults"): (_whole(admin.add_fault), "id"),
        ("DELETE", "/faults"): (admin.clear_faults, "deleted"),
        ("DELETE", "/faults/{rule_id:int}"): (admin.clear_faults, "deleted"),
        ("GET", "/holds"): (admin.holds, ""),
        ("POST", "/release"): (admin.release, "released"),
        ("POST", "/reveal"): (admin.reveal, "revealed"),
        ("POST", "/purge"): (admin.purge, "purged"),
        ("GET", "/clock"): (admin.clock, ""),
        ("POST", "/clock"): (admin.set_clock, ""),
        ("GET", "/nodes/{node_id:int}"): (admin.node, ""),
        ("POST", "/nodes/{node_id:int}"): (admin.set_node, ""),
    }
    return [
        Route(f"{PREFIX}{path}", _endpoint(method, name), methods=[verb])
        for (verb, path), (method, name) in table.items()
    ]


def page(service: Service) -> Response:
    """The page for people. It holds what it shows first, and asks for more by itself."""
    shown = json.dumps(board(service)).replace("<", "\\u003c")
    data = f'<script type="application/json" id="board">{shown}</script>\n<script>'
    return HTMLResponse(PAGE.read_text(encoding="utf-8").replace("<script>", data, 1))


def _whole(method: Callable[[Mapping[str, object]], object]) -> Method:
    return lambda **values: method(values)


def _endpoint(method: Method, name: str) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        if not is_local(request):
            return JSONResponse({"error": "the admin API answers this machine alone"}, 403)
        try:
            body = _BODY.validate_python(json.loads(await request.body() or b"{}"))
            arguments = {to_snake(key): value for key, value in body.items()}
            result = method(**arguments, **request.path_params)
        except ValidationError as error:
            return JSONResponse({"error": _told(error)}, 400)
        except (ValueError, TypeError) as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse({name: result} if name else result)

    return answer


def _told(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())


def is_local(request: Request) -> bool:
    """Tells whether a request comes from this machine."""
    return request.client is None or ipaddress.ip_address(request.client.host).is_loopback
