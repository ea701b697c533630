"""The states that earlier versions have saved: with today's package nothing of them is launched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pulumi_dataworks import __version__

from tests.emulator._callers import Sdk
from tests.engine._harness import Engine
from tests.engine._state_of_today import CONFIG, STATES

FILES = sorted(STATES.glob("v*.json"))


def test_the_state_of_this_version_is_kept() -> None:
    assert STATES / f"v{__version__}.json" in FILES


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_update_of_an_old_state_changes_nothing(engine: Engine, file: Path) -> None:
    engine.configure(CONFIG)
    engine.run("stack", "import", "--file", str(file)).succeeded()
    launches = [r for r in engine.resources().values() if r["type"].endswith(":Backfill")]
    launches.sort(key=lambda one: int(one["outputs"]["nodeIds"][0]))
    for one in launches:
        launch_again(engine, one["outputs"])
    made = [str(i) for one in engine.launches() for i in one["dagIds"]]
    assert made == [i for one in launches for i in one["outputs"]["nodeIds"]]

    assert engine.preview_json().unchanged
    engine.up("--skip-preview").succeeded()
    engine.refresh("--skip-preview").succeeded()
    assert engine.preview_json().unchanged

    engine.up("--skip-preview").succeeded()
    assert len(engine.launches()) == len(launches)


def launch_again(engine: Engine, outputs: dict[str, Any]) -> None:
    """Gives this test's emulator what the state has; it counts its IDs as the other one did."""
    Sdk(engine.emulator.endpoint).launch(
        name=outputs["launchName"],
        project_env=outputs["projectEnv"],
        root_node_id=int(outputs["rootNodeId"]),
        include_node_ids=",".join(outputs["includeNodeIds"]),
        start_biz_date=f"{outputs['startBizDate']} 00:00:00",
        end_biz_date=f"{outputs['endBizDate']} 00:00:00",
        parallelism=False,
    )
