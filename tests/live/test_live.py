"""What the client assumes of DataWorks, asked of a real workspace. Off unless you ask for it.

Read-only, with the credentials and the region of your environment::

    DATAWORKS_LIVE_NODE=74324 DATAWORKS_LIVE_ENV=PROD python -m pytest tests/live

``DATAWORKS_LIVE_DAG`` names a DAG of an earlier backfill, to be read as well. With
``DATAWORKS_LIVE_LAUNCH_NODE`` one backfill is launched: that node alone, in DEV, for one date,
the one of ``DATAWORKS_LIVE_DATE`` (``YYYY-MM-DD``). It costs a run of the node.
"""

from __future__ import annotations

import os
import secrets
import time
from datetime import datetime, timezone

import pytest
from pulumi_dataworks._api.client import Client
from pulumi_dataworks._api.credentials import find_credentials
from pulumi_dataworks._api.rate import TokenBucket
from pulumi_dataworks._api.settings import load_settings
from pulumi_dataworks._api.v2020 import VERSION, find, get_dag, launch, whole
from pulumi_dataworks._api.v2020_nodes import Workspace2020
from pulumi_dataworks._declaration.inputs import normalize

# Taken before the suite hides the developer's own settings from its tests.
_ENVIRONMENT = dict(os.environ)
ENV = _ENVIRONMENT.get("DATAWORKS_LIVE_ENV", "PROD")
SETTLED_SECONDS = 300


def asked_for(name: str) -> str:
    value = _ENVIRONMENT.get(name)
    if not value:
        pytest.skip(f"asks a real workspace: set {name}")
    return value


@pytest.fixture(scope="session")
def client() -> Client:
    settings = load_settings({}, _ENVIRONMENT)
    return Client(settings, find_credentials({}, _ENVIRONMENT), bucket=TokenBucket(4.0))


def test_a_node_tells_its_workspace_which_lists_it(request: pytest.FixtureRequest) -> None:
    node_id = asked_for("DATAWORKS_LIVE_NODE")
    workspace = Workspace2020(request.getfixturevalue("client"), None)
    node = workspace.node(ENV, node_id)
    assert node is not None
    listed = workspace.nodes(ENV, node.project_id, node.name)
    assert node_id in {one.id for one in listed}


def test_a_node_that_is_not_there_is_none(request: pytest.FixtureRequest) -> None:
    asked_for("DATAWORKS_LIVE_NODE")
    workspace = Workspace2020(request.getfixturevalue("client"), None)
    assert workspace.node(ENV, "1") is None


def test_instances_are_listed_newest_first(request: pytest.FixtureRequest) -> None:
    node_id = asked_for("DATAWORKS_LIVE_NODE")
    client = request.getfixturevalue("client")
    node = Workspace2020(client, None).node(ENV, node_id)
    assert node is not None
    parameters = {"ProjectId": node.project_id, "ProjectEnv": ENV, "NodeId": node_id}
    how = {"OrderBy": "CREATE_TIME_DESC", "PageNumber": 1, "PageSize": 20}
    data = client.call("ListInstances", {**parameters, **how}, VERSION).data
    times = [row["CreateTime"] for row in data["Instances"]]
    assert times == sorted(times, reverse=True)
    assert data["TotalCount"] >= len(times)


def test_a_dag_leads_to_all_of_its_launch(request: pytest.FixtureRequest) -> None:
    dag_id = asked_for("DATAWORKS_LIVE_DAG")
    client = request.getfixturevalue("client")
    dag = get_dag(client, dag_id, ENV)
    assert dag["Name"]
    assert dag_id in whole(client, dag, ENV).ids


def test_a_launch_is_found_by_its_name(request: pytest.FixtureRequest) -> None:
    node_id = asked_for("DATAWORKS_LIVE_LAUNCH_NODE")
    date = asked_for("DATAWORKS_LIVE_DATE")
    client = request.getfixturevalue("client")
    inputs = normalize(
        {"projectEnv": "DEV", "rootNodeId": node_id, "startBizDate": date, "endBizDate": date}
    ).inputs
    name, born = f"pulumi_dataworks_live_{secrets.token_hex(4)}", datetime.now(timezone.utc)
    made = launch(client, inputs, name)
    assert made.ids
    started = time.monotonic()
    while (found := find(client, name, born, inputs, None)) is None:
        assert time.monotonic() - started < SETTLED_SECONDS, "not listed: the settle window is off"
        time.sleep(5)
    print(f"listed after {time.monotonic() - started:.0f} s; dataworks:settleWindow must be longer")
    assert found.ids == made.ids
