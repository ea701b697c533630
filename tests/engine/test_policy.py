"""The policy pack on Pulumi's own engine, with ``--policy-pack``."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from tests.engine._harness import REPOSITORY, Engine, Result

MAY = {
    "projectEnv": "PROD",
    "rootNodeId": 74324,
    "startBizDate": "2026-05-01",
    "endBizDate": "2026-05-02",
}
AFTER_DEV = """
    import pulumi
    import pulumi_dataworks as dataworks

    def backfill(name, environment, after=()):
        return dataworks.Backfill(
            name,
            project_env=environment,
            root_node_id=74324,
            start_biz_date="2026-05-01",
            end_biz_date="2026-05-01",
            reason="Refunds",
            opts=pulumi.ResourceOptions(depends_on=list(after)),
        )

    dev = backfill("dev", "DEV")
    done = dataworks.BackfillCompletion("dev-done", backfills=[dev])
    backfill("prod", "PROD", {after})
"""
Govern = Callable[..., Result]


@pytest.fixture
def govern(engine: Engine, tmp_path: Path) -> Govern:
    """Runs a command with the pack and a config for it.

    The engine asks a language's host to start a pack of that language, and a host that is built
    from source starts programs only. So the pack's runtime gets a name of its own, which the
    engine starts by a command on PATH; its code runs as it is.
    """
    pack, commands = tmp_path / "pack", tmp_path / "commands"
    shutil.copytree(REPOSITORY / "policy", pack, ignore=shutil.ignore_patterns(".venv"))
    (pack / "PulumiPolicy.yaml").write_text("runtime: governed\nversion: 0.1.0\n")
    commands.mkdir()
    start = commands / "pulumi-analyzer-policy-governed"
    start.write_text(f'#!/bin/sh\nexec {sys.executable} -u __main__.py "$@"\n')
    start.chmod(0o755)
    engine.environment["PATH"] = f"{commands}{os.pathsep}{engine.environment['PATH']}"

    def run(*command: str, config: Mapping[str, Any]) -> Result:
        file = tmp_path / "config.json"
        file.write_text(json.dumps(config))
        return engine.run(*command, "--policy-pack", str(pack), "--policy-pack-config", str(file))

    return run


def window(begin: timedelta, end: timedelta) -> dict[str, Any]:
    now = datetime.now(timezone.utc)
    times = {"from": (now + begin).isoformat(), "to": (now + end).isoformat()}
    return {"freeze-windows": {"windows": [{**times, "because": "the sale"}]}}


HOUR = timedelta(hours=1)


def test_no_launch_without_a_reason_or_in_a_freeze_window(engine: Engine, govern: Govern) -> None:
    engine.configure({"backfills": {"may": MAY}})
    refused = govern("preview", config=window(-HOUR, HOUR)).failed().text
    assert "the backfill is beyond the policy freeze-windows:" in refused
    assert "(the sale)" in refused
    assert "reason is beyond the policy required-reason: none; accepted is any text" in refused
    skipped = govern("up", "--yes", "--skip-preview", config=window(-HOUR, HOUR)).failed()
    assert "freeze-windows" in skipped.text
    assert engine.launches() == []


def test_what_is_in_order_is_launched_and_stays(engine: Engine, govern: Govern) -> None:
    engine.configure({"backfills": {"may": {**MAY, "reason": "Refunds"}}})
    launched = govern("up", "--yes", config=window(HOUR, 2 * HOUR)).succeeded()
    assert "beyond the policy" not in launched.text
    assert len(engine.launches()) == 1
    frozen = window(-HOUR, HOUR)
    frozen["required-reason"] = {"pattern": "^OPS-"}
    unchanged = govern("up", "--yes", config=frozen).succeeded()
    assert "3 unchanged" in unchanged.text
    assert "beyond the policy" not in unchanged.text


@pytest.mark.parametrize(
    ("after", "told"),
    [
        ("[]", "none in DEV before it"),
        ("[dev]", "a launch in DEV, whose end it does not wait for"),
        ("[done]", None),
    ],
)
def test_prod_waits_for_dev(engine: Engine, govern: Govern, after: str, told: str | None) -> None:
    engine.program(AFTER_DEV.replace("{after}", after))
    config = {"dev-before-prod": {"enforcementLevel": "mandatory"}}
    previewed = govern("preview", config=config)
    if told is None:
        assert "beyond the policy" not in previewed.succeeded().text
    else:
        assert f"dev-before-prod: {told}" in previewed.failed().text
