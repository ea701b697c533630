"""The machine that a model of the engine runs on, with the real emulator; time is the emulator's.

Nothing sleeps: who waits moves the emulator's clock.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, TypeVar
from unittest import mock

from dataworks_emulator import Emulator
from pulumi_dataworks import _engine, providers
from pulumi_dataworks._api.backend import Launched
from pulumi_dataworks._api.client import Client
from pulumi_dataworks._api.settings import load_settings
from pulumi_dataworks._api.signing import Credentials
from pulumi_dataworks._api.v2020 import Api2020
from pulumi_dataworks._launch.generations import FIRST_VERSION, Generation
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


def hurt(emulator: Emulator, fault: str | None, send: Callable[[], T]) -> T:
    """Sends a launch, and has this fault happen to it."""
    if fault == "killed before":
        raise Killed
    emulator.admin.clear_faults()
    if fault is not None and fault in FAULTS:
        emulator.admin.add_fault({"operation": "RunCycleDagNodes", **FAULTS[fault]})
    reply = send()
    if fault == "killed after":
        raise Killed
    return reply


class Machine:
    """Runs providers on an emulator. ``next_fault`` is asked before each send of a launch."""

    def __init__(
        self, emulator: Emulator, next_fault: Callable[[], str | None], *, error_hook: bool = False
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
            "dataworks:maxQps": "1000",
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


@dataclass(frozen=True)
class Hurting(Api2020):
    """The real version of the API; its launches are hurt."""

    machine: Machine = field(kw_only=True)

    def launch(self, generation: Generation, inputs: Mapping[str, Any]) -> Launched:
        machine = self.machine
        return hurt(
            machine.emulator,
            machine.next_fault(),
            lambda: Api2020.launch(self, generation, inputs),
        )


class Plugin:
    """A provider process on the real client."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        world = World(
            now=lambda: datetime.fromtimestamp(machine.now(), timezone.utc),
            monotonic=machine.now,
            sleep=machine.sleep,
        )
        settings = load_settings(machine.config, {})
        client = Client(settings, lambda: Credentials("testid", "testsecret"))
        run = Run(machine.config, {}, Process(world))
        run._apis = {FIRST_VERSION: Hurting(client, settings.project_id, machine=machine)}
        self.tokens = providers.LaunchTokenProvider()
        self.backfills = providers.BackfillProvider()
        self.tokens._run = self.backfills._run = run

    def call(self, method: Callable[..., Any], *arguments: Any) -> Any:
        with mock.patch.object(_engine, "warn", self.machine.told.append):
            return method(*json.loads(json.dumps(arguments)))
