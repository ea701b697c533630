"""What version 2024-05-18 is sent, beside what its official SDK sends for the same values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from alibabacloud_dataworks_public20240518 import models
from alibabacloud_dataworks_public20240518.client import Client as SdkClient
from alibabacloud_tea_openapi.utils_models import Config
from hypothesis import given, settings
from hypothesis import strategies as st
from pulumi_dataworks._api.client import Client
from pulumi_dataworks._api.settings import Settings
from pulumi_dataworks._api.signing import Credentials
from pulumi_dataworks._api.v2024_instances import VERSION
from pulumi_dataworks._api.v2024_requests import creation_parameters
from pulumi_dataworks._declaration.inputs import HOW_IT_RUNS, WHAT_RUNS, normalize
from pulumi_dataworks._declaration.versions import V2024, lacking

from tests.provider.api._peer import Peer, Received, reply
from tests.provider.declaration._declarations import SOUND, Json, declarations

PROJECT = "10001"
RANGES = [
    {"startBizDate": "2026-05-01", "endBizDate": "2026-05-03"},
    {"startBizDate": "2026-05-30", "endBizDate": "2026-05-31"},
]

names = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=128)
more = st.fixed_dictionaries(
    {},
    optional={
        "order": st.sampled_from(["Asc", "Desc"]),
        "priority": st.integers(1, 11),
        "tags": st.dictionaries(st.text(min_size=1), st.text(), min_size=1),
        "reason": st.text(min_size=1),
        "mode": st.just("General"),
    },
)


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    with Peer(reply({"OperationId": "1", "RequestId": "R1"})) as peer:
        yield peer


def ours(peer: Peer, declared: Json, name: str) -> Received:
    client = Client(Settings("", f"http://{peer.endpoint}"), lambda: Credentials("id", "secret"))
    parameters = creation_parameters(declared, name, PROJECT)
    client.call("CreateWorkflowInstances", parameters, VERSION)
    return peer.received[-1]


def the_sdks(peer: Peer, declared: Json, name: str) -> Received:
    """What a user of the SDK writes for the same backfill: its types, by hand."""
    config = Config(
        endpoint=peer.endpoint, protocol="http", access_key_id="id", access_key_secret="secret"
    )
    SdkClient(config).create_workflow_instances(sdk_request(declared, name))
    return peer.received[-1]


def sdk_request(declared: Json, name: str) -> Any:
    ranges = declared.get("bizDates") or [declared]
    tags = [
        models.CreateWorkflowInstancesRequestTags(key=key, value=value)
        for key, value in declared.get("tags", {}).items()
    ]
    node_params = ",".join(
        f'"{node}":{json_text(" ".join(f"{key}={value}" for key, value in of_node.items()))}'
        for node, of_node in declared.get("nodeParams", {}).items()
    )
    return models.CreateWorkflowInstancesRequest(
        auto_start_enabled=False,
        comment=declared.get("reason"),
        default_run_properties=sdk_run_properties(declared),
        env_type={"PROD": "Prod", "DEV": "Dev"}[declared["projectEnv"]],
        name=name,
        periods=models.CreateWorkflowInstancesRequestPeriods(
            biz_dates=[
                models.CreateWorkflowInstancesRequestPeriodsBizDates(
                    start_biz_date=one["startBizDate"], end_biz_date=one["endBizDate"]
                )
                for one in ranges
            ],
            start_time=declared.get("bizBeginTime"),
            end_time=declared.get("bizEndTime"),
        ),
        project_id=int(PROJECT),
        tags=tags or None,
        task_parameters=f"{{{node_params}}}" if node_params else None,
        type="SupplementData",
        workflow_id=1,
    )


def sdk_run_properties(declared: Json) -> Any:
    part = "CreateWorkflowInstancesRequestDefaultRunProperties"
    alert = {"SUCCESS": "Success", "FAILURE": "Failure", "SUCCESS_FAILURE": "SuccessFailure"}
    notice = {"SMS": "Sms", "MAIL": "Mail", "SMS_MAIL": "SmsMail"}
    at_once = declared.get("startFutureInstanceImmediately")
    return getattr(models, part)(
        alert=getattr(models, f"{part}Alert")(
            type=alert[declared["alertType"]],
            notice_type=notice.get(declared.get("alertNoticeType", "")),
        )
        if "alertType" in declared
        else None,
        analysis=getattr(models, f"{part}Analysis")(enabled=False, blocked=False),
        exclude_task_ids=[int(one) for one in declared.get("excludeNodeIds", [])] or None,
        include_task_ids=[int(one) for one in declared["includeNodeIds"]],
        mode=declared.get("mode", "ManualSelection"),
        order=declared.get("order"),
        parallelism=declared["concurrentRuns"] if declared["parallelism"] else 1,
        priority=declared.get("priority"),
        root_task_ids=[int(declared["rootNodeId"])],
        run_policy=getattr(models, f"{part}RunPolicy")(
            type="Daily", start_time="00:00:00", end_time="23:59:59", immediately=True
        )
        if at_once
        else None,
    )


def json_text(text: str) -> str:
    escaped = re.sub(r'(["\\])', r"\\\1", text)
    return f'"{escaped}"'


@settings(max_examples=60, deadline=None)
@given(declarations(), more, names)
def test_a_launch_is_byte_for_byte_the_official_sdks_but_for_booleans(
    peer: Peer, declared: Json, added: Json, name: str
) -> None:
    declared = {**declared, **added}
    if declared["parallelism"]:
        declared.setdefault("concurrentRuns", 4)
    assert list(lacking(V2024, declared)) == []

    own, official = ours(peer, declared, name), the_sdks(peer, declared, name)

    assert (own.method, own.target) == (official.method, official.target)
    for header in ("content-type", "x-acs-action", "x-acs-version"):
        assert own.headers[header] == official.headers[header]
    assert own.body == official.body.replace(b"AutoStartEnabled=False", b"AutoStartEnabled=false")


def test_several_ranges_are_sent_as_the_sdk_sends_them(peer: Peer) -> None:
    declared = normalize({**SOUND, "bizDates": RANGES}).inputs
    assert ours(peer, declared, "orders").form == {
        **the_sdks(peer, declared, "orders").form,
        "AutoStartEnabled": "false",
    }


@pytest.mark.parametrize(
    ("mode", "root", "included", "roots", "sent"),
    [
        ("AllDownstream", "74324", ["74324"], [74324], None),
        ("Chain", "74330", ["74324", "74330"], None, [74330, 74324]),
    ],
)
def test_what_dataworks_chooses_is_asked_for_in_its_way(
    peer: Peer, mode: str, root: str, included: list[str], roots: Any, sent: Any
) -> None:
    chosen = {"mode": mode, "rootNodeId": root, "includeNodeIds": included}
    declared = normalize({**SOUND, **chosen}).inputs
    request = sdk_request(declared, "orders")
    request.default_run_properties.root_task_ids = roots
    request.default_run_properties.include_task_ids = sent
    config = Config(
        endpoint=peer.endpoint, protocol="http", access_key_id="id", access_key_secret="secret"
    )
    SdkClient(config).create_workflow_instances(request)
    official = peer.received[-1].form
    assert ours(peer, declared, "orders").form == {**official, "AutoStartEnabled": "false"}


def test_every_input_that_is_to_be_sent_makes_a_difference(peer: Peer) -> None:
    """None of them is dropped without a word."""
    sound = {**SOUND, "parallelism": True, "concurrentRuns": 2, "alertType": "SUCCESS"}
    changes: Json = {
        "projectEnv": "DEV",
        "rootNodeId": "1",
        "includeNodeIds": ["1"],
        "excludeNodeIds": ["1"],
        "startBizDate": "2026-04-30",
        "endBizDate": "2026-06-30",
        "bizBeginTime": "01:00:00",
        "bizEndTime": "02:00:00",
        "nodeParams": {"74324": {"limit": "5"}},
        "bizDates": RANGES,
        "mode": "General",
        "parallelism": False,
        "concurrentRuns": 3,
        "startFutureInstanceImmediately": True,
        "alertType": "FAILURE",
        "alertNoticeType": "SMS",
        "order": "Desc",
        "priority": 3,
        "tags": {"team": "trade"},
        "reason": "refunds",
    }
    not_sent = {"name", "triggers", "replacementTrigger"}  # the launch's Name is given beside them
    assert set(changes) - {"reason"} == {*WHAT_RUNS, *HOW_IT_RUNS} - not_sent
    before = ours(peer, sound, "orders").form
    for key, value in changes.items():
        assert ours(peer, {**sound, key: value}, "orders").form != before, key
