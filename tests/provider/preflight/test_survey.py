"""How the workspace is read: few calls, each thing once, and nobody waits twice for an API."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from dataworks_emulator import Emulator
from pulumi_dataworks._api.backend import Node, Workspace
from pulumi_dataworks._api.client import Client
from pulumi_dataworks._api.settings import Settings
from pulumi_dataworks._api.signing import Credentials
from pulumi_dataworks._api.v2020_nodes import Workspace2020
from pulumi_dataworks._declaration.inputs import normalize
from pulumi_dataworks._exceptions import NotSent, Refused, ReplyLost, Throttled, TransportError
from pulumi_dataworks._preflight.survey import Survey

LOAD, CLEAN, CHECK = "74324", "74325", "74332"


def declared(month: int = 5) -> dict[str, Any]:
    inputs = {
        "projectEnv": "PROD",
        "rootNodeId": LOAD,
        "includeNodeIds": [LOAD, CLEAN, CHECK],
        "startBizDate": f"2026-{month:02}-01",
        "endBizDate": f"2026-{month:02}-28",
    }
    return dict(normalize(inputs).inputs)


class Failing:
    """A workspace whose listing fails with an error, and counts how often it is asked."""

    project_id = "10001"

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.asked = 0

    def nodes(self, environment: str, project_id: str, name: str | None = None) -> list[Node]:
        self.asked += 1
        raise self.error


def survey_of(workspace: Any, slept: list[float]) -> Survey:
    def give() -> Workspace:
        found: Workspace = workspace
        return found

    return Survey(give, slept.append)


def test_many_declarations_share_what_is_read(emulator: Emulator) -> None:
    settings = Settings(region="cn-shanghai", endpoint=emulator.url)
    client = Client(settings, lambda: Credentials("testid", "testsecret"))
    survey = survey_of(Workspace2020(client, "10001"), [])
    for _ in range(2):
        for month in range(1, 13):
            assert survey.facts(declared(month)).earlier == []
    calls = Counter(call["action"] for call in emulator.requests())
    assert calls == {"ListNodes": 1, "GetNodeParents": 2, "ListInstances": 12}
    assert survey.unread() == {}


@pytest.mark.parametrize("error", [NotSent("no connection"), ReplyLost("no reply")])
def test_an_api_out_of_reach_is_waited_for_once(error: TransportError) -> None:
    workspace, slept = Failing(error), list[float]()
    survey = survey_of(workspace, slept)
    assert all(survey.facts(declared(month)).nodes is None for month in range(1, 13))
    assert (workspace.asked, slept) == (1, [])
    assert survey.news() == {"the workspace": str(error)}
    assert survey.news() == {}


def test_what_is_refused_is_not_asked_again() -> None:
    workspace = Failing(Refused("ListNodes", "Forbidden.Access", "no", 403, None))
    survey = survey_of(workspace, [])
    assert all(survey.facts(declared(month)).nodes is None for month in range(1, 13))
    assert workspace.asked == 1
    assert list(survey.news()) == ["the nodes"]


def test_throttled_it_waits_as_long_as_it_is_asked_to_and_gives_up_in_the_end() -> None:
    error = Throttled("ListNodes", "Throttling", "too many", 429, None)
    error.retry_after = 7.0
    workspace, slept = Failing(error), list[float]()
    survey = survey_of(workspace, slept)
    assert survey.facts(declared()).nodes is None
    assert survey.facts(declared(6)).nodes is None
    assert (workspace.asked, slept) == (3, [7.0, 7.0])
