"""Version 2024-05-18: a launch is parked, then started. Whatever is killed, one run is started."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from dataworks_emulator import Emulator
from pulumi_dataworks import _engine
from pulumi_dataworks._api import v2024_instances
from pulumi_dataworks._api.client import Client, Reply
from pulumi_dataworks._exceptions import LaunchNotSent, Refused, ReplyLost

from tests.provider.lifecycle._stacks import ORDERS, Stack

NEW = {"dataworks:apiVersion": "2024-05-18"}
THREE_DATES = {**ORDERS, "endBizDate": "2026-05-03"}
CREATE, START = "CreateWorkflowInstances", "StartWorkflowInstances"
#: Calls of an undisturbed launch: the workspace of a task, then the two phases.
CALLS = ["GetTask", CREATE, "GetCreateWorkflowInstancesResult", START]


class Killed(BaseException):
    """The process is gone: nobody handles this."""


@pytest.fixture
def stack(emulator: Emulator) -> Stack:
    emulator.admin.set_switches({"edition": "Basic"})
    return Stack(emulator.url, {**NEW, "dataworks:preflight": "off"})


def started(emulator: Emulator) -> list[list[str]]:
    """The IDs of each launch that was started."""
    return [
        [str(one) for one in made["dagIds"]] for made in emulator.launches() if not made["parked"]
    ]


def calls(emulator: Emulator) -> list[str]:
    return [request["action"] for request in emulator.requests()]


def disturb(
    monkeypatch: pytest.MonkeyPatch, action: str, do: Callable[[Callable[[], Reply]], Reply]
) -> None:
    """Has the first call of an operation go another way; all others as usual."""
    whole, waits = Client.call, True

    def call(self: Client, operation: str, *arguments: Any) -> Reply:
        nonlocal waits
        if operation != action or not waits:
            return whole(self, operation, *arguments)
        waits = False
        return do(lambda: whole(self, operation, *arguments))

    monkeypatch.setattr(Client, "call", call)


def killed_before(call: Callable[[], Reply]) -> Reply:
    raise Killed


def killed_after(call: Callable[[], Reply]) -> Reply:
    call()
    raise Killed


def lost_before(call: Callable[[], Reply]) -> Reply:
    raise ReplyLost("dropped on the way")


def lost_after(call: Callable[[], Reply]) -> Reply:
    call()
    raise ReplyLost("dropped on the way back")


def test_a_launch_is_four_calls_and_is_the_one_that_the_state_has(
    emulator: Emulator, stack: Stack
) -> None:
    assert stack.up(THREE_DATES) == ""
    assert calls(emulator) == CALLS
    assert started(emulator) == [stack.ids]
    assert len(stack.ids) == 3
    assert stack.up(THREE_DATES) == ""
    assert calls(emulator) == CALLS


@pytest.mark.parametrize("visible", ["at once", "late"])
@pytest.mark.parametrize("disturbance", [killed_before, killed_after, lost_before, lost_after])
@pytest.mark.parametrize("action", CALLS)
def test_killed_or_lost_at_every_point_one_run_is_started(
    emulator: Emulator,
    stack: Stack,
    monkeypatch: pytest.MonkeyPatch,
    action: str,
    disturbance: Callable[[Callable[[], Reply]], Reply],
    visible: str,
) -> None:
    if visible == "late":
        emulator.admin.set_switches({"visibility_delay": "release"})
    with monkeypatch.context() as patch:
        disturb(patch, action, disturbance)
        try:
            stack.up(THREE_DATES)
        except Killed:
            assert stack.backfill is None
    assert len(started(emulator)) <= 1
    emulator.admin.reveal()

    assert stack.up(THREE_DATES) == ""

    assert started(emulator) == [stack.ids]
    assert len(emulator.launches()) == 1
    assert stack.up(THREE_DATES) == ""
    assert started(emulator) == [stack.ids]


@pytest.mark.parametrize("action", [*CALLS, "none"])
def test_a_backfill_that_is_killed_before_it_is_recorded_is_taken_over(
    emulator: Emulator, stack: Stack, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    with monkeypatch.context() as patch:
        disturb(patch, action, lost_after)
        stack.up(THREE_DATES, killed=True)

    assert stack.up(THREE_DATES) == ""

    assert started(emulator) == [stack.ids]


def test_a_copy_that_shows_too_late_stays_parked(
    emulator: Emulator, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator.admin.set_switches({"visibility_delay": "release"})
    with monkeypatch.context() as patch:
        disturb(patch, CREATE, killed_after)
        with pytest.raises(Killed):
            stack.up(THREE_DATES)

    # For a whole settle window it is not to be seen: another one is created, and started.
    assert stack.up(THREE_DATES) == ""

    late, launched = emulator.launches()
    emulator.admin.reveal()
    assert (late["parked"], launched["parked"]) == (True, False)
    assert started(emulator) == [stack.ids]
    assert stack.up(THREE_DATES) == ""
    assert len(started(emulator)) == 1


def test_of_two_copies_the_first_is_started_and_the_other_one_stopped(
    emulator: Emulator, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator.admin.set_switches({"visibility_delay": "release"})
    for action, disturbance in ((CREATE, killed_after), (START, killed_before)):
        with monkeypatch.context() as patch:
            disturb(patch, action, disturbance)
            with pytest.raises(Killed):
                stack.up(THREE_DATES)
    emulator.admin.reveal()

    assert stack.up(THREE_DATES) == ""

    first, second = emulator.launches()
    assert stack.ids == [str(one) for one in first["dagIds"]]
    assert (first["parked"], second["parked"]) == (False, True)
    assert calls(emulator)[-1] == "StopWorkflowInstances"


def test_an_engine_that_is_gone_while_the_copy_is_created_starts_nothing(
    emulator: Emulator, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0

    def gone_at_the_second_question() -> None:
        nonlocal asked
        asked += 1
        if asked == 2:
            raise LaunchNotSent("the engine is gone; nothing was sent")

    with monkeypatch.context() as patch:
        patch.setattr(_engine, "assert_launch_is_wanted", gone_at_the_second_question)
        assert "the engine is gone" in stack.up(THREE_DATES)
    assert START not in calls(emulator)

    assert stack.up(THREE_DATES) == ""
    assert started(emulator) == [stack.ids]
    assert calls(emulator).count(CREATE) == 1


class _Stepping(list[float]):
    """Moves the emulator's clock by every pause."""

    def __init__(self, emulator: Emulator) -> None:
        super().__init__()
        self._emulator = emulator

    def append(self, seconds: float) -> None:
        self._emulator.admin.set_clock(step=seconds)
        super().append(seconds)


def test_a_creation_that_takes_long_is_waited_for(emulator: Emulator, stack: Stack) -> None:
    emulator.admin.set_clock(scale=0)
    emulator.admin.set_switches({"creation_delay": 60})
    stack.waited = _Stepping(emulator)
    assert stack.up(THREE_DATES) == ""
    assert 60 <= sum(stack.waited) < 70
    assert started(emulator) == [stack.ids]


def test_nodes_that_do_not_exist_are_refused_and_nothing_is_launched(
    emulator: Emulator, stack: Stack
) -> None:
    told = stack.up({**THREE_DATES, "includeNodeIds": ["74324", "99999"]})
    assert told == (
        "CreateWorkflowInstances: CreateFailure: node 99999 does not exist in PROD (HTTP 200, "
        f"RequestId {_request_id(emulator, CREATE)}). Nothing was launched"
    )
    assert emulator.launches() == []


def _request_id(emulator: Emulator, action: str) -> str:
    found: str = next(one["requestId"] for one in emulator.requests() if one["action"] == action)
    return found


def refuse(monkeypatch: pytest.MonkeyPatch, action: str, is_refused: Callable[[int], bool]) -> None:
    """Has calls of an operation refused; ``is_refused`` is told which of them it is, from 1."""
    whole, count = Client.call, 0

    def call(self: Client, operation: str, *arguments: Any) -> Reply:
        nonlocal count
        if operation == action:
            count += 1
            if is_refused(count):
                raise Refused(action, "Forbidden.RAM", "no permission", 403, "R-1")
        return whole(self, operation, *arguments)

    monkeypatch.setattr(Client, "call", call)


def test_who_may_not_read_the_result_of_a_creation_finds_the_copy_by_its_name(
    emulator: Emulator, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(monkeypatch, "GetCreateWorkflowInstancesResult", lambda _: True)
    assert stack.up(THREE_DATES) == ""
    assert started(emulator) == [stack.ids]
    assert calls(emulator).count(CREATE) == 1


def test_who_may_not_start_is_told_so_and_what_was_created_is_started_once_one_may(
    emulator: Emulator, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        refuse(patch, START, lambda _: True)
        told = stack.up(THREE_DATES)
    assert told.startswith("StartWorkflowInstances: Forbidden.RAM: no permission")
    assert "Nothing was launched" in told
    assert started(emulator) == []
    assert stack.up(THREE_DATES) == ""
    assert started(emulator) == [stack.ids]
    assert calls(emulator).count(CREATE) == 1


def test_where_a_later_part_is_not_started_what_runs_is_recorded_and_the_rest_is_told(
    emulator: Emulator,
    stack: Stack,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    warnings: list[str] = []
    monkeypatch.setattr(_engine, "warn", warnings.append)
    monkeypatch.setattr(v2024_instances, "_MOST_IDS", 2)
    refuse(monkeypatch, START, lambda number: number == 2)
    assert stack.up(THREE_DATES) == ""
    assert len(stack.ids) == 3
    (told,) = [one for one in warnings if "did not start" in one]
    assert told.startswith(f"DataWorks did not start {stack.ids[2]} (")
    assert "no permission" in told


def test_a_process_that_dies_between_two_parts_leaves_dates_that_the_next_one_tells_of(
    emulator: Emulator, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    warnings: list[str] = []
    monkeypatch.setattr(_engine, "warn", warnings.append)
    monkeypatch.setattr(v2024_instances, "_MOST_IDS", 2)
    with monkeypatch.context() as patch:
        disturb(patch, START, killed_after)
        with pytest.raises(Killed):
            stack.up(THREE_DATES)
    assert stack.up(THREE_DATES) == ""
    assert len(stack.ids) == 3
    assert calls(emulator).count(CREATE) == 1
    (told,) = [one for one in warnings if "may not have been started" in one]
    assert f"1 date of it, from {stack.ids[2]} on" in told


def test_a_parked_copy_of_what_is_declared_no_more_is_never_started(
    emulator: Emulator,
    stack: Stack,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with monkeypatch.context() as patch:
        disturb(patch, START, killed_before)
        with pytest.raises(Killed):
            stack.up(THREE_DATES)

    assert stack.up({**THREE_DATES, "endBizDate": "2026-05-04"}) == ""

    parked, launched = emulator.launches()
    assert (parked["parked"], launched["parked"]) == (True, False)
    assert started(emulator) == [stack.ids]
    assert "was prepared and never started" in capfd.readouterr().err


def test_a_given_name_may_be_that_of_another_copy_so_that_none_is_started(
    emulator: Emulator, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = {key: value for key, value in THREE_DATES.items() if key != "namePrefix"}
    first = {**named, "name": "orders"}
    with monkeypatch.context() as patch:
        disturb(patch, START, killed_before)
        with pytest.raises(Killed):
            stack.up(first)

    assert stack.up({**first, "endBizDate": "2026-05-04"}) == ""

    assert started(emulator) == [stack.ids]
    assert len(stack.ids) == 4
