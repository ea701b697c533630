"""CONTRIBUTING.md: its map leads to what there is, its variables are those that are read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "provider" / "pulumi_dataworks"
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def rows(title: str) -> dict[str, str]:
    section = PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    cells = [line.strip("| ").split(" | ") for line in section.splitlines() if line[:2] == "| "]
    return {row[0]: row[1] for row in cells[1:]}


MAP = rows("Where to change what")


def places(text: str) -> Iterator[tuple[Path, str]]:
    """The files and folders of a row, each with the names in it that the row gives, or none."""
    file = ROOT
    for word in re.findall(r"`([^`]+)`", text):
        if "/" in word or word.endswith(".py"):
            file = (PACKAGE if word.startswith("_") else ROOT) / word
            yield file, ""
        else:
            yield file, word


@pytest.mark.parametrize("what", MAP)
def test_the_map_leads_to_what_there_is(what: str) -> None:
    found = list(places(MAP[what]))
    assert found
    for file, name in found:
        assert file.exists(), f"{what}: no {file.relative_to(ROOT)}"
        if name:
            made = rf"^\s*(def|class) {name}\b|^{name}\b.*="
            assert re.search(made, file.read_text(encoding="utf-8"), re.MULTILINE), (what, name)


@pytest.mark.parametrize(
    "asked", ["message of its refusal", "retry rule", "input's default", "emulator's fault"]
)
def test_the_map_answers_what_is_asked_first(asked: str) -> None:
    assert len([what for what in MAP if asked in what]) == 1


def test_every_room_of_the_provider_is_on_the_map() -> None:
    rooms = {file.parent for file in PACKAGE.glob("*/__init__.py")}
    shown = {file.parent for text in MAP.values() for file, _ in places(text)}
    assert rooms <= shown


def test_every_variable_of_the_live_checks_is_listed() -> None:
    source = (ROOT / "tests" / "live" / "test_live.py").read_text(encoding="utf-8")
    listed = set(re.findall(r"`(\w+)`", " ".join(rows("Live checks")))) - {"PROD", "DEV"}
    assert listed == set(re.findall(r"DATAWORKS_LIVE_\w+", source))
