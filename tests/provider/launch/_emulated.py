"""The machine that a model of the engine runs on, with the real emulator; time is the emulator's.

Nothing sleeps: who waits moves the emulator's clock.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any, TypeVar
from unittest import mock

from dataworks_emulator import Emulator
from pulumi_dataworks import _engine, providers
from pulumi_dataworks._api.client import Client, Parameter, Reply
from pulumi_dataworks._api.settings import load_settings
from pulumi_dataworks._api.signing import Credentials
from pulumi_dataworks._declaration.versions import V2020
from pulumi_dataworks._launch.process import Process, World
from pulumi_dataworks._run import Run

from tests.provider.launch._pulumi import Killed

T = TypeVar("T")

FAULTS: Mapping[str, Mapping[str, object]] = {
    "lost before": {"fault": "drop_before_commit"},
    "lost after": {"fault": "drop_after_commit"},
    "5xx before": {"fault": "json_500_before_commit"},
    "5xx after": {"fault": "json_500_after_commit"},
    "html": {"fault": "html_502_after_commit"},
    "truncated": {"fault": "truncate"},
    "no IDs": {"fault": "data", "shape": "missing"},
    "throttled": {"fault": "throttle"},
    "told to wait": {"fault": "throttle", "retryAfter": 3000},
    "used up": {"fault": "throttle", "code": "Throttling.Resource"},
    "refused": {"fault": "forbidden"},
}
KILLS = ("killed before", "killed after")
#: What launches, or creates a launch that is parked and starts it: each send may be hurt.
LAUNCHING = ("RunCycleDagNodes", "CreateWorkflowInstances", "StartWorkflowInstances")


def hurt(emulator: Emulator, operation: str, fault: str | None, send: Callable[[], T]) -> T:
    """Sends a call that launches, and has this fault happen to it."""
    if fault == "killed before":
        raise Killed
    emulator.admin.clear_faults()
    if fault is not None and fault in FAULTS:
        emulator.admin.add_fault({"operation": operation, **FAULTS[fault]})
    reply = send()
    if fault == "killed after":
        raise Killed
    return reply


class Machine:
    """Runs providers on an emulator. ``next_fault`` is asked before each send that launches."""

    def __init__(
        self,
        emulator: Emulator,
        next_fault: Callable[[], str | None],
        *,
        api_version: str = V2020,
        error_hook: bool = False,
    ) -> None:
        self.emulator = emulator
        self.next_fault = next_fault
        self.error_hook = error_hook
        self.told: list[str] = []
        self.recorded: set[str] = set()
        self.dies: Callable[[], bool] = lambda: False
        self.config = {
            "dataworks:endpoint": emulator.url,
            "dataworks:region": "cn-shanghai",
            "dataworks:projectId": str(emulator.workspace.project.id),
            "dataworks:apiVersion": api_version,
            "dataworks:maxQps": "1000",
            "dataworks:preflight": "off",  # the calls of launches are what counts
        }

    def start_plugin(self) -> Plugin:
        return Plugin(self)

    def may_die(self) -> None:
        if self.dies():
            raise Killed

    def now(self) -> float:
        return float(self.emulator.admin.clock()["now"]) / 1000

    def sleep(self, seconds: float) -> None:
        self.emulator.admin.set_clock(step=seconds)


class HurtingClient(Client):
    """The real client; what launches is hurt on its way."""

    def __init__(self, machine: Machine) -> None:
        settings = load_settings(machine.config, {})
        super().__init__(settings, lambda: Credentials("testid", "testsecret"))
        self._machine = machine

    def call(
        self, action: str, parameters: Mapping[str, Parameter], version: str, method: str = "POST"
    ) -> Reply:
        def send() -> Reply:
            return Client.call(self, action, parameters, version, method)

        if action not in LAUNCHING:
            return send()
        return hurt(self._machine.emulator, action, self._machine.next_fault(), send)


class Plugin:
    """A provider process on the real client."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        world = World(
            now=lambda: datetime.fromtimestamp(machine.now(), timezone.utc),
            monotonic=machine.now,
            sleep=machine.sleep,
        )
        run = Run(machine.config, {}, Process(world))
        run._client = HurtingClient(machine)
        self.tokens = providers.LaunchTokenProvider()
        self.backfills = providers.BackfillProvider()
        self.tokens._run = self.backfills._run = run

    def call(self, method: Callable[..., Any], *arguments: Any) -> Any:
        with mock.patch.object(_engine, "warn", self.machine.told.append):
            return method(*json.loads(json.dumps(arguments)))
