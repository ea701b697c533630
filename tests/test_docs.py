"""The documentation: it builds without a warning, its code compiles, its config is accepted."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pulumi_dataworks
import pytest
import yaml
from dataworks_emulator._operations import OPERATIONS, V2024
from pulumi_dataworks import read_backfills
from pulumi_dataworks._api.settings import load_settings
from pulumi_dataworks._cli import main as cli

ROOT = Path(__file__).resolve().parent.parent
PAGES = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md"]
#: Controls of instances that the client has, and neither the provider nor a command uses.
_NEVER_CALLED = {f"{verb}TaskInstances" for verb in ("Stop", "Suspend", "Resume", "SetSuccess")}
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def blocks(language: str) -> list[object]:
    return [
        pytest.param(match[2], id=f"{page.stem}-{number}")
        for page in PAGES
        for number, match in enumerate(_BLOCK.finditer(page.read_text()))
        if match[1] == language
    ]


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr[-3000:]
    reference = (tmp_path / "reference" / "index.html").read_text()
    for name in ("Backfill", "BackfillCompletion", "AmbiguousLaunch", "read_backfills"):
        assert f"{name}</span>" in reference
    assert "dataworks:settleWindow" in reference  # the README's table of settings


@pytest.mark.parametrize("code", blocks("python"))
def test_python_uses_only_what_there_is(code: str) -> None:
    tree = ast.parse(code)
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "dataworks"
    } - {"run", "launches"}  # of the fixture of that name
    assert used <= set(pulumi_dataworks.__all__)


@pytest.mark.parametrize("text", blocks("yaml"))
def test_config_is_accepted(text: str) -> None:
    config = yaml.safe_load(text)["config"]
    read_backfills(config.get("dataworks-backfills:backfills"))
    own = {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in config.items()
        if key.startswith("dataworks:")
    }
    load_settings({"dataworks:region": "cn-shanghai", **own}, {})


@pytest.mark.parametrize("text", blocks("json"))
def test_json_can_be_read(text: str) -> None:
    assert json.loads(text)


def test_the_least_policy_names_every_operation_that_the_newer_api_is_called_with() -> None:
    text = (ROOT / "docs/production.md").read_text()
    (policy,) = [one[2] for one in _BLOCK.finditer(text) if "CreateWorkflowInstances" in one[2]]
    allowed = json.loads(policy)["Statement"][0]["Action"]
    api = ROOT / "provider/pulumi_dataworks/_api"
    sources = "".join(file.read_text() for file in api.glob("v2024*.py"))
    written = {name for name in OPERATIONS[V2024] if re.search(rf"\b{name}\b", sources)}
    assert sorted(allowed) == sorted(f"dataworks:{name}" for name in written - _NEVER_CALLED)


@pytest.mark.parametrize("text", blocks("sh"))
def test_commands_exist(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    makefile = (ROOT / "Makefile").read_text()
    for line in text.splitlines():
        program, command, *_ = [*line.split(), ""]
        if program == "make":
            assert re.search(rf"^[a-z -]*\b{command}\b[a-z -]*:", makefile, re.MULTILINE)
        elif program == "pulumi-dataworks":
            with pytest.raises(SystemExit) as ended:
                cli.main([command, "--help"])
            assert ended.value.code == 0, command
            assert command in capsys.readouterr().out
        else:
            assert program == "pulumi", line


def test_every_page_is_in_the_navigation() -> None:
    class _Loader(yaml.SafeLoader):
        pass

    _Loader.add_multi_constructor("tag:", lambda *_: None)
    navigation = yaml.load((ROOT / "mkdocs.yml").read_text(), _Loader)["nav"]  # noqa: S506 - ours
    listed = {page for entry in navigation for page in entry.values()}
    assert listed == {page.name for page in (ROOT / "docs").glob("*.md")}
