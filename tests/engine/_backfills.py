"""Backfills for tests on the engine, and what must be true of them at the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pulumi_dataworks._declaration.versions import V2020, V2024

from tests.engine._harness import Engine

#: Nodes of the sample warehouse, each enough for a backfill of its own.
NODES = (74324, 74326, 74340, 74350, 74325, 74327, 74328, 74329)
#: Long enough for an emulator on this machine, in which a launch shows at once.
SETTLE_WINDOW = "2s"
FAST = {"dataworks:settleWindow": SETTLE_WINDOW}
#: For calls that the emulator holds until the test lets them go.
PATIENT = {"dataworks:readTimeout": "10m"}


#: The operation that launches, or creates what is then started, by version of the API.
LAUNCHES = {V2020: "RunCycleDagNodes", V2024: "CreateWorkflowInstances"}


def backfill(node: int = NODES[0], **inputs: Any) -> dict[str, Any]:
    """Gives the inputs of a backfill of one node on two dates."""
    dates = {"startBizDate": "2026-05-01", "endBizDate": "2026-05-02"}
    return {"projectEnv": "PROD", "rootNodeId": node, **dates, **inputs}


def declare(engine: Engine, backfills: Mapping[str, Mapping[str, Any]], **config: object) -> None:
    """Declares backfills in the stack's config, for the repository's own program."""
    engine.configure({**FAST, "backfills": backfills, **config})


def ids_by_launch_name(engine: Engine) -> dict[str, list[str]]:
    """Gives what the emulator has launched; a Name that was launched twice fails the test."""
    launches = engine.launches()
    found = {one["name"]: [str(dag_id) for dag_id in one["dagIds"]] for one in launches}
    assert len(found) == len(launches), f"launched twice: {sorted(one['name'] for one in launches)}"
    return found


def assert_each_was_launched_once(engine: Engine, names: Iterable[str]) -> None:
    """The emulator has exactly one launch for each backfill, and the outputs have its IDs."""
    outputs = engine.outputs()
    declared = {outputs["launch_names"][name]: outputs["node_ids"][name] for name in names}
    assert declared == ids_by_launch_name(engine)
