"""The admin API over HTTP: JSON, unsigned, for callers on this machine alone."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable
from typing import Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ._admin import Admin

PREFIX = "/__admin__"
Action = Callable[[Request, dict[str, Any]], object]


def routes(admin: Admin) -> list[Route]:
    """All routes of the admin API."""
    table: dict[tuple[str, str], Action] = {
        ("GET", "/health"): lambda request, body: admin.health(),
        ("GET", "/launches"): lambda request, body: admin.launches(),
        ("GET", "/requests"): lambda request, body: admin.requests(),
        ("DELETE", "/requests"): lambda request, body: {"deleted": admin.clear_requests()},
        ("POST", "/reset"): lambda request, body: admin.reset(),
        ("GET", "/switches"): lambda request, body: admin.switches(),
        ("POST", "/switches"): lambda request, body: admin.set_switches(body),
        ("GET", "/faults"): lambda request, body: admin.faults(),
        ("POST", "/faults"): lambda request, body: {"id": admin.add_fault(body)},
        ("DELETE", "/faults"): lambda request, body: {"deleted": admin.clear_faults()},
        ("DELETE", "/faults/{number:int}"): lambda request, body: {
            "deleted": admin.clear_faults(_number(request))
        },
        ("GET", "/holds"): lambda request, body: admin.holds(),
        ("POST", "/release"): lambda request, body: {"released": admin.release(body.get("id"))},
        ("POST", "/reveal"): lambda request, body: {"revealed": admin.reveal(body.get("opSeq"))},
        ("POST", "/purge"): lambda request, body: {"purged": admin.purge(body.get("opSeq"))},
        ("GET", "/clock"): lambda request, body: admin.clock(),
        ("POST", "/clock"): lambda request, body: admin.set_clock(**body),
        ("GET", "/nodes/{number:int}"): lambda request, body: admin.node(_number(request)),
        ("POST", "/nodes/{number:int}"): lambda request, body: admin.set_node(
            _number(request), body
        ),
    }
    return [
        Route(f"{PREFIX}{path}", _endpoint(action), methods=[method])
        for (method, path), action in table.items()
    ]


def _endpoint(action: Action) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        if not _is_local(request):
            return JSONResponse({"error": "the admin API answers this machine alone"}, 403)
        try:
            body = json.loads(await request.body() or b"{}")
            if not isinstance(body, dict):
                raise ValueError("the body must be a JSON object")
            return JSONResponse(action(request, body))
        except ValidationError as error:
            problems = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
            return JSONResponse({"error": "; ".join(problems)}, 400)
        except (ValueError, TypeError) as error:
            return JSONResponse({"error": str(error)}, 400)

    return answer


def _number(request: Request) -> int:
    return int(request.path_params["number"])


def _is_local(request: Request) -> bool:
    return request.client is None or ipaddress.ip_address(request.client.host).is_loopback
