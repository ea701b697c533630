"""Every example is a whole project, and launches what its `expected.yaml` says, once.

The file lists the calls of RunCycleDagNodes with all their parameters, sorted by Name; a Name that
is made has its prefix and a star.
"""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.engine._harness import Engine

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
FOLDERS = sorted(file.parent.name for file in EXAMPLES.glob("*/Pulumi.yaml"))


def take(engine: Engine, example: str) -> None:
    folder = EXAMPLES / example
    config = "Pulumi.dev.yaml"
    engine.take(folder, config if (folder / config).exists() else "")


def matches(launch: dict[str, Any], expected: dict[str, str]) -> bool:
    given = launch["parameters"]
    return fnmatch(given["Name"], expected["Name"]) and given == {**expected, "Name": given["Name"]}


@pytest.mark.parametrize("example", FOLDERS)
def test_it_launches_what_it_says_and_once(engine: Engine, example: str) -> None:
    take(engine, example)
    engine.emulator.admin.set_clock(scale=1000)  # what is waited for has ended when it is asked
    engine.up("--skip-preview").succeeded()
    expected = yaml.safe_load((EXAMPLES / example / "expected.yaml").read_text())
    launched = sorted(engine.launches(), key=lambda one: str(one["name"]))
    wrong = [
        (launch["parameters"], said)
        for launch, said in zip(launched, expected, strict=True)
        if not matches(launch, said)
    ]
    assert wrong == []
    engine.preview("--expect-no-changes").succeeded()
    assert len(engine.launches()) == len(expected)


@pytest.mark.parametrize("example", FOLDERS)
def test_it_says_what_it_is(example: str) -> None:
    settings = yaml.safe_load((EXAMPLES / example / "Pulumi.yaml").read_text())
    assert settings["name"] == example
    assert settings["description"]
    assert f"[{example}]({example}/)" in (EXAMPLES / "README.md").read_text()
