"""Once a launch has succeeded nothing raises, whatever the API says after that."""

from __future__ import annotations

import json
import socket
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.provider.api._peer import Peer, reply
from tests.provider.lifecycle._stacks import Stack

TEXT = st.text(max_size=8)
# Names that the provider reads, so that odd values reach the places where they are read.
NAMES = st.sampled_from(
    ["Data", "Instances", "Dags", "DagId", "OpSeq", "Bizdate", "CreateTime", "ProjectId", "Status"]
)
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | TEXT, inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=ODD, request_id=ODD, later=st.lists(ODD, max_size=4))
def test_whatever_a_successful_reply_holds(data: Any, request_id: Any, later: list[Any]) -> None:
    answers = [
        {"Success": True, "Data": data, "RequestId": request_id},
        *({"Success": True, "Data": one, "RequestId": "R"} for one in later),
    ]

    def answer(connection: socket.socket) -> None:
        body = json.dumps(answers.pop(0)) if answers else "no reply of the API"
        reply(body)(connection)

    with Peer(answer) as peer:
        stack = Stack(f"http://{peer.endpoint}", {"dataworks:preflight": "off"})
        assert stack.up() == ""

    assert stack.backfill is not None
    actions = [one.headers["x-acs-action"] for one in peer.received]
    assert actions.count("RunCycleDagNodes") == 1
