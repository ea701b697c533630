"""The project's own files: the program's settings, its stacks, and what is kept out of git."""

from __future__ import annotations

import json
import re
import runpy
import subprocess
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml
from pulumi.runtime import rpc
from pulumi_dataworks import read_backfills
from pulumi_dataworks._api.settings import load_settings
from pulumi_dataworks._declaration.completions import HOW_IT_WAITS
from pulumi_dataworks._declaration.inputs import INPUTS, REQUIRED, normalize

from tests.provider.declaration._declarations import SOUND
from tests.provider.program._programs import BACKFILL, TOKEN, declared

ROOT = Path(__file__).resolve().parents[1]
PROJECT: dict[str, Any] = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))
STACKS = sorted((ROOT / PROJECT["stackConfigDir"]).glob("*.yaml"))

each_stack = pytest.mark.parametrize("file", STACKS, ids=[file.stem for file in STACKS])


def config_of(file: Path) -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))["config"]
    return config


# ---- Pulumi.yaml ------------------------------------------------------------------------------


def test_the_project_runs_with_the_official_command_as_it_is() -> None:
    assert PROJECT["name"] == "dataworks-backfills"
    assert PROJECT["runtime"]["name"] == "python"
    assert PROJECT["runtime"]["options"] == {"toolchain": "pip", "virtualenv": ".venv"}
    assert PROJECT["description"]
    assert (ROOT / PROJECT.get("main", ".") / "__main__.py").is_file()
    assert (ROOT / PROJECT["stackConfigDir"]).is_dir()


def test_every_key_of_the_projects_config_has_a_type_and_a_description() -> None:
    used = re.findall(
        r"config\.\w+\(\s*\"(\w+)\"", (ROOT / "__main__.py").read_text(encoding="utf-8")
    )

    assert set(PROJECT["config"]) == set(used)
    for key, schema in PROJECT["config"].items():
        assert ":" not in key  # the engine refuses a schema for another namespace
        assert schema["type"] in ("string", "integer", "boolean", "array", "object")
        assert schema["description"]


def test_only_backfills_must_be_configured() -> None:
    """The engine refuses a stack that lacks a key with neither a value nor a default."""
    assert [key for key, one in PROJECT["config"].items() if "default" not in one] == ["backfills"]


def test_the_description_of_wait_names_exactly_its_keys() -> None:
    _, _, listed = PROJECT["config"]["wait"]["description"].partition("any of ")

    assert tuple(re.findall(r"(\w+) \(", listed)) == HOW_IT_WAITS


def test_the_description_of_backfills_names_exactly_their_inputs() -> None:
    text = re.sub(r" \([^)]*\)", "", PROJECT["config"]["backfills"]["description"])
    listed = re.search(r"in camelCase: (.*) are required; (.*) are optional", text)

    assert listed is not None
    required, optional = (re.split(r", | and ", part) for part in listed.groups())
    assert sorted(required) == sorted(REQUIRED)
    assert sorted(optional) == sorted(set(INPUTS) - set(REQUIRED))


# ---- The program ------------------------------------------------------------------------------


@pytest.mark.parametrize("secret", [True, False])
def test_what_may_be_secret_is_kept_so_where_the_config_is(secret: bool) -> None:
    key = f"{PROJECT['name']}:backfills"
    inputs = {**SOUND, "nodeParams": {"74324": "password=s3cret"}, "triggers": ["s3cret"]}

    def program() -> None:
        # The SDK takes the project's name from the mocks.
        pulumi.runtime.set_all_config(
            {key: json.dumps({"orders": inputs})}, [key] if secret else []
        )
        runpy.run_path(str(ROOT / "__main__.py"))

    engine = declared(program, project=PROJECT["name"])

    assert engine.names(BACKFILL) == ["orders"]
    for request in (engine.requests[TOKEN, "orders-launch"], engine.requests[BACKFILL, "orders"]):
        for name in ("nodeParams", "triggers"):
            fields = request.object.fields[name].struct_value.fields
            assert (rpc._special_sig_key in fields) == secret


# ---- Stacks -----------------------------------------------------------------------------------


def test_there_is_a_stack_to_run_and_one_to_copy() -> None:
    assert {"Pulumi.local", "Pulumi.production.example"} <= {file.stem for file in STACKS}


@each_stack
def test_the_backfills_of_a_stack_are_sound_and_raise_no_eyebrows(file: Path) -> None:
    backfills = read_backfills(config_of(file)[f"{PROJECT['name']}:backfills"])

    assert backfills
    for name, inputs in backfills.items():
        declaration = normalize(inputs)
        assert (name, declaration.problems, declaration.warnings) == (name, [], [])


@each_stack
def test_a_stack_file_has_settings_that_are_read_and_no_secrets(file: Path) -> None:
    config = config_of(file)
    texts = {key: str(value) for key, value in config.items() if ":backfills" not in key}

    load_settings({"dataworks:region": "cn-shanghai", **texts}, {})

    assert not [key for key in config if re.search(r"(?i)secret|accessKey|token|password", key)]
    assert "secure:" not in file.read_text(encoding="utf-8")


# ---- Requirements, and git --------------------------------------------------------------------


def test_the_program_gets_the_package_as_any_users_program_would() -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").split("\n")

    assert "-e ./provider" in lines
    assert [line for line in lines if line.startswith("pulumi>=")]


@pytest.mark.parametrize(
    "made",
    [
        ".venv/bin/python",
        ".local/emulator.db",
        "provider/pulumi_dataworks.egg-info/PKG-INFO",
        "provider/pulumi_dataworks/__pycache__/x.pyc",
        "provider/dist/x.whl",
        ".mypy_cache/x",
        ".ruff_cache/x",
        ".pytest_cache/x",
        ".hypothesis/x",
    ],
)
def test_what_the_commands_make_is_kept_out_of_git(made: str) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("no git repository: the sources were copied without it")

    subprocess.run(["git", "check-ignore", "-q", made], cwd=ROOT, check=True)


def test_nothing_that_is_tracked_is_ignored() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("no git repository: the sources were copied without it")

    listing = ["git", "ls-files", "--cached", "--ignored", "--exclude-standard"]

    assert subprocess.run(listing, cwd=ROOT, check=True, capture_output=True).stdout == b""
