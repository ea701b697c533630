"""A launch as it goes over the wire, beside what the official SDK sends; and its reply, read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from alibabacloud_dataworks_public20200518 import models
from alibabacloud_dataworks_public20200518.client import Client as SdkClient
from alibabacloud_tea_openapi.utils_models import Config
from hypothesis import given, settings
from hypothesis import strategies as st
from pulumi_dataworks._api.client import Client
from pulumi_dataworks._api.settings import Settings
from pulumi_dataworks._api.signing import Credentials
from pulumi_dataworks._api.v2020 import launch, read_ids

from tests.provider.api._peer import Peer, Received, reply
from tests.provider.declaration._declarations import SOUND, Json, declarations

names = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=128)


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    with Peer(reply({"Success": True, "Data": [1], "RequestId": "R1"})) as peer:
        yield peer


def ours(peer: Peer, declared: Json, name: str) -> Received:
    client = Client(Settings("", f"http://{peer.endpoint}"), lambda: Credentials("id", "secret"))
    launch(client, declared, name)
    return peer.received[-1]


def the_sdks(peer: Peer, declared: Json, name: str) -> Received:
    """What a user of the SDK writes for the same backfill: its types, by hand."""
    config = Config(
        endpoint=peer.endpoint, protocol="http", access_key_id="id", access_key_secret="secret"
    )
    node_params = {
        node: " ".join(f"{key}={value}" for key, value in of_node.items())
        for node, of_node in declared.get("nodeParams", {}).items()
    }
    request = models.RunCycleDagNodesRequest(
        project_env=declared["projectEnv"],
        name=name,
        root_node_id=int(declared["rootNodeId"]),
        include_node_ids=",".join(declared["includeNodeIds"]),
        exclude_node_ids=",".join(declared.get("excludeNodeIds", [])) or None,
        start_biz_date=declared["startBizDate"] + " 00:00:00",
        end_biz_date=declared["endBizDate"] + " 00:00:00",
        biz_begin_time=declared.get("bizBeginTime"),
        biz_end_time=declared.get("bizEndTime"),
        parallelism=declared["parallelism"],
        concurrent_runs=declared.get("concurrentRuns"),
        node_params=json.dumps(node_params, ensure_ascii=False, separators=(",", ":"))
        if node_params
        else None,
        start_future_instance_immediately=declared.get("startFutureInstanceImmediately"),
        alert_type=declared.get("alertType"),
        alert_notice_type=declared.get("alertNoticeType"),
    )
    SdkClient(config).run_cycle_dag_nodes(request)
    return peer.received[-1]


@settings(max_examples=60)
@given(declarations(), names)
def test_a_launch_is_byte_for_byte_the_official_sdks_but_for_booleans(
    peer: Peer, declared: Json, name: str
) -> None:
    own, official = ours(peer, declared, name), the_sdks(peer, declared, name)

    assert (own.method, own.target) == (official.method, official.target)
    for header in ("content-type", "x-acs-action", "x-acs-version"):
        assert own.headers[header] == official.headers[header]
    booleans = rb"((?:^|&)(?:Parallelism|StartFutureInstanceImmediately)=)(True|False)(?=&|$)"
    lower = re.sub(booleans, lambda found: found[1] + found[2].lower(), official.body)
    assert own.body == lower


def test_a_launch_has_every_parameter_that_the_sdk_knows_and_no_other(peer: Peer) -> None:
    everything = {
        **SOUND,
        "excludeNodeIds": ["74326"],
        "bizBeginTime": "00:00:00",
        "bizEndTime": "23:59:59",
        "parallelism": True,
        "concurrentRuns": 4,
        "nodeParams": {"74324": {"bizdate": "20260501"}},
        "startFutureInstanceImmediately": True,
        "alertType": "FAILURE",
        "alertNoticeType": "MAIL",
        # Never sent:
        "triggers": ["again"],
        "reason": "refunds",
        "onDestroy": "stop",
        "namePrefix": "orders",
        "adoptDagId": "1",
        "replacementTrigger": 1,
        "launch": {},
        "plan": {},
    }

    sent = ours(peer, everything, "orders_1").form

    model = vars(models.RunCycleDagNodesRequest())
    assert set(sent) == {"".join(word.title() for word in key.split("_")) for key in model}


# ---- The reply's Data -------------------------------------------------------------------------

BIG = 2**63 - 1
NO_IDS: list[Any] = [None, True, "", [], {}, 0, -1, 1.5, "success", [None, False], BIG + 1]
NO_IDS += [float("nan"), float("inf"), 1e300, 10**5000, "9" * 10**6]


@pytest.mark.parametrize(
    ("data", "ids"),
    [
        ([3, 1, 20], ["1", "3", "20"]),
        ([BIG, 2**53 + 1], [str(2**53 + 1), str(BIG)]),
        (111, ["111"]),
        ("111", ["111"]),
        (111.0, ["111"]),
        ("1,2, 3", ["1", "2", "3"]),
        ("[1, 2]", ["1", "2"]),
        ('["1","2"]', ["1", "2"]),
        (["1", 1, "01"], ["1"]),
        ({"dagId": [1, 2]}, ["1", "2"]),
        ({"Data": {"DagIds": ["1"]}}, ["1"]),
        ([{"DagId": 1}, {"DagId": 2}], ["1", "2"]),
        ({"DagIds": [1], "OpSeq": 2, "ProjectId": 10001, "Count": 1}, ["1"]),
        ({"OpSeq": 2}, []),
        # Nothing of these is an ID.
        *[(nothing, []) for nothing in NO_IDS],
        ([1, "x", None, {"y": []}], ["1"]),
    ],
    ids=lambda value: str(type(value).__name__),
)
def test_data_is_read_in_every_form(data: object, ids: list[str]) -> None:
    assert read_ids(data) == ids


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(json_values)
def test_whatever_data_holds_reading_it_never_loses_the_launch(data: object) -> None:
    ids = read_ids(data)

    assert ids == sorted(set(ids), key=int)
    assert all(1 <= int(one) < 2**63 for one in ids)


def test_data_of_any_depth_is_read() -> None:
    data: Any = [7]
    for _ in range(100_000):
        data = [data]

    assert read_ids(data) == ["7"]
    while data:  # else to free it would go as deep
        data = data.pop() if isinstance(data, list) else None
