"""Writes the state of the package as it is now, to be kept when a version is released.

    python -m tests.engine._state_of_today

Tests take every state that was kept: an update with the package of the day must change nothing.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from dataworks_emulator import Emulator
from pulumi_dataworks import __version__

from tests.engine._backfills import FAST, NODES, backfill
from tests.engine._harness import Engine, Template
from tools import engine as tools_engine

STATES = Path(__file__).with_name("states")
CONFIG: dict[str, Any] = {
    **FAST,
    "backfills": {
        "plain": backfill(NODES[0]),
        "full": backfill(
            NODES[1],
            includeNodeIds=[NODES[1], 74327, 74328],
            excludeNodeIds=[74327],
            bizBeginTime="00:00:00",
            bizEndTime="06:00:00",
            parallelism=True,
            concurrentRuns=3,
            nodeParams={str(NODES[1]): {"bizdate": "$[yyyymmdd-1]"}},
            triggers=["first"],
            alertType="FAILURE",
            alertNoticeType="MAIL",
            onDestroy="stop",
            reason="Late payments",
        ),
        "named": backfill(NODES[3], name="members, by hand"),
    },
}


def main() -> None:
    """Launches the backfills on an emulator, and writes what Pulumi has saved of them."""
    pulumi = tools_engine.find()
    assert pulumi is not None, "no engine: run `make setup` first"
    with tempfile.TemporaryDirectory() as folder:
        shared = Path(folder) / "shared"
        shared.mkdir()
        template = Template.make(pulumi, shared)
        with Emulator() as emulator, Engine(template, Path(folder) / "project", emulator) as engine:
            engine.configure(CONFIG)
            engine.up("--skip-preview").succeeded()
            state = engine.export(show_secrets=True)
    for resource in state["deployment"]["resources"]:
        for where_on_this_machine in ("sourcePosition", "stackTrace"):
            resource.pop(where_on_this_machine, None)
    file = STATES / f"v{__version__}.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(state, indent=1) + "\n")


if __name__ == "__main__":
    main()
