"""What a person does to a launched backfill, one step after the other, as functions of a project.

The backfill is called ``may``, in programs of ``_programs.py``.
"""

from __future__ import annotations

import base64
import json
import pickle
import shutil
from collections.abc import Callable, Sequence
from typing import Any

from pulumi_dataworks._declaration.versions import V2020
from pulumi_dataworks.providers import BackfillProvider, LaunchTokenProvider

from tests.engine._backfills import LAUNCHES
from tests.engine._harness import PROJECT, REPOSITORY, STACK, Engine, Result

_URN = f"urn:pulumi:{STACK}::{PROJECT}::pulumi-python:dynamic/dataworks:"
MAY, TOKEN = f"{_URN}Backfill::may", f"{_URN}LaunchToken::may-launch"
CONFIG = {"dataworks:settleWindow": "100ms"}

Does = Callable[[Engine], Result | None]


def up(program: str | None = None, *flags: str) -> Does:
    return _up(program, flags, fails=False)


def failing_up(program: str | None = None, *flags: str) -> Does:
    return _up(program, flags, fails=True)


def _up(program: str | None, flags: Sequence[str], *, fails: bool) -> Does:
    def does(engine: Engine) -> Result:
        if program is not None:
            engine.program(program)
        result = engine.up("--skip-preview", *flags)
        return result.failed() if fails else result.succeeded()

    return does


def failing_preview(program: str, *flags: str) -> Does:
    def does(engine: Engine) -> Result:
        engine.program(program)
        return engine.preview(*flags).failed()

    return does


def cli(*arguments: str) -> Does:
    return lambda engine: engine.run(*arguments).succeeded()


refresh = cli("refresh", "--yes", "--skip-preview")
destroy = cli("destroy", "--yes", "--skip-preview")
unchanged = up(None, "--expect-no-changes")


def api(**fault: Any) -> Does:
    """Has the next launch go wrong."""

    def does(engine: Engine) -> None:
        version = engine.environment.get("DATAWORKS_API_VERSION", V2020)
        engine.emulator.admin.add_fault({"operation": LAUNCHES[version], **fault})

    return does


refuses = api(fault="business_error", code="Invalid.Tenant.Quota")


def environment(**variables: str) -> Does:
    def does(engine: Engine) -> None:
        engine.environment.update(variables)

    return does


def config(**keys: str) -> Does:
    def does(engine: Engine) -> None:
        engine.configure({**CONFIG, **{f"dataworks:{key}": value for key, value in keys.items()}})

    return does


def state(change: Callable[[dict[str, Any]], None]) -> Does:
    """Changes the stack's state by ``stack export`` and ``stack import``."""

    def does(engine: Engine) -> None:
        exported = engine.export(show_secrets=True)
        change(exported["deployment"])
        file = engine.folder / "state.json"
        file.write_text(json.dumps(exported))
        engine.run("stack", "import", "--file", str(file)).succeeded()

    return does


def create_was_cut_short(deployment: dict[str, Any]) -> None:
    """As a kill leaves it when the launch was sent, and its resource not yet saved."""
    resources = deployment["resources"]
    (backfill,) = (one for one in resources if one["urn"] == MAY)
    resources.remove(backfill)
    half = {key: backfill[key] for key in ("urn", "custom", "type", "inputs", "parent", "provider")}
    deployment["pending_operations"] = [{"type": "creating", "resource": half}]


def pickled_otherwise(deployment: dict[str, Any]) -> None:
    """As another version of the SDK might write the providers."""
    for one in deployment["resources"]:
        provider = {MAY: BackfillProvider, TOKEN: LaunchTokenProvider}.get(one["urn"])
        if provider is not None:
            text = base64.b64encode(pickle.dumps(provider(), protocol=2)).decode()
            one["inputs"]["__provider"] = one["outputs"]["__provider"] = text


def another_package(engine: Engine) -> None:
    """Puts another version of the package before the one that is installed."""
    package = engine.folder / "pulumi_dataworks"
    shutil.copytree(REPOSITORY / "provider" / "pulumi_dataworks", package)
    (package / "_version.py").write_text('__version__ = "99.0.0"\n')
    with (package / "providers.py").open("a") as file:
        file.write("\nNEW_IN_THIS_VERSION = True\n")


def purge(engine: Engine) -> None:
    """Has DataWorks forget the backfill, and no other."""
    (first, *_) = engine.resources()["may"]["outputs"]["nodeIds"]
    (launch,) = (one for one in engine.launches() if int(first) in one["dagIds"])
    engine.emulator.admin.purge(launch["opSeq"])


def plan_of(program: str) -> Does:
    def does(engine: Engine) -> Result:
        engine.program(program)
        engine.environment["PULUMI_EXPERIMENTAL"] = "true"
        return engine.preview("--save-plan", "plan.json").succeeded()

    return does
