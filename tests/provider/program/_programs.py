"""Programs on the SDK's mocks: what they register, with which inputs and options."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.stack import run_pulumi_func

TOKEN = "pulumi-python:dynamic/dataworks:LaunchToken"
BACKFILL = "pulumi-python:dynamic/dataworks:Backfill"
GENERATIONS = [{"token": "0123456789ab", "launchName": "orders_0123456789ab"}]
OUTPUTS = {"nodeIds": ["7001"], "launchName": "orders_0123456789ab"}


@dataclass
class Engine(pulumi.runtime.Mocks):
    """Notes what is registered: inputs by type and name, and the requests themselves.

    ``fails`` names the resources that it refuses.
    """

    fails: tuple[str, ...] = ()
    inputs: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    requests: dict[tuple[str, str], Any] = field(default_factory=dict)

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        if args.name in self.fails:
            raise RuntimeError(f"{args.name} is refused")
        self.inputs[args.typ, args.name] = {
            key: value for key, value in args.inputs.items() if key != "__provider"
        }
        computed: dict[str, Mapping[str, Any]] = {
            TOKEN: {"generations": GENERATIONS},
            BACKFILL: OUTPUTS,
        }
        return f"{args.name}-id", {**args.inputs, **computed.get(args.typ, {})}

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[str, Any], None]:
        return {}, None

    def names(self, kind: str) -> list[str]:
        return [name for typ, name in self.inputs if typ == kind]


class _Monitor(MockMonitor):
    mocks: Engine

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the SDK's name
        self.mocks.requests[request.type, request.name] = request
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]


async def run(program: Callable[[], object], engine: Engine, project: str = "project") -> None:
    """Runs a program on the event loop of the caller, as the SDK does; raises what it raises."""
    forget()
    pulumi.runtime.set_mocks(engine, project=project, monitor=_Monitor(engine))

    def declare() -> None:
        program()

    try:
        await run_pulumi_func(declare)
    finally:
        forget()


def forget() -> None:
    """Leaves nothing of a program to the next one: the SDK keeps its work in the process."""
    pulumi.runtime.settings.SETTINGS.rpc_manager.clear()
    pulumi.runtime.settings.SETTINGS.outputs.clear()
    pulumi.runtime.set_all_config({}, [])
    gc.collect()  # what asyncio has to say of abandoned work, it says now


def declared(program: Callable[[], object], project: str = "project") -> Engine:
    """Runs a program to its end, and gives what it registered."""
    engine = Engine()
    asyncio.run(run(program, engine, project))
    return engine
