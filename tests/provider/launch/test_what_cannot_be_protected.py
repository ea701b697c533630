"""What no provider can protect a launch from: each is documented as what it is."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from dataworks_emulator import Emulator

from tests.provider.launch._emulated import Machine
from tests.provider.launch._pulumi import Stack

MAY: dict[str, Any] = {
    "projectEnv": "PROD",
    "rootNodeId": "74324",
    "startBizDate": "2026-05-01",
    "endBizDate": "2026-05-01",
    "namePrefix": "orders",
}
JUNE = {**MAY, "startBizDate": "2026-06-01", "endBizDate": "2026-06-01"}


@pytest.fixture
def machine(emulator: Emulator) -> Machine:
    return Machine(emulator, lambda: None)


def copied(stack: Stack) -> Stack:
    return Stack(stack.host, deepcopy(stack.token), deepcopy(stack.backfill))


def test_a_backup_of_the_state_that_is_restored(emulator: Emulator, machine: Machine) -> None:
    """What was launched since the backup is launched again."""
    stack = Stack(machine)
    assert stack.up(MAY)
    backup = copied(stack)
    assert stack.up(JUNE)
    assert backup.up(MAY)
    assert len(emulator.launches()) == 2

    assert backup.up(JUNE)

    assert len(emulator.launches()) == 3


def test_a_copied_stack(emulator: Emulator, machine: Machine) -> None:
    """A copy launches nothing by itself; what is changed in both runs twice."""
    stack = Stack(machine)
    assert stack.up(MAY)
    copy = copied(stack)
    assert copy.up(MAY)
    assert len(emulator.launches()) == 1

    assert stack.up(JUNE)
    assert copy.up(JUNE)

    assert len(emulator.launches()) == 3


def test_a_purge_before_the_next_up(emulator: Emulator, machine: Machine) -> None:
    """A killed launch whose history is gone early can't be told from one that was never made."""
    machine.next_fault = lambda: "killed after"
    stack = Stack(machine)
    assert not stack.up(MAY)
    emulator.admin.purge()

    machine.next_fault = lambda: None
    assert stack.up(MAY)

    assert len(emulator.launches()) == 2


def test_a_purge_after_a_month_is_told_from_absence(emulator: Emulator, machine: Machine) -> None:
    machine.next_fault = lambda: "killed after"
    stack = Stack(machine)
    assert not stack.up(MAY)
    emulator.admin.purge()

    machine.sleep(31 * 24 * 3600)
    machine.next_fault = lambda: None
    assert not stack.up(MAY)

    assert len(emulator.launches()) == 1
    assert "`pulumi up --replace` with the URN of its launch token" in machine.told[-1]


def test_the_same_name_twice_within_a_quarter_of_an_hour(
    emulator: Emulator, machine: Machine
) -> None:
    """After a destroy, a killed launch of a given name is taken for the destroyed one."""
    named = {key: value for key, value in MAY.items() if key != "namePrefix"} | {"name": "orders"}
    stack = Stack(machine)
    assert stack.up(named)
    assert stack.destroy()
    machine.next_fault = lambda: "killed before"
    assert not stack.up(named)

    machine.next_fault = lambda: None
    assert stack.up(named)

    assert len(emulator.launches()) == 1


def test_a_launch_that_shows_after_the_settle_window(emulator: Emulator, machine: Machine) -> None:
    """A launch that shows later than the settle window counts as absent."""
    emulator.admin.set_switches({"visibilityDelay": 90})
    machine.next_fault = lambda: "killed after"
    stack = Stack(machine)
    assert not stack.up(MAY)

    machine.next_fault = lambda: None
    assert stack.up(MAY)

    assert len(emulator.launches()) == 2
