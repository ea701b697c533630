"""The application: API calls at ``/``, the admin API beside them, the page for people."""

from __future__ import annotations

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from . import _responses as responses
from ._admin import Admin
from ._admin_routes import is_local, page, routes
from ._clock import Clock, Wall
from ._faults import Faults, Holds, Rule
from ._gateway import Gateway, Received
from ._replies import Reply
from ._request import HttpRequest
from ._service import Service
from ._store import Store
from ._workspace import Workspace

Stop = Callable[[], None]


class Application:
    """All parts of an emulator but its socket. ``stop`` is what the fault "exit" does."""

    def __init__(self, workspace: Workspace, store: Store, wall: Wall, stop: Stop) -> None:
        self.service = Service(workspace, store, Clock(wall))
        self.gateway = Gateway(self.service)
        self.faults = Faults(store)
        self.holds = Holds()
        self.admin = Admin(self.service, self.gateway, self.faults, self.holds)
        self._stop = stop
        api = Route("/", self._root, methods=["GET", "POST"])
        self.asgi = Starlette(routes=[api, *routes(self.admin)])

    async def _root(self, request: Request) -> Response:
        """The page for a browser, which names no operation; the API for all others."""
        names_operation = "x-acs-action" in request.headers or "Action" in request.query_params
        wants_page = "text/html" in request.headers.get("accept", "")
        is_visit = request.method == "GET" and wants_page and not names_operation
        if is_visit and is_local(request):
            return page(self.service)
        return await self._api(request)

    async def _api(self, request: Request) -> Response:
        http = HttpRequest(
            request.method,
            request.url.query,
            {name.lower(): value for name, value in request.headers.items()},
            await request.body(),
        )
        received = self.gateway.receive(http)
        rule = self.faults.due(http.action, http.values)
        if rule is None:
            reply = self.gateway.answer(received)
            self.gateway.note(received, reply, None)
            return responses.whole(reply)
        return await self._with_fault(rule, received)

    async def _with_fault(self, rule: Rule, received: Received) -> Response:
        reply: Reply | None = None
        response: Response | None = None
        if rule.before_commit:
            response = await self._play(rule, received, None)
        if response is None:
            shape = rule.shape if rule.kind == "data" else None
            reply = self.gateway.answer(received, shape)
            if not rule.before_commit:
                response = await self._play(rule, received, reply)
        self._note(rule, received, reply, response)
        return response or responses.whole(reply or Reply(500, b""))

    async def _play(self, rule: Rule, received: Received, reply: Reply | None) -> Response | None:
        # Noted first: a call that stalls, or ends the process, must stand in the log.
        self.gateway.note(received, None, rule.fault)
        await responses.wait(rule, received, self.holds)
        if rule.kind == "exit":
            self._stop()
            return responses.Dropped()
        return responses.broken(rule, received, reply)

    def _note(
        self, rule: Rule, received: Received, reply: Reply | None, response: Response | None
    ) -> None:
        if response is None:
            self.gateway.note(received, reply, rule.fault)
        elif not isinstance(response, responses.Dropped):
            sent = Reply(response.status_code, b"", reply.code if reply else "")
            self.gateway.note(received, sent, rule.fault)
