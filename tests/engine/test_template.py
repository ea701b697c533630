"""`pulumi new` on the template's folder gives a project that works."""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.engine._harness import REPOSITORY, Engine

TEMPLATE = REPOSITORY / "templates" / "dataworks-backfill-python"


def test_a_new_project_launches_its_backfill(engine: Engine, tmp_path: Path) -> None:
    made = tmp_path / "made"
    said = ("--name", "shop", "--description", "Our backfills", "--dir", str(made))
    # A whole `pulumi new` would also install requirements.txt, over the network.
    offline = ("--offline", "--generate-only", "--force", "--yes")
    command = ("new", str(TEMPLATE), *said, *offline)
    engine.run(*command, stack_flag=None).succeeded()

    project = yaml.safe_load((made / "Pulumi.yaml").read_text())
    assert (project["name"], project["description"]) == ("shop", "Our backfills")
    assert "template" not in project
    asked = yaml.safe_load((TEMPLATE / "Pulumi.yaml").read_text())["template"]["config"]
    answers = {
        key if ":" in key else f"shop:{key}": question["default"] for key, question in asked.items()
    }
    (made / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": answers}))

    engine.take(made, "Pulumi.dev.yaml")
    engine.up("--skip-preview").succeeded()
    (launch,) = engine.launches()
    assert launch["projectEnv"] == "DEV"
    assert launch["parameters"]["RootNodeId"] == "74324"
    engine.preview("--expect-no-changes").succeeded()
