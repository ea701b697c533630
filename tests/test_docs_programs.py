"""The documentation's programs run, and launch what they declare: on a DataWorks of each test's."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pulumi_dataworks import read_backfills, testing
from pulumi_dataworks.testing import DataWorks

dataworks = testing.dataworks

ROOT = Path(__file__).resolve().parents[1]
PAGES = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md"]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def blocks(language: str, having: str) -> list[Any]:
    """The blocks that have a text, named by their page and their number on it."""
    return [
        pytest.param(match[2], id=f"{page.stem}-{number}")
        for page in PAGES
        for number, match in enumerate(BLOCK.finditer(page.read_text(encoding="utf-8")))
        if match[1] == language and having in match[2]
    ]


def a_profile(name: str) -> None:
    """Puts a profile where the official CLI keeps them, in the home of this test."""
    folder = Path(os.environ["HOME"]) / ".aliyun"
    folder.mkdir()
    keys = {"access_key_id": "testid", "access_key_secret": "testsecret"}
    profile = {"name": name, "mode": "AK", **keys}
    (folder / "config.json").write_text(json.dumps({"current": name, "profiles": [profile]}))


@pytest.mark.parametrize("program", blocks("python", "import pulumi_dataworks"))
def test_a_program_launches_what_it_declares(
    dataworks: DataWorks, program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in re.findall(r'profile="(\w+)"', program):
        a_profile(name)
    for dag_id in re.findall(r'adopt_dag_id="(\d+)"', program):
        adopted = re.sub(r" *adopt_dag_id=.*\n", "", program)
        (tmp_path / "earlier.py").write_text(adopted)
        dataworks.run(tmp_path / "earlier.py")
        program = program.replace(dag_id, dataworks.launches[0].dag_ids[0])
    (tmp_path / "__main__.py").write_text(program)
    dataworks.run(tmp_path / "__main__.py")
    first, last = dataworks.launches[0], dataworks.launches[-1]
    dates = re.findall(r"\d{4}-\d\d-\d\d", program)
    assert (first.start_biz_date, last.end_biz_date) == (dates[0], dates[-1])
    assert f"root_node_id={first.root_node_id}" in program


@pytest.mark.parametrize("text", blocks("yaml", "dataworks-backfills:backfills"))
def test_a_config_launches_what_it_declares(dataworks: DataWorks, text: str) -> None:
    config = yaml.safe_load(text)["config"]
    dataworks.run(ROOT / "__main__.py", config=config, project="dataworks-backfills")
    declared = read_backfills(config["dataworks-backfills:backfills"]).values()
    assert sorted(one.start_biz_date for one in dataworks.launches) == sorted(
        str(one["startBizDate"]) for one in declared
    )


@pytest.mark.parametrize("code", blocks("python", "(dataworks):"))
def test_a_test_of_a_program_passes(
    dataworks: DataWorks, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = """
        import pulumi, pulumi_dataworks as dataworks
        month = pulumi.Config("shop").require("month")
        dataworks.Backfill(
            "of-the-month", project_env="PROD", root_node_id=74324,
            start_biz_date=f"{month}-01", end_biz_date=f"{month}-31",
        )
    """
    (tmp_path / "__main__.py").write_text(re.sub(r"^ {8}", "", program, flags=re.MULTILINE))
    monkeypatch.chdir(tmp_path)
    declared: dict[str, Any] = {}
    exec(code, declared)  # noqa: S102 - our own documentation
    (test,) = (value for name, value in declared.items() if name.startswith("test_"))
    test(dataworks)
