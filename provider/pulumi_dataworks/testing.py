"""Tests of your own program, which ask what it would launch.

A pytest plugin with one fixture. In your ``conftest.py``::

    pytest_plugins = ["pulumi_dataworks.testing"]

and in a test::

    def test_may_is_run_again(dataworks: DataWorks) -> None:
        dataworks.run("__main__.py", config={"shop:month": "2026-05"})
        (launch,) = dataworks.launches
        assert (launch.start_biz_date, launch.end_biz_date) == ("2026-05-01", "2026-05-31")
        assert launch.include_node_ids == ["74324", "74325"]

The program runs on Pulumi's mocks, without an engine; this package's providers are the real ones,
and call a DataWorks in the test's own process. Needs ``pip install pulumi-dataworks[testing]``.
"""

from __future__ import annotations

import asyncio
import base64
import json
import runpy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dill
import pulumi
import pytest
from dataworks_emulator import Emulator
from pulumi.dynamic import Config, ConfigureRequest, ResourceProvider
from pulumi.runtime import rpc
from pulumi.runtime.stack import run_pulumi_func

from ._exceptions import DeclarationError

__all__ = ["DataWorks", "Launch", "dataworks"]

_OURS = "pulumi-python:dynamic/dataworks:"
_ENVIRONMENT = {
    "ALIBABA_CLOUD_REGION_ID": "cn-shanghai",
    "ALIBABA_CLOUD_ACCESS_KEY_ID": "testid",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "testsecret",
}
#: A DataWorks of the test's own has no quota to keep to; the program's config may say otherwise.
_CONFIG = {"dataworks:maxQps": "1000"}
#: Fast enough that whatever waits for the end of a backfill finds it ended.
_CLOCK_SCALE = 1e6


@dataclass(frozen=True)
class Launch:
    """A backfill that was launched. IDs are strings, dates ``YYYY-MM-DD``.

    ``parameters`` are those of the call, by the API's names and in its form; ``dag_ids`` are what
    it returned, one for each business date.
    """

    name: str
    project_env: str
    root_node_id: str
    include_node_ids: list[str]
    exclude_node_ids: list[str]
    start_biz_date: str
    end_biz_date: str
    dag_ids: list[str]
    parameters: Mapping[str, str]


@dataclass
class DataWorks:
    """A DataWorks for one test, and a way to run a program on it.

    ``emulator`` is the DataWorks itself: its ``admin`` makes it fail, its workspace has the nodes.
    ``outputs`` holds, by resource, what this package's resources have as outputs, in camelCase.
    """

    emulator: Emulator
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)

    def run(
        self,
        program: Path | str | Callable[[], object],
        *,
        config: Mapping[str, Any] | None = None,
        project: str = "test",
        stack: str = "test",
    ) -> None:
        """Runs a program as the first ``pulumi up`` would, without a preview.

        :param program: a file, or a function that declares resources.
        :param config: the stack's config; keys as ``namespace:key``.
        :raises DeclarationError: a declaration was refused.
        :raises DataWorksError: a launch failed, or whatever else the program raises.
        """
        texts = {k: v if isinstance(v, str) else json.dumps(v) for k, v in (config or {}).items()}

        async def run_to_end() -> None:
            pulumi.runtime.set_all_config(texts)
            pulumi.runtime.set_mocks(
                _Engine(self, {**_CONFIG, **texts}, project), project=project, stack=stack
            )
            await run_pulumi_func(lambda: _run(program))

        asyncio.run(run_to_end())

    @property
    def launches(self) -> list[Launch]:
        """What was launched, oldest first."""
        return [_launch(made) for made in self.emulator.launches()]


@pytest.fixture
def dataworks(monkeypatch: pytest.MonkeyPatch) -> Iterator[DataWorks]:
    """A DataWorks in the test's own process, with the emulator's sample workspace."""
    with Emulator() as emulator:
        emulator.admin.set_clock(scale=_CLOCK_SCALE)
        for name, value in {**_ENVIRONMENT, "DATAWORKS_ENDPOINT": emulator.url}.items():
            monkeypatch.setenv(name, value)
        yield DataWorks(emulator)


class _Engine(pulumi.runtime.Mocks):
    """Does what the engine does for a new resource: check, then create."""

    def __init__(self, test: DataWorks, config: Mapping[str, str], project: str) -> None:
        self._test = test
        self._configured = ConfigureRequest(Config(dict(config), project))

    def new_resource(
        self, args: pulumi.runtime.MockResourceArgs
    ) -> tuple[str | None, dict[str, Any]]:
        inputs = _plain(args.inputs)
        if not args.typ.startswith(_OURS):
            return f"{args.name}-id", inputs
        provider = self._provider(inputs)
        checked = provider.check({}, inputs)
        if checked.failures:
            reasons = [f"{one.property} {one.reason}" for one in checked.failures]
            raise DeclarationError(f"{args.name}: {'; '.join(reasons)}")
        created = provider.create(checked.inputs)
        self._test.outputs[args.name] = created.outs or {}
        return created.id, {**checked.inputs, **(created.outs or {})}

    def call(self, args: pulumi.runtime.MockCallArgs) -> Any:  # noqa: ARG002 - the SDK's signature
        return {}

    def _provider(self, inputs: Mapping[str, Any]) -> ResourceProvider:
        provider: ResourceProvider = dill.loads(base64.b64decode(inputs["__provider"]))  # noqa: S301 - of this process
        provider.configure(self._configured)
        return provider


def _run(program: Path | str | Callable[[], object]) -> None:
    if callable(program):
        program()
    else:
        runpy.run_path(str(program), run_name="__main__")


def _plain(value: Any) -> Any:
    """Opens secrets, as the engine does for a provider that does not ask for them."""
    opened = rpc.unwrap_rpc_secret(value)
    if isinstance(opened, dict):
        return {key: _plain(item) for key, item in opened.items()}
    if isinstance(opened, list):
        return [_plain(item) for item in opened]
    return opened


def _launch(made: Mapping[str, Any]) -> Launch:
    sent: Mapping[str, str] = made["parameters"]
    if "DefaultRunProperties" in sent:
        return _launch_of_2024(made, sent)
    return Launch(
        name=made["name"],
        project_env=made["projectEnv"],
        root_node_id=sent["RootNodeId"],
        include_node_ids=_ids(sent.get("IncludeNodeIds")),
        exclude_node_ids=_ids(sent.get("ExcludeNodeIds")),
        start_biz_date=sent["StartBizDate"].partition(" ")[0],
        end_biz_date=sent["EndBizDate"].partition(" ")[0],
        dag_ids=[str(one) for one in made["dagIds"]],
        parameters=sent,
    )


def _launch_of_2024(made: Mapping[str, Any], sent: Mapping[str, str]) -> Launch:
    run = json.loads(sent["DefaultRunProperties"])
    ranges = json.loads(sent["Periods"])["BizDates"]
    included = [str(one) for one in run.get("IncludeTaskIds", ())]
    return Launch(
        name=made["name"],
        project_env=made["projectEnv"],
        root_node_id=str((run.get("RootTaskIds") or included)[0]),
        include_node_ids=included,
        exclude_node_ids=[str(one) for one in run.get("ExcludeTaskIds", ())],
        start_biz_date=ranges[0]["StartBizDate"],
        end_biz_date=ranges[-1]["EndBizDate"],
        dag_ids=[str(one) for one in made["dagIds"]],
        parameters=sent,
    )


def _ids(text: str | None) -> list[str]:
    return text.split(",") if text else []
