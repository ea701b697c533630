"""Crashes in the middle of a launch: whatever dies, the next update finds what was launched."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
from collections.abc import Callable

import pytest
from pulumi_dataworks._declaration.versions import V2020, V2024, VERSIONS

from tests.engine._backfills import (
    LAUNCHES,
    NODES,
    PATIENT,
    assert_each_was_launched_once,
    backfill,
    declare,
    ids_by_launch_name,
)
from tests.engine._harness import Engine, Running

# The hooks of this program stand where no fault of the API can: between the token that is saved
# and the launch, and between the provider's answer and the state. The engine saves nothing else
# while it runs an after-hook, so that one comes last.
PROGRAM = """
    import asyncio, pathlib
    import pulumi
    import pulumi_dataworks as dataworks

    def while_there_is(file):
        async def stand_still(args):
            pathlib.Path(f"{args.name}-at-{file}").touch()
            while pathlib.Path(file).exists():
                await asyncio.sleep(0.05)
        return pulumi.ResourceHook(file, stand_still)

    held, last = while_there_is("hold"), while_there_is("hold-the-last")
    hooks = {
        "token-saved": pulumi.ResourceHookBinding(before_create=[held]),
        "answered": pulumi.ResourceHookBinding(before_create=[last], after_create=[held]),
    }
    declared = dataworks.read_backfills(pulumi.Config().get_object("backfills"))
    backfills = {
        name: dataworks.Backfill(name, inputs, pulumi.ResourceOptions(hooks=hooks.get(name)))
        for name, inputs in declared.items()
    }
    pulumi.export("node_ids", {name: one.node_ids for name, one in backfills.items()})
    pulumi.export("launch_names", {name: one.launch_name for name, one in backfills.items()})
    """

# Where each backfill of the program stands when the crash comes.
STAGES = {
    "token-saved": NODES[0],
    "committed": NODES[1],
    "replied": NODES[2],
    "answered": NODES[3],
    "backing-off": NODES[4],
}


# Where a launch asks about what was launched, once the API has replied. With version 2020-05-18 it
# asks for IDs that the reply lacks; with 2024-05-18 for what was created, and no other asks yet.
ASKING: dict[str, list[dict[str, object]]] = {
    V2020: [
        {
            "operation": "RunCycleDagNodes",
            "match": {"Name": "replied_"},
            "fault": "data",
            "shape": "missing",
        },
        {
            "operation": "ListInstances",
            "match": {"NodeId": str(STAGES["replied"])},
            "fault": "hold_before_commit",
        },
    ],
    V2024: [{"operation": "GetCreateWorkflowInstancesResult", "fault": "hold_before_commit"}],
}

# What runs, though the state does not have it yet. With version 2024-05-18 it is parked still.
RUN: dict[str, set[str]] = {V2020: {"committed", "replied"}, V2024: set()}


def at_every_stage(engine: Engine, api_version: str, back_off: float = 60.0) -> Running:
    """Gives an update that stands still at every stage of a launch at once.

    :param back_off: seconds that the API asks for.
    """
    engine.program(PROGRAM)
    hold, hold_the_last = engine.folder / "hold", engine.folder / "hold-the-last"
    hold.touch()
    hold_the_last.touch()
    declare(engine, {name: backfill(node) for name, node in STAGES.items()}, **PATIENT)
    for rule in (
        launching("committed", "hold_after_commit", api_version),
        launching("backing_off", "throttle", api_version, retryAfter=round(back_off * 1000)),
        *ASKING[api_version],
    ):
        engine.emulator.admin.add_fault(rule)
    running = engine.start("--skip-preview")
    running.wait_for((engine.folder / "token-saved-at-hold").exists)
    running.wait_for("Throttling.User")
    running.wait_for(lambda: len(engine.emulator.admin.holds()) == 2)
    hold_the_last.unlink()
    running.wait_for((engine.folder / "answered-at-hold").exists)
    return running


def launching(name: str, fault: str, version: str, **rule: object) -> dict[str, object]:
    """Gives a rule for the launch of one backfill."""
    match = {"Name": f"{name}_"}
    return {"operation": LAUNCHES[version], "match": match, "fault": fault, **rule}


def end_of_hold(engine: Engine) -> None:
    (engine.folder / "hold").unlink()
    engine.emulator.admin.release()


@pytest.mark.parametrize("api_version", VERSIONS)
@pytest.mark.parametrize("kill", [Running.kill, Running.kill_plugin, Running.kill_all])
def test_kill_9(engine: Engine, kill: Callable[[Running], None], api_version: str) -> None:
    running = at_every_stage(engine, api_version)
    kill(running)
    end_of_hold(engine)
    if kill is Running.kill_plugin:
        running.wait().failed()
    else:
        engine.cancel().succeeded()

    again = engine.up("--skip-preview").succeeded().text

    taken_over = re.findall(r"(\w+)_\w+ was launched before, and is taken over", again)
    assert RUN[api_version] <= set(taken_over) <= RUN[api_version] | {"answered"}
    assert not any(launch["parked"] for launch in engine.launches())
    assert_each_was_launched_once(engine, STAGES)


@pytest.mark.parametrize("api_version", [V2024])
@pytest.mark.parametrize(
    ("operation", "side"),
    [
        ("CreateWorkflowInstances", "after"),
        ("GetCreateWorkflowInstancesResult", "before"),
        ("GetCreateWorkflowInstancesResult", "after"),
        ("StartWorkflowInstances", "before"),
        ("StartWorkflowInstances", "after"),
    ],
)
def test_kill_9_between_the_two_phases(engine: Engine, operation: str, side: str) -> None:
    """What is created is parked; whatever is killed, it is found, and started once."""
    declare(engine, {"orders": backfill()}, **PATIENT)
    hold = {"operation": operation, "fault": f"hold_{side}_commit"}
    engine.emulator.admin.add_fault(hold)
    running = engine.start("--skip-preview")
    running.wait_for(lambda: len(engine.emulator.admin.holds()) == 1)
    running.kill_all()
    engine.emulator.admin.release()
    engine.cancel().succeeded()

    engine.up("--skip-preview").succeeded()

    [launch] = engine.launches()
    assert not launch["parked"]
    assert_each_was_launched_once(engine, ["orders"])


@pytest.mark.parametrize("api_version", VERSIONS)
def test_interrupted_once_what_is_under_way_is_finished_and_recorded(
    engine: Engine, api_version: str
) -> None:
    running = at_every_stage(engine, api_version, back_off=1)
    running.interrupt()
    running.wait_for("^C received")
    end_of_hold(engine)
    assert "update canceled" in running.wait().failed().text

    assert "11 unchanged" in engine.up("--skip-preview").succeeded().text
    assert_each_was_launched_once(engine, STAGES)


@pytest.mark.parametrize("api_version", VERSIONS)
def test_interrupted_twice(engine: Engine, api_version: str) -> None:
    running = at_every_stage(engine, api_version, back_off=1)
    running.interrupt()
    running.wait_for("^C received")
    running.interrupt()
    assert "update cancelled" in running.wait().failed().text
    end_of_hold(engine)

    engine.up("--skip-preview").succeeded()
    assert_each_was_launched_once(engine, STAGES)


@pytest.mark.parametrize("api_version", VERSIONS)
def test_an_orphaned_provider_sends_nothing_beside_the_next_update(
    engine: Engine, api_version: str
) -> None:
    declare(engine, {"orders": backfill()})
    engine.emulator.admin.add_fault(launching("orders", "throttle", api_version, retryAfter=5000))
    running = engine.start("--skip-preview")
    running.wait_for("another try in")
    orphan = OrphanedProvider(running)

    engine.cancel().succeeded()
    engine.up("--skip-preview").succeeded()
    orphan.wakes_up()

    assert engine.preview_json().unchanged
    assert_each_was_launched_once(engine, ["orders"])


class OrphanedProvider:
    """The provider of an update whose engine is killed in a back-off. It sleeps on meanwhile."""

    def __init__(self, running: Running) -> None:
        running.kill()
        (self._process,) = (p for p in running.processes() if "pulumi.dynamic" in p.command)
        for other in running.processes():
            # Not before the kill: a stopped process that is orphaned gets a SIGHUP. Others may be
            # ending by themselves.
            with contextlib.suppress(ProcessLookupError):
                os.kill(other.pid, signal.SIGSTOP if other == self._process else signal.SIGKILL)

    def wakes_up(self) -> None:
        """Returns when it has asked for its engine. Another process answers at that address."""
        address = self._process.command.split()[-1]
        with socket.create_server(("127.0.0.1", int(address.rpartition(":")[2]))) as listener:
            listener.settimeout(60)
            os.kill(self._process.pid, signal.SIGCONT)
            listener.accept()[0].close()


#: The calls in which the backfill ``lost`` is looked for.
LOOKING_FOR_LOST: dict[str, dict[str, object]] = {
    V2020: {"operation": "ListInstances", "match": {"NodeId": str(NODES[0])}},
    V2024: {"operation": "ListWorkflowInstances", "match": {"Name": "lost_"}},
}


@pytest.mark.parametrize("api_version", VERSIONS)
def test_an_error_hook_that_has_create_called_again(engine: Engine, api_version: str) -> None:
    """The second call of create comes in the same process, which has minted the token."""
    engine.program(
        PROGRAM.replace(
            "hooks = {",
            """again = pulumi.ErrorHook("again", lambda args: len(args.errors) < 4)
    hooks = {
        "lost": pulumi.ResourceHookBinding(on_error=[again]),
        "refused": pulumi.ResourceHookBinding(on_error=[again]),""",
        )
    )
    declare(engine, {"lost": backfill(NODES[0]), "refused": backfill(NODES[1])})
    add = engine.emulator.admin.add_fault
    add(launching("lost", "drop_after_commit", api_version))
    # Long enough for the first call of create to give up: until then the launch can't be found.
    add({**LOOKING_FOR_LOST[api_version], "fault": "json_503", "times": 3})
    upgraded = "The workspace is being upgraded"
    add(launching("refused", "business_error", api_version, message=upgraded))

    text = engine.up("--skip-preview").succeeded().text

    assert text.count("    warning: retrying create due to on-error hook request") == 3
    assert_each_was_launched_once(engine, ["lost", "refused"])


FAULTS: dict[str, dict[str, object]] = {
    "lost": {"fault": "drop_after_commit"},
    "unsent": {"fault": "drop_before_commit"},
    "page": {"fault": "html_502_after_commit"},
    "sick": {"fault": "json_500_after_commit"},
    "cut": {"fault": "truncate"},
    "busy": {"fault": "throttle", "retryAfter": 300},
    "slow": {"fault": "stall_after_commit", "seconds": 60},
    "odd": {"fault": "data", "shape": "absurd"},
}


@pytest.mark.parametrize("api_version", VERSIONS)
def test_many_at_once_with_a_fault_each(engine: Engine, api_version: str) -> None:
    backfills = {name: backfill(node) for name, node in zip(FAULTS, NODES, strict=True)}
    declare(engine, backfills, **{"dataworks:readTimeout": "3s"})
    for name, rule in FAULTS.items():
        engine.emulator.admin.add_fault({**launching(name, "", api_version), **rule})

    first = engine.up("--skip-preview").failed().text
    assert set(re.findall(r"error: the backfill (\w+)_\w+ may have been launched", first)) == {
        "unsent"
    }
    assert len(ids_by_launch_name(engine)) == len(FAULTS) - 1

    assert "16 unchanged" in engine.up("--skip-preview").succeeded().text
    assert_each_was_launched_once(engine, FAULTS)
