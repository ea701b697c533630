"""A stack with one backfill, updated by the providers themselves, each time in a new process.

Time is the test's own: nobody waits for a back-off or a settle window.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi_dataworks._exceptions import DataWorksError
from pulumi_dataworks._launch.process import Process, World
from pulumi_dataworks._run import Run
from pulumi_dataworks.providers import BackfillProvider, LaunchTokenProvider

NODE = 74324
KEYS = {
    "ALIBABA_CLOUD_ACCESS_KEY_ID": "testid",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "testsecret",
    "ALIBABA_CLOUD_REGION_ID": "cn-shanghai",
}
ORDERS = {
    "projectEnv": "PROD",
    "rootNodeId": str(NODE),
    "includeNodeIds": [str(NODE)],
    "startBizDate": "2026-05-01",
    "endBizDate": "2026-05-02",
    "namePrefix": "orders",
}
Props = dict[str, Any]


@dataclass
class Stack:
    """What Pulumi's state has, and what ``waited`` for: the seconds of every pause."""

    endpoint: str
    config: Mapping[str, str] = field(default_factory=dict)
    waited: list[float] = field(default_factory=list)
    token: tuple[str, Props] | None = None
    backfill: tuple[str, Props] | None = None

    def up(self, declared: Props = ORDERS, *, killed: bool = False) -> str:
        """Updates; gives the error that the user reads, or an empty text.

        :param killed: whether the provider dies before its answer reaches the state.
        """
        run = self._run()
        try:
            generations = self._update_token(run, declared)
            made = self._update_backfill(run, {**declared, "launch": generations})
        except DataWorksError as error:
            return str(error)
        if not killed:
            self.backfill = made
        return ""

    def refresh(self) -> str:
        """Reads; gives the error that the user reads, or an empty text."""
        assert self.backfill is not None
        id_, outputs = self.backfill
        try:
            read = _provider(BackfillProvider(), self._run()).read(id_, outputs)
        except DataWorksError as error:
            return str(error)
        self.backfill = (id_, read.outs)
        return ""

    def destroy(self) -> str:
        """Deletes; gives the error that the user reads, or an empty text."""
        run = self._run()
        try:
            if self.backfill is not None:
                _provider(BackfillProvider(), run).delete(*self.backfill)
                self.backfill = None
            if self.token is not None:
                _provider(LaunchTokenProvider(), run).delete(*self.token)
                self.token = None
        except DataWorksError as error:
            return str(error)
        return ""

    @property
    def outputs(self) -> Props:
        assert self.backfill is not None
        return self.backfill[1]

    @property
    def ids(self) -> list[str]:
        return list(self.outputs["nodeIds"])

    @property
    def launch_name(self) -> str:
        assert self.token is not None
        name: str = self.token[1]["generations"][-1]["launchName"]
        return name

    def _update_token(self, run: Run, declared: Props) -> Any:
        provider = _provider(LaunchTokenProvider(), run)
        checked = provider.check(self.token[1] if self.token else {}, dict(declared))
        assert checked.failures == []
        if self.token is None:
            made = provider.create(checked.inputs)
            self.token = (made.id, made.outs)
        else:
            id_, outputs = self.token
            self.token = (id_, provider.update(id_, outputs, checked.inputs).outs)
        return self.token[1]["generations"]

    def _update_backfill(self, run: Run, declared: Props) -> tuple[str, Props]:
        provider = _provider(BackfillProvider(), run)
        id_, outputs = self.backfill or ("", {})
        inputs = _inputs(provider, outputs, declared)
        if self.backfill is not None and not provider.diff(id_, outputs, inputs).replaces:
            return id_, provider.update(id_, outputs, inputs).outs
        made = provider.create(_inputs(provider, {}, declared))
        return made.id, made.outs

    def _run(self) -> Run:
        clock = _Clock(self.waited)
        world = World(monotonic=lambda: clock.seconds, sleep=clock.sleep, jitter=lambda: 0.5)
        config = {"dataworks:endpoint": self.endpoint, **self.config}
        return Run(config, KEYS, Process(world))


class _Clock:
    def __init__(self, waited: list[float]) -> None:
        self.seconds = 0.0
        self._waited = waited

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        self._waited.append(seconds)


def _provider(provider: Any, run: Run) -> Any:
    provider._run = run
    return provider


def _inputs(provider: Any, olds: Props, declared: Props) -> Props:
    checked = provider.check(olds, declared)
    assert checked.failures == []
    inputs: Props = checked.inputs
    return inputs
