"""The README: its code runs, its tables name what there is, its commands exist."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks
from pulumi.runtime.stack import run_pulumi_func
from pulumi_dataworks import Backfill
from pulumi_dataworks._api.settings import KEYS
from pulumi_dataworks._declaration.inputs import INPUTS, REQUIRED
from pydantic.alias_generators import to_camel

from bench import results

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CHINESE = (ROOT / "README.zh-CN.md").read_text(encoding="utf-8")


class _Recorder(Mocks):
    def __init__(self) -> None:
        self.declared: dict[str, dict[str, object]] = {}

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, object]]:
        self.declared[args.name] = args.inputs
        return args.name, {**args.inputs, "generations": [{"token": "t"}]}

    def call(self, args: MockCallArgs) -> Any:
        return {}


def section(title: str) -> str:
    return README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def links(page: str) -> list[str]:
    return re.findall(r"\]\(([^)#]+)\)", page)


def first_column(title: str) -> list[str]:
    rows = [line.split("|")[1] for line in section(title).splitlines() if line.startswith("| `")]
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row)]


def test_the_program_declares_a_backfill() -> None:
    program = re.findall(r"```python\n(.*?)```", README, re.DOTALL)[0]
    recorder = _Recorder()

    async def run() -> None:
        pulumi.runtime.set_mocks(recorder, project="readme", stack="test")
        await run_pulumi_func(lambda: exec(program, {}))  # noqa: S102 - our own README

    asyncio.run(run())
    declared = recorder.declared["orders-may"]
    assert declared["includeNodeIds"] == ["74324", "74325"]
    assert "orders-may-launch" in recorder.declared


def test_all_inputs_are_listed_the_required_ones_first() -> None:
    listed = [to_camel(name) for name in first_column("Inputs")]
    assert sorted(listed) == sorted(INPUTS)
    assert set(listed[: len(REQUIRED)]) == set(REQUIRED)


def test_all_outputs_are_listed() -> None:
    own = {name for name, value in vars(Backfill).items() if isinstance(value, property)}
    assert set(first_column("Outputs")) == own


def test_all_settings_are_listed() -> None:
    assert set(first_column("Settings")) == {f"dataworks:{key}" for key in KEYS}


def test_every_command_is_a_target_of_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z -]+):$", (ROOT / "Makefile").read_text(), re.MULTILINE))
    known = {target for line in targets for target in line.split()} | {"help"}
    assert set(re.findall(r"\bmake ([\w-]+)", README)) <= known


def test_every_link_leads_to_a_file() -> None:
    local = [link for link in links(README) if "://" not in link]
    assert [link for link in local if not (ROOT / link).exists()] == []


CODE_BLOCK = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)


def sections(page: str) -> list[tuple[str, list[str]]]:
    """Each section's depth, and what stands as code in its lines, in any order of a sentence."""
    prose = CODE_BLOCK.sub("", page)
    parts = re.split(r"^(#+) ", prose, flags=re.MULTILINE)[1:]
    return [
        (depth, sorted(re.findall(r"`([^`\n]+)`", text)))
        for depth, text in zip(parts[::2], parts[1::2], strict=True)
    ]


def rows(page: str) -> list[list[str]]:
    """What stands as code in the first column of each row of a table."""
    first = [line.split(" | ")[0] for line in page.splitlines() if line.startswith("|")]
    return [sorted(re.findall(r"`([^`]+)`", cell)) for cell in first]


def test_the_chinese_page_has_the_same_code_tables_commands_and_links() -> None:
    assert CODE_BLOCK.findall(CHINESE) == CODE_BLOCK.findall(README)
    assert rows(CHINESE) == rows(README)
    for translated, original in zip(sections(CHINESE), sections(README), strict=True):
        assert translated == original
    other = {"README.md": "README.zh-CN.md"}
    assert [other.get(link, link) for link in links(CHINESE)] == links(README)


@pytest.mark.parametrize(("page", "other"), [(README, "README.zh-CN.md"), (CHINESE, "README.md")])
def test_each_language_leads_to_the_other_at_the_top(page: str, other: str) -> None:
    assert links(page)[0] == other
    assert f"]({other})" in "".join(page.splitlines()[:3])


@pytest.mark.parametrize("page", [README, CHINESE], ids=["English", "Chinese"])
def test_its_figures_are_the_measured_ones(page: str) -> None:
    quoted = page.partition("<!-- figures -->\n")[2].partition("<!-- end of figures -->")[0]
    assert quoted == results.quoted()
