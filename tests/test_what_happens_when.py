"""The page "What happens when": each of its rows names tests, and all of these exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
PAGE = (TESTS.parent / "docs" / "what-happens-when.md").read_text()
NAMED = re.findall(r"`((?:provider|engine)/\S+\.py::[^`]+)`", PAGE)


def rows() -> list[str]:
    lines = [line for line in PAGE.splitlines() if line.startswith("| ")]
    return [line for line in lines if not line.startswith("| what happens ")]


@pytest.fixture(scope="module")
def collected() -> set[str]:
    files = sorted({str(TESTS / name.partition("::")[0]) for name in NAMED})
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    shown = subprocess.run(
        [*command, *files], cwd=TESTS.parent, capture_output=True, text=True, check=True
    )
    lines = [line for line in shown.stdout.splitlines() if "::" in line]
    return {line.removeprefix("tests/") for line in lines}


def test_every_row_names_a_test() -> None:
    assert len(rows()) > 40
    assert [row for row in rows() if not any(name in row for name in NAMED)] == []


def test_every_test_that_is_named_exists(collected: set[str]) -> None:
    whole = collected | {name.partition("[")[0] for name in collected}
    assert sorted(set(NAMED) - whole) == []
