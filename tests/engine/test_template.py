"""`pulumi new` on the template's folder asks three questions, and gives a project that works."""

from __future__ import annotations

from importlib.metadata import requires
from pathlib import Path

import pulumi_dataworks
import pytest
import yaml
from packaging.requirements import Requirement

from tests.engine._harness import REPOSITORY, Engine

TEMPLATE = REPOSITORY / "templates" / "dataworks-backfill-python"
GIVEN = {"dataworks:region": "cn-beijing", "projectEnv": "PROD", "rootNodeId": "74330"}


def test_it_asks_where_and_what_each_question_with_an_answer_that_works() -> None:
    template = yaml.safe_load((TEMPLATE / "Pulumi.yaml").read_text())["template"]
    assert list(template["config"]) == ["dataworks:region", "projectEnv", "rootNodeId"]
    assert all(one["description"] and one["default"] for one in template["config"].values())


def test_it_requires_versions_that_there_are() -> None:
    lines = (TEMPLATE / "requirements.txt").read_text().splitlines()
    required = {one.name: one.specifier for one in map(Requirement, lines)}
    assert pulumi_dataworks.__version__ in required["pulumi-dataworks"]
    (ours,) = (
        one.specifier
        for one in map(Requirement, requires("pulumi-dataworks") or ())
        if one.name == "pulumi"
    )
    assert required["pulumi"] == ours


@pytest.mark.parametrize("answers", [{}, GIVEN], ids=["defaults", "given"])
def test_a_new_project_launches_its_backfill(
    engine: Engine, tmp_path: Path, answers: dict[str, str]
) -> None:
    made = tmp_path / "made"
    said = ("--name", "shop", "--description", "Our backfills", "--dir", str(made))
    config = [part for key, value in answers.items() for part in ("--config", f"{key}={value}")]
    # Its last step would install requirements.txt over the network, and ends with an error.
    engine.environment["PIP_NO_INDEX"] = "1"
    command = ("new", str(TEMPLATE), *said, *config, "--stack", "made", "--offline", "--yes")
    text = engine.run(*command, stack_flag=None).text
    assert "Saved config" in text

    project = yaml.safe_load((made / "Pulumi.yaml").read_text())
    assert (project["name"], project["description"]) == ("shop", "Our backfills")
    assert "template" not in project
    stack = yaml.safe_load((made / "Pulumi.made.yaml").read_text())
    (made / "Pulumi.made.yaml").write_text(yaml.safe_dump({"config": stack["config"]}))

    engine.take(made, "Pulumi.made.yaml")
    engine.up("--skip-preview").succeeded()
    (launch,) = engine.launches()
    assert launch["projectEnv"] == answers.get("projectEnv", "DEV")
    assert launch["parameters"]["RootNodeId"] == answers.get("rootNodeId", "74324")
    assert answers.get("dataworks:region", "cn-shanghai") in engine.outputs()["where"]
    engine.preview("--expect-no-changes").succeeded()
