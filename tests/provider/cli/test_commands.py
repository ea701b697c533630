"""The command line: its commands, its usage, and the stack that it reads."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from pulumi_dataworks._cli.main import COMMANDS, main

BACKFILL = "pulumi-python:dynamic/dataworks:Backfill"
URN = "urn:pulumi:prod::shop"


def resource(kind: str, name: str, **more: object) -> dict[str, object]:
    return {"urn": f"{URN}::{kind}::{name}", "type": kind, "id": f"{name}_1", **more}


def fake_pulumi(folder: Path, resources: list[dict[str, object]], config: object) -> None:
    """Puts a `pulumi` on PATH that answers with these resources and this config."""
    (folder / "stack").write_text(json.dumps({"deployment": {"resources": resources}}))
    (folder / "config").write_text(json.dumps(config))
    script = folder / "pulumi"
    script.write_text(f'#!/bin/sh\necho "$@" >> {folder}/calls\ncat {folder}/"$1"\n')
    script.chmod(0o755)


@pytest.fixture
def on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main([command, "--help"])
    described = capsys.readouterr().out
    assert f"pulumi-dataworks {command}" in described
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    assert command in capsys.readouterr().out


def test_wrong_usage_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["status", "--no-such-option"])
    assert "usage:" in capsys.readouterr().err


def test_a_stack_without_backfills(on_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = resource("pulumi:pulumi:Stack", "shop-prod")
    replaced = resource(BACKFILL, "old", delete=True, outputs={})
    fake_pulumi(on_path, [other, replaced], {})
    assert main(["status", "--stack", "prod"]) == 0
    assert capsys.readouterr().out == "The stack has no backfills.\n"
    assert all("--stack prod" in call for call in (on_path / "calls").read_text().splitlines())


def test_a_backfill_that_is_not_there_is_named(
    on_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fake_pulumi(on_path, [resource(BACKFILL, "may", outputs={})], {})
    assert main(["status", "june"]) == 1
    assert capsys.readouterr().err == ("error: the stack has no backfill named june; it has may\n")


def test_without_pulumi(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["status"]) == 1
    assert capsys.readouterr().err == "error: there is no `pulumi` on PATH\n"
