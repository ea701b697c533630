"""Large worlds: the real providers, the real client, the real emulator; any commands, any faults.

Hypothesis looks for a sequence that breaks a rule, and shrinks it to its shortest.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from dataworks_emulator import Emulator
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)
from pulumi_dataworks._declaration.versions import VERSIONS

from tests.provider.launch._emulated import FAULTS, KILLS, Machine
from tests.provider.launch._pulumi import Stack

DECLARATIONS: dict[str, dict[str, Any]] = {
    "May": {"startBizDate": "2026-05-01", "endBizDate": "2026-05-02"},
    "June": {"startBizDate": "2026-06-01", "endBizDate": "2026-06-01"},
    "two nodes": {
        "startBizDate": "2026-05-01",
        "endBizDate": "2026-05-02",
        "includeNodeIds": ["74324", "74325"],
    },
    "May again": {
        "startBizDate": "2026-05-01",
        "endBizDate": "2026-05-02",
        "triggers": ["again"],
    },
}
#: Of each send of a launch, in turn; the calls after these go well.
faults = st.lists(st.sampled_from([*FAULTS, *KILLS]), max_size=3)


class Worlds(RuleBasedStateMachine):
    """A user who declares, changes and destroys one backfill, while things go wrong."""

    emulator: Emulator
    api_version: str

    def __init__(self) -> None:
        super().__init__()
        self.emulator.reset()
        self.emulator.admin.set_switches({"visibilityDelay": 50})
        self.faults: list[str] = []
        self.deaths: list[bool] = []
        self.machine = Machine(self.emulator, self.next_fault, api_version=self.api_version)
        self.machine.dies = lambda: bool(self.deaths) and self.deaths.pop(0)
        self.stack = Stack(self.machine)
        self.declared = ""
        self.changes = 0

    def next_fault(self) -> str | None:
        return self.faults.pop(0) if self.faults else None

    @rule(which=st.sampled_from(sorted(DECLARATIONS)), sends=faults, saves=st.integers(0, 8))
    def up(self, which: str, sends: Sequence[str], saves: int) -> None:
        """Runs `up`; its engine dies at one of the saves, if it gets that far."""
        self.changes += which != self.declared
        self.declared = which
        self.faults = list(sends)
        self.deaths = [number == saves for number in range(1, 9)]
        self.stack.up(declaration(which))

    @rule(saves=st.integers(0, 4))
    def destroy(self, saves: int) -> None:
        self.declared = ""
        self.deaths = [number == saves for number in range(1, 5)]
        self.stack.destroy()

    @rule(seconds=st.sampled_from([1, 30, 1000]))
    def wait(self, seconds: int) -> None:
        self.machine.sleep(seconds)

    @rule()
    def up_in_peace(self) -> None:
        """Runs `up` until it succeeds; then what is declared runs, once."""
        if not self.declared:
            return
        self.faults, self.deaths = [], []
        for _ in range(3):
            if self.stack.up(declaration(self.declared)):
                break
        else:
            raise AssertionError(self.machine.told[-1])
        before = len(self.emulator.launches())
        assert self.stack.up(declaration(self.declared))
        assert len(self.emulator.launches()) == before
        self.machine.sleep(60)
        self.stack.refresh()  # completes what came without IDs
        assert self.stack.backfill is not None
        ids = self.stack.backfill.outputs["nodeIds"]
        (runs,) = [one for one in self.emulator.launches() if ids_of(one) == ids]
        wanted = DECLARATIONS[self.declared]
        assert what_ran(runs) == (wanted["startBizDate"], wanted.get("includeNodeIds", ["74324"]))
        assert not runs["parked"]

    @invariant()
    def no_generation_is_launched_twice(self) -> None:
        names = [launch["name"] for launch in self.emulator.launches()]
        assert len(names) == len(set(names))

    @invariant()
    def no_more_launches_than_changes(self) -> None:
        assert len(self.emulator.launches()) <= self.changes

    def teardown(self) -> None:
        """In the end, all that was launched is in the state, or the user was told of it."""
        self.up_in_peace()
        if not self.declared:
            self.deaths = []
            assert self.stack.destroy()
        for launch in self.emulator.launches():
            known = set(ids_of(launch)) <= self.machine.recorded
            told = [
                f"DAGs {', '.join(ids_of(launch))}",
                f"{launch['name']} was launched (RequestId",
            ]
            heard = any(words in text for text in self.machine.told for words in told)
            assert known or heard, f"nobody knows of {launch}"


def declaration(which: str) -> dict[str, Any]:
    base = {
        "projectEnv": "PROD",
        "rootNodeId": "74324",
        "namePrefix": "large",
        "triggers": ["once"],
    }
    return {**base, **DECLARATIONS[which]}


def ids_of(launch: dict[str, Any]) -> list[str]:
    return [str(one) for one in launch["dagIds"]]


def what_ran(launch: dict[str, Any]) -> tuple[str, list[str]]:
    """Gives the first business date and the nodes that were sent, with whichever version."""
    sent = launch["parameters"]
    if "StartBizDate" in sent:
        return sent["StartBizDate"].removesuffix(" 00:00:00"), sent["IncludeNodeIds"].split(",")
    tasks = json.loads(sent["DefaultRunProperties"])["IncludeTaskIds"]
    first = json.loads(sent["Periods"])["BizDates"][0]
    return first["StartBizDate"], [str(one) for one in tasks]


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.mark.parametrize("api_version", VERSIONS)
def test_whatever_happens(emulator: Emulator, api_version: str) -> None:
    Worlds.emulator, Worlds.api_version = emulator, api_version
    run_state_machine_as_test(
        Worlds,
        settings=settings(
            max_examples=10,
            stateful_step_count=8,
            deadline=None,
            phases=(Phase.generate,),
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
