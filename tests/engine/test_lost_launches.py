"""Launches that were killed are not forgotten, when what was declared is changed or gone."""

from __future__ import annotations

import re

import pytest
from pulumi_dataworks._declaration.versions import V2020, V2024, VERSIONS

from tests.emulator._callers import Sdk
from tests.engine._backfills import (
    NODES,
    PATIENT,
    assert_each_was_launched_once,
    backfill,
    declare,
    ids_by_launch_name,
)
from tests.engine._harness import Engine

LEAVE, STOP = backfill(NODES[0]), backfill(NODES[1], onDestroy="stop")
OTHER_DATE = {"startBizDate": "2026-05-02"}
#: The operation after which a launch runs, by version of the API.
STARTS = {V2020: "RunCycleDagNodes", V2024: "StartWorkflowInstances"}


def kill_in(engine: Engine, operation: str, backfills: dict[str, dict[str, object]]) -> None:
    """Leaves launches of which the state has no more than the token."""
    engine.emulator.admin.set_clock(scale=0)  # nothing ends by itself
    declare(engine, backfills, **PATIENT)
    engine.emulator.admin.add_fault(
        {"operation": operation, "fault": "hold_after_commit", "times": len(backfills)}
    )
    running = engine.start("--skip-preview")
    running.wait_for(lambda: len(engine.emulator.admin.holds()) == len(backfills))
    running.kill_all()
    engine.emulator.admin.release()
    engine.cancel().succeeded()


def stopped(engine: Engine) -> list[str]:
    """Gives the backfill of each launch that was stopped, on all of its dates."""
    sdk = Sdk(engine.emulator.endpoint)
    return sorted(
        launch["name"].rpartition("_")[0]
        for launch in engine.launches()
        if {sdk.data("GetDag", dag_id=one)["Status"] for one in launch["dagIds"]} == {"FAILURE"}
    )


def told(text: str) -> dict[str, str]:
    """Gives what the user reads of each earlier launch, by the backfill's name."""
    found = re.findall(r"warning: The earlier launch (\w+)_\w{12} (.*)", text)
    return {name: re.sub(r"\d{9,}", "ID", said) for name, said in found}


@pytest.mark.parametrize("api_version", VERSIONS)
def test_what_was_killed_is_looked_for_when_the_inputs_changed_or_are_gone(
    engine: Engine, api_version: str
) -> None:
    kill_in(
        engine,
        STARTS[api_version],
        {"left": LEAVE, "stopped": STOP, "left_gone": backfill(NODES[2]), "stopped_gone": STOP},
    )
    killed = set(ids_by_launch_name(engine))

    declare(engine, {"left": {**LEAVE, **OTHER_DATE}, "stopped": {**STOP, **OTHER_DATE}})
    text = engine.up("--skip-preview").succeeded().text

    assert told(text) == {
        "left": "was made and not recorded. It is left running: DAGs ID, ID",
        "left_gone": "was made and not recorded. It is left running: DAGs ID, ID",
        "stopped": "was made and not recorded (DAGs ID, ID). As onDestroy says, 2 instances of it "
        "were stopped",
    }
    assert re.search(r"warning: stopped_gone_\w+: 2 instances were stopped, 0 had ended", text)
    assert stopped(engine) == ["stopped", "stopped_gone"]
    launches = ids_by_launch_name(engine)
    outputs = engine.outputs()
    now = {outputs["launch_names"][n]: outputs["node_ids"][n] for n in ("left", "stopped")}
    assert launches.items() >= now.items()
    assert launches.keys() == killed | now.keys()
    assert engine.preview_json().unchanged


@pytest.mark.parametrize("api_version", VERSIONS)
def test_what_was_killed_is_looked_for_by_destroy(engine: Engine, api_version: str) -> None:
    kill_in(engine, STARTS[api_version], {"left": LEAVE, "stopped": STOP})

    text = engine.destroy("--skip-preview").succeeded().text

    assert told(text) == {"left": "was made and not recorded. It is left running: DAGs ID, ID"}
    assert re.search(r"warning: stopped_\w+: 2 instances were stopped, 0 had ended", text)
    assert stopped(engine) == ["stopped"]
    assert len(engine.launches()) == 2
    assert engine.resources() == {}


@pytest.mark.parametrize("api_version", [V2024])
def test_what_was_killed_before_its_start_never_runs(engine: Engine) -> None:
    kill_in(engine, "CreateWorkflowInstances", {"left": LEAVE, "stopped": STOP})

    text = engine.destroy("--skip-preview").succeeded().text

    assert told(text) == {
        "left": "was prepared and never started: nothing of it has run, or will by itself. "
        "It is left as it is: DAGs ID, ID",
    }
    assert stopped(engine) == ["stopped"]
    assert [launch["parked"] for launch in engine.launches()] == [True, True]
    assert engine.resources() == {}


# Version 2024-05-18 has no such launch: it starts what was created by its IDs.
def test_a_launch_without_an_id_that_can_be_found_is_recorded_and_completed_later(
    engine: Engine,
) -> None:
    declare(engine, {"orders": LEAVE})
    engine.emulator.admin.set_switches({"visibilityDelay": "release", "dataShape": "missing"})

    first = engine.up("--skip-preview").succeeded()
    assert "but DataWorks gave no ID and does not list it yet" in first.text
    assert "`pulumi refresh` completes it" in first.text
    assert engine.outputs()["node_ids"] == {"orders": []}
    assert engine.preview_json().unchanged

    engine.emulator.admin.reveal()
    engine.refresh("--skip-preview").succeeded()
    engine.up("--skip-preview").succeeded()
    assert_each_was_launched_once(engine, ["orders"])
