"""Backfills that Hypothesis thinks of, over the emulator's sample warehouse, and what they made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

from dataworks_emulator import Emulator, load_workspace
from hypothesis import strategies as st
from pulumi_dataworks._api.client import Client
from pulumi_dataworks._api.settings import load_settings
from pulumi_dataworks._api.signing import Credentials
from pulumi_dataworks._api.v2020 import VERSION, Api2020, launch
from pulumi_dataworks._api.v2020_instances import plain_word
from pulumi_dataworks._api.v2020_nodes import Workspace2020
from pulumi_dataworks._declaration.inputs import normalize
from pulumi_dataworks._preflight.catches import Findings, findings_of
from pulumi_dataworks._preflight.survey import Survey

WORKSPACE = load_workspace()
PROJECT = str(WORKSPACE.project.id)
#: Month ends, a leap day, a century without one, a year's end: ranges begin shortly before.
_NEAR = [date(2024, 2, 27), date(2026, 2, 26), date(2100, 2, 27), date(2026, 4, 29)]
_STARTS = st.one_of(st.sampled_from(_NEAR), st.dates(date(2019, 12, 20), date(2026, 5, 31)))
#: A day on which no date of these backfills is in the future.
LATER = datetime(2100, 6, 1, tzinfo=timezone.utc)
_MINUTES = st.integers(0, 24 * 60 - 1)


@dataclass(frozen=True)
class Made:
    """What a launch created: the numbers of dates, of nodes that run or are dry-run, of all."""

    dates: int
    run: int
    dry_run: int
    instances: int


@st.composite
def backfills(draw: st.DrawFn) -> dict[str, Any]:
    """A declaration in normal form: any root, nodes below it, exclusions, a window or none."""
    environment = draw(st.sampled_from(["PROD", "DEV"]))
    root = draw(st.sampled_from(list(WORKSPACE.nodes_in(environment))))
    related = sorted(WORKSPACE.descendants(root, environment) | {root.id})
    chosen = st.lists(st.sampled_from(related), unique=True)
    start = draw(_STARTS)
    given: dict[str, Any] = {
        "projectEnv": environment,
        "rootNodeId": root.id,
        "includeNodeIds": sorted({*draw(chosen), draw(st.sampled_from([root.id, related[-1]]))}),
        "excludeNodeIds": draw(chosen),
        "startBizDate": start.isoformat(),
        "endBizDate": (start + timedelta(days=draw(st.integers(0, 34)))).isoformat(),
        "parallelism": draw(st.booleans()),
    }
    window = sorted(draw(st.tuples(_MINUTES, _MINUTES)))
    if window[0] < window[1] and draw(st.booleans()):
        texts = [f"{minute // 60:02}:{minute % 60:02}" for minute in window]
        given |= {"bizBeginTime": texts[0], "bizEndTime": texts[1]}
    if given["parallelism"]:
        given["concurrentRuns"] = draw(st.integers(2, 10))
    declaration = normalize(given)
    assert not declaration.problems
    return declaration.inputs


def api_of(emulator: Emulator, project_id: str | None = PROJECT) -> Api2020:
    config = {"dataworks:endpoint": emulator.url, "dataworks:maxQps": "1000"}
    client = Client(load_settings(config, {}), lambda: Credentials("testid", "testsecret"))
    return Api2020(client, project_id)


def survey_of(emulator: Emulator, project_id: str | None = PROJECT) -> Survey:
    client = api_of(emulator).client
    return Survey(lambda: Workspace2020(client, project_id), sleep=lambda seconds: None)


def look(emulator: Emulator, inputs: Mapping[str, Any], now: datetime = LATER) -> Findings:
    """Makes a preflight of a declaration in normal form."""
    return findings_of(inputs, survey_of(emulator).facts(inputs), now)


def launched(api: Api2020, inputs: Mapping[str, Any], name: str = "a") -> Made:
    """Launches, and counts what there is then."""
    ids = launch(api.client, inputs, name).ids
    rows = list(_instances(api, inputs))
    dry = {row["NodeId"] for row in rows if row["TaskType"] == "SKIP_UNCHOOSE"}
    run = {row["NodeId"] for row in rows} - dry
    return Made(len(ids), len(run), len(dry), len(rows))


def _instances(api: Api2020, inputs: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    parameters: dict[str, str | int] = {
        "ProjectId": PROJECT,
        "ProjectEnv": inputs["projectEnv"],
        "BeginBizdate": f"{inputs['startBizDate']} 00:00:00",
        "EndBizdate": f"{inputs['endBizDate']} 00:00:00",
        "PageSize": 100,
    }
    for page in range(1, 101):
        reply = api.client.call("ListInstances", {**parameters, "PageNumber": page}, VERSION)
        rows = reply.data["Instances"]
        yield from ({key: plain_word(value) for key, value in row.items()} for row in rows)
        if page * 100 >= reply.data["TotalCount"]:
            return
