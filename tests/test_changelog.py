"""CHANGELOG.md: what users can name is named in it, under the version that brings it."""

from __future__ import annotations

import re
from pathlib import Path

import pulumi_dataworks
import pytest
from pulumi_dataworks._cli.main import COMMANDS
from pulumi_dataworks._declaration.versions import VERSIONS

PAGE = (Path(__file__).resolve().parents[1] / "CHANGELOG.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`([^`]+)`", PAGE))


def _is_error_below_the_root(name: str) -> bool:
    offered = getattr(pulumi_dataworks, name)
    root = pulumi_dataworks.DataWorksError
    return isinstance(offered, type) and issubclass(offered, root) and offered is not root


def test_all_that_the_package_offers_is_named() -> None:
    offered = {name for name in pulumi_dataworks.__all__ if not _is_error_below_the_root(name)}
    assert offered - {"__version__", "DeclarationError"} <= NAMED


@pytest.mark.parametrize("named", [*COMMANDS, *VERSIONS, "pulumi_dataworks.testing"])
def test_commands_versions_of_the_api_and_the_plugin_are_named(named: str) -> None:
    assert named in NAMED


def test_versions_stand_newest_first_under_the_unreleased() -> None:
    headings = re.findall(r"^## \[(.+?)\]", PAGE, re.MULTILINE)
    assert headings[0] == "Unreleased"
    numbers = [tuple(map(int, one.split("."))) for one in headings[1:]]
    assert numbers == sorted(numbers, reverse=True)
