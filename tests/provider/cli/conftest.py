"""A stack for commands: a `pulumi` on PATH that answers with a state and a config."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from dataworks_emulator import Emulator

KIND = "pulumi-python:dynamic/dataworks:Backfill"
SetStack = Callable[..., None]


@pytest.fixture
def set_stack(emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SetStack:
    """Sets what the stack has: a config, and the outputs of backfills by name."""
    emulator.admin.set_clock(scale=0)
    monkeypatch.setenv("DATAWORKS_ENDPOINT", emulator.url)
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "testid")
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "testsecret")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    script = tmp_path / "pulumi"
    script.write_text(f'#!/bin/sh\ncat {tmp_path}/"$1"\n')
    script.chmod(0o755)

    def set_stack(
        config: Mapping[str, str], backfills: Mapping[str, Mapping[str, Any]] | None = None
    ) -> None:
        fast = {"dataworks:maxQps": "1000", **config}
        values = {key: {"value": value} for key, value in fast.items()}
        (tmp_path / "config").write_text(json.dumps(values))
        resources = [
            {
                "urn": f"urn:pulumi:s::p::{KIND}::{name}",
                "type": KIND,
                "id": name,
                "outputs": outputs,
            }
            for name, outputs in (backfills or {}).items()
        ]
        (tmp_path / "stack").write_text(json.dumps({"deployment": {"resources": resources}}))

    return set_stack
