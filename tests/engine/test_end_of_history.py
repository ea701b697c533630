"""Refresh when DataWorks has forgotten backfills or is away; destroy when they are halfway."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pulumi_dataworks._declaration.versions import V2020, V2024, VERSIONS

from tests.engine._backfills import LAUNCHES, NODES, backfill, declare
from tests.engine._harness import Engine

STOPS = {V2020: "StopInstance", V2024: "StopWorkflowInstances"}


def recorded(engine: Engine) -> list[Any]:
    """What the state has of each resource, its times apart."""
    states = engine.resources().items()
    return [(name, one["id"], one["inputs"], one["outputs"]) for name, one in states]


@pytest.mark.parametrize("api_version", VERSIONS)
def test_purged_history_is_shown_and_launches_nothing(engine: Engine, api_version: str) -> None:
    declare(engine, {"may": backfill()})
    engine.up("--skip-preview").succeeded()
    before = engine.outputs()

    # A workspace that is away is no news about a backfill.
    away = {"operation": "*", "fault": "business_error", "code": "Forbidden.Access", "times": 50}
    state = recorded(engine)
    engine.emulator.admin.add_fault(away)
    engine.refresh("--skip-preview").failed()
    assert recorded(engine) == state
    engine.emulator.admin.clear_faults()

    [launch] = engine.launches()
    engine.emulator.admin.purge(launch["opSeq"])
    engine.refresh("--skip-preview").succeeded()
    assert engine.resources()["may"]["outputs"]["lastSeenStatus"] == "EXPIRED"
    assert engine.outputs() == before
    engine.up("--skip-preview", "--expect-no-changes").succeeded()
    assert sum(one["action"] == LAUNCHES[api_version] for one in engine.emulator.requests()) == 1


@pytest.mark.parametrize("api_version", VERSIONS)
def test_destroy_halfway_stops_only_what_is_to_be_stopped(engine: Engine, api_version: str) -> None:
    engine.emulator.admin.set_clock(scale=0)
    engine.emulator.admin.set_node(NODES[1], seconds=100)
    left, stop = backfill(NODES[0]), backfill(NODES[1], onDestroy="stop")
    declare(engine, {"left": left, "stopped": stop})
    engine.up("--skip-preview").succeeded()
    engine.emulator.admin.set_clock(step=150)
    text = engine.destroy("--skip-preview").succeeded().text
    assert re.search(r"stopped_\w+: 1 instances? (was|were) stopped, 1 had ended", text)
    assert not re.search(r"left_\w+: \d+ instance", text)
    assert sum(one["action"] == STOPS[api_version] for one in engine.emulator.requests()) == 1
