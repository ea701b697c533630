"""The live checks hold on a local DataWorks, change nothing unless asked to, and ask none unnamed.

What they tell of the real service, only a run against it shows.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from dataworks_emulator import Emulator

from tests.emulator._callers import Sdk
from tests.emulator._warehouse import LOAD, WAREHOUSE

ROOT = Path(__file__).resolve().parents[1]
READS = {"GetNode", "ListNodes", "ListInstances", "GetDag", "ListDags"}


@pytest.fixture
def workspace() -> Iterator[Emulator]:
    with Emulator(WAREHOUSE) as emulator:
        yield emulator


def outcomes(workspace: Emulator, **asked: object) -> dict[str, int]:
    """Runs the live checks as a user does; gives how many passed, failed or were skipped."""
    environment = {
        "DATAWORKS_ENDPOINT": workspace.url,
        "ALIBABA_CLOUD_REGION_ID": "cn-shanghai",
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "testid",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "testsecret",
        **{f"DATAWORKS_LIVE_{name}": str(value) for name, value in asked.items()},
    }
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "tests/live", "-q", "-p", "no:cacheprovider"],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    summary = run.stdout.splitlines()[-1]
    return {word: int(number) for number, word in re.findall(r"(\d+) (passed|skipped)", summary)}


def operations(workspace: Emulator) -> set[str]:
    return {request["action"] for request in workspace.admin.requests()}


def test_without_a_name_nothing_is_asked(workspace: Emulator) -> None:
    assert set(outcomes(workspace)) == {"skipped"}
    assert operations(workspace) == set()


def test_named_a_node_and_a_dag_they_only_read(workspace: Emulator) -> None:
    (dag_id,) = Sdk(workspace.endpoint).launch(LOAD)
    workspace.admin.clear_requests()
    found = outcomes(workspace, NODE=LOAD, DAG=dag_id)
    assert (found["passed"], found["skipped"]) == (4, 1)
    assert {"GetNode", "ListNodes", "ListInstances", "GetDag"} <= operations(workspace) <= READS


def test_named_a_node_to_launch_they_launch_it_alone_in_dev_for_a_date(workspace: Emulator) -> None:
    found = outcomes(workspace, LAUNCH_NODE=LOAD, DATE="2020-05-20")
    assert (found["passed"], found["skipped"]) == (1, 4)
    (launch,) = workspace.admin.launches()
    sent = launch["parameters"]
    assert (sent["ProjectEnv"], sent["IncludeNodeIds"]) == ("DEV", str(LOAD))
    assert sent["StartBizDate"] == sent["EndBizDate"] == "2020-05-20 00:00:00"
