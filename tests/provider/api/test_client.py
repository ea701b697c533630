"""The client: what each outcome of a call is, above all whether it may have been processed."""

from __future__ import annotations

import json
import socket
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from dataworks_emulator import Emulator
from hypothesis import given
from hypothesis import strategies as st
from pulumi_dataworks._api import client as _client
from pulumi_dataworks._api.client import Client, Parameter, Reply, read_reply
from pulumi_dataworks._api.settings import Settings
from pulumi_dataworks._api.signing import Credentials
from pulumi_dataworks._exceptions import (
    ApiError,
    DataWorksError,
    NotSent,
    Refused,
    ReplyLost,
    ServerFault,
    Throttled,
)

from tests.provider.api._peer import Answer, Peer, close, drip, hang, reply, reset

VERSION = "2020-05-18"
SECRETS = ["the-secret", "the-token", "a-node-parameter"]
CREDENTIALS = Credentials("LTAIid", "the-secret", "the-token")
PARAMETERS: dict[str, Parameter] = {"Name": "orders", "NodeParams": '{"1":"p=a-node-parameter"}'}
SUCCESS = {"Success": True, "Data": [1], "RequestId": "R1"}


def client_of(
    endpoint: str, credentials: Credentials = CREDENTIALS, patience: float = 10.0
) -> Client:
    settings = Settings("", endpoint, connect_timeout=patience, read_timeout=patience)
    return Client(settings, lambda: credentials)


def launch(endpoint: str, patience: float = 10.0) -> Reply:
    client = client_of(endpoint, patience=patience)
    return client.call("RunCycleDagNodes", PARAMETERS, VERSION)


@contextmanager
def failure(kind: type[DataWorksError]) -> Iterator[pytest.ExceptionInfo[Any]]:
    """Expects exactly this class of error, without a secret in anything it would show."""
    with pytest.raises(kind) as caught:
        yield caught
    assert type(caught.value) is kind
    shown = repr(caught.value) + "".join(traceback.format_exception(caught.value))
    assert not [secret for secret in SECRETS if secret in shown]


def call_emulator(emulator: Emulator, **switches: object) -> Reply:
    emulator.admin.set_switches(switches)
    client = client_of(emulator.url, Credentials("testid", "testsecret"))
    return client.call("GetNode", {"NodeId": 74324, "ProjectEnv": "PROD"}, VERSION)


# ---- What cannot have been processed ----------------------------------------------------------


def test_a_refused_connection_is_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with failure(NotSent) as caught:
        launch(f"http://127.0.0.1:{port}")

    assert caught.value.processed == "no"
    assert str(caught.value).startswith("RunCycleDagNodes: no connection to the API")


@pytest.mark.parametrize("answer", [reset, close, hang])
def test_a_connection_that_breaks_before_the_body_left_is_not_sent(answer: Answer) -> None:
    with Peer(answer, reads=False) as peer, failure(NotSent) as caught:  # no TLS comes about
        launch(f"https://{peer.endpoint}", patience=0.2)

    assert caught.value.processed == "no"


# ---- What may have been -----------------------------------------------------------------------

LOST = {
    "reset": reset,
    "closed": close,
    "no answer in time": hang,
    "truncated": reply(SUCCESS, length=1000),
    "truncated, chunked": reply("5\r\n{}", headers="Transfer-Encoding: chunked\r\n"),
    "no HTTP": lambda connection: connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "HTML": reply("<html>502 Bad Gateway</html>", "502 Bad Gateway"),
    "HTML, 200": reply("<html>Sign in to the network</html>"),
    "empty": reply(""),
    "empty, 204": lambda connection: connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n"),
    "no object": reply([SUCCESS]),
    "half an object": reply('{"Success": true, "Da'),
    "deeper than can be read": reply("[" * 200_000),
    "no text": lambda connection: connection.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\xff\xfe{"
    ),
    "503 without a code": reply({"message": "upstream"}, "503 Service Unavailable"),
    "404 without a code": reply({"message": "no route"}, "404 Not Found"),
    "a code beside 200": reply({"Code": "Busy", "Message": "try again"}),
}


@pytest.mark.parametrize("name", LOST)
def test_a_request_that_was_sent_and_has_no_reply_of_the_api_may_be_processed(name: str) -> None:
    with Peer(LOST[name]) as peer, failure(ReplyLost) as caught:
        launch(f"http://{peer.endpoint}", patience=0.2)

    assert caught.value.processed == "maybe"
    assert str(caught.value).startswith("RunCycleDagNodes: ")
    assert len(peer.received) == 1  # it is never sent again
    assert peer.received[0].form == PARAMETERS


@pytest.mark.parametrize("chunked", [False, True])
def test_a_reply_that_drips_is_given_up_in_time(chunked: bool) -> None:
    began = time.monotonic()
    with Peer(drip(chunked=chunked)) as peer, failure(ReplyLost):
        launch(f"http://{peer.endpoint}", patience=0.2)

    assert time.monotonic() - began < 4  # the reply would take 6 seconds, and never pause for 0.2


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect"])
def test_a_redirect_is_never_followed(status: str) -> None:
    with Peer(reply(SUCCESS)) as elsewhere:
        redirect = reply(SUCCESS, status, f"Location: http://{elsewhere.endpoint}/\r\n")
        with Peer(redirect) as peer, failure(ReplyLost):
            launch(f"http://{peer.endpoint}")

    assert elsewhere.received == []


def test_a_reply_larger_than_any_of_the_api_is_not_read_to_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_client, "_LARGEST_REPLY", 100_000)
    with Peer(reply({**SUCCESS, "Padding": "x" * 200_000})) as peer, failure(ReplyLost):
        launch(f"http://{peer.endpoint}")


def test_the_gateways_request_id_survives_a_lost_reply() -> None:
    page = reply("<html>", "502 Bad Gateway", "x-acs-request-id: R7\r\n")
    with Peer(page) as peer, failure(ReplyLost) as caught:
        launch(f"http://{peer.endpoint}")

    assert caught.value.request_id == "R7"


@given(st.integers(200, 599), st.binary(max_size=40))
def test_no_body_that_is_not_json_is_ever_an_answer(status: int, content: bytes) -> None:
    with pytest.raises(ReplyLost):
        read_reply("GetDag", status, {}, b"<" + content)


# ---- What the API has answered ----------------------------------------------------------------


def business(code: object, stated: object = 400, message: str = "m") -> dict[str, object]:
    """The service's failure, inside of an HTTP 200."""
    return {
        "Success": False,
        "ErrorCode": code,
        "ErrorMessage": message,
        "HttpStatusCode": stated,
        "RequestId": "R1",
    }


def gateway(code: str, message: str = "m") -> dict[str, object]:
    return {"Code": code, "Message": message, "HostId": "h", "RequestId": "R1"}


@pytest.mark.parametrize(
    ("http_status", "body", "kind", "code", "stated"),
    [
        # The gateway refuses.
        (400, gateway("InvalidParallelism"), Refused, "InvalidParallelism", 400),
        (400, gateway("SignatureDoesNotMatch"), Refused, "SignatureDoesNotMatch", 400),
        (403, gateway("Forbidden.Access"), Refused, "Forbidden.Access", 403),
        (404, gateway("InvalidAccessKeyId.NotFound"), Refused, "InvalidAccessKeyId.NotFound", 404),
        # It fails.
        (500, gateway("InternalError.System"), ServerFault, "InternalError.System", 500),
        (503, gateway("ServiceUnavailable"), ServerFault, "ServiceUnavailable", 503),
        # Too many calls: whatever the status, unless more calls never help.
        (429, gateway("Throttling.User"), Throttled, "Throttling.User", 429),
        (429, gateway("TooManyRequests"), Throttled, "TooManyRequests", 429),
        (417, gateway("Throttling.Api"), Throttled, "Throttling.Api", 417),
        (503, gateway("Throttling.System"), Throttled, "Throttling.System", 503),
        (400, gateway("500130", "QPS Limit Exceeded"), Throttled, "500130", 400),
        (200, business("Throttling.User", 429), Throttled, "Throttling.User", 429),
        (429, gateway("Throttling.Api.Risk"), Refused, "Throttling.Api.Risk", 429),
        (429, gateway("Throttling.Resource"), Refused, "Throttling.Resource", 429),
        # The service behind the gateway refuses or fails, in an HTTP 200.
        (200, business("1101080008"), Refused, "1101080008", 400),
        (200, business(1101080008), Refused, "1101080008", 400),
        (200, business("1101080008", "404"), Refused, "1101080008", 404),
        (200, business("1101080008", 200), Refused, "1101080008", 200),
        (200, business("1101080008", None), Refused, "1101080008", 200),
        (200, business("1101080008", "n/a"), Refused, "1101080008", 200),
        (200, business("9990020002", 500), ServerFault, "9990020002", 500),
        (200, business(None), Refused, "Unknown", 400),
        (200, {**business("1"), "Success": "false"}, Refused, "1", 400),
    ],
)
def test_an_error_of_the_api_is_told_apart(
    http_status: int, body: dict[str, object], kind: type[ApiError], code: str, stated: int
) -> None:
    with failure(kind) as caught:
        read_reply("RunCycleDagNodes", http_status, {}, json.dumps(body).encode())

    error = caught.value
    assert error.processed == ("maybe" if kind is ServerFault else "no")
    assert (error.code, error.http_status, error.request_id) == (code, stated, "R1")
    assert str(error).startswith(f"RunCycleDagNodes: {code}: ")
    assert f"(HTTP {stated}, RequestId R1)" in str(error)


@pytest.mark.parametrize(
    "body",
    [
        SUCCESS,
        {**SUCCESS, "ErrorCode": "1031203110005", "ErrorMessage": "as the documents show"},
        {**SUCCESS, "Code": "200"},
        {**SUCCESS, "Success": "true"},
        {"Data": [1], "RequestId": "R1"},  # API version 2024-05-18 has no envelope
    ],
)
def test_success_alone_decides(body: dict[str, object]) -> None:
    read = read_reply("RunCycleDagNodes", 200, {}, json.dumps(body).encode())

    assert (read.data, read.request_id) == ([1], "R1")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("1500", 1.5), (None, None), ("0", None), ("-5", None), ("soon", None), ("inf", None)],
)
def test_throttling_tells_in_seconds_when_to_come_back(
    header: str | None, seconds: float | None
) -> None:
    headers = {} if header is None else {"x-acs-retry-after": header}

    with failure(Throttled) as caught:
        read_reply("GetDag", 429, headers, json.dumps(gateway("Throttling.User")).encode())

    assert caught.value.retry_after == seconds


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("Forbidden.Access", "needs DataWorks Enterprise or Ultimate edition"),
        ("Throttling.Resource", "a retry will not help"),
        ("InvalidTimeStamp.Expired", "clock of this machine"),
    ],
)
def test_an_error_with_a_known_remedy_names_it(code: str, hint: str) -> None:
    with failure(Refused) as caught:
        read_reply("RunCycleDagNodes", 403, {}, json.dumps(gateway(code)).encode())

    assert hint in str(caught.value)


# ---- Against the emulator, which checks signatures --------------------------------------------


@pytest.mark.parametrize(
    "credentials",
    [
        Credentials("testid", "testsecret"),
        Credentials("STS.testid", "testsecret", "testststoken/+="),
    ],
    ids=["access key", "temporary"],
)
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_signed_calls_are_let_in(emulator: Emulator, credentials: Credentials, method: str) -> None:
    client = client_of(emulator.url, credentials)
    odd: dict[str, Parameter] = {
        "NodeId": 74324,
        "ProjectEnv": "PROD",
        "Note": "\u8865 a+b*c~d&e=/?%20\n",
        "Left": None,
    }

    reply = client.call("GetNode", odd, VERSION, method)

    assert reply.data["NodeName"] == "ods_trade_order_di"
    request = emulator.requests()[-1]
    assert request["requestId"] == reply.request_id
    assert request["parameters"] == {
        "NodeId": "74324",
        "ProjectEnv": "PROD",
        "Note": "\u8865 a+b*c~d&e=/?%20\n",
    }


def test_a_wrong_secret_is_refused_and_not_shown(emulator: Emulator) -> None:
    client = client_of(emulator.url, Credentials("testid", "the-secret"))

    with failure(Refused) as caught:
        client.call("GetNode", {"NodeId": 74324, "ProjectEnv": "PROD"}, VERSION)

    assert caught.value.code == "SignatureDoesNotMatch"


def test_the_samples_of_the_documents_with_their_error_codes_are_successes(
    emulator: Emulator,
) -> None:
    assert call_emulator(emulator, placeholder_errors=True).data["NodeId"] == 74324


def test_the_gateways_throttling_is_understood(emulator: Emulator) -> None:
    with failure(Throttled) as caught:
        call_emulator(emulator, read_qps=1)
        call_emulator(emulator, read_qps=1, retry_after=2500)

    assert caught.value.retry_after == 2.5
    with failure(Refused) as risk:
        call_emulator(emulator, daily_calls=1, read_qps=None)
    assert risk.value.code == "Throttling.Api.Risk"


# ---- Connections ------------------------------------------------------------------------------


def test_a_connection_that_the_other_side_has_closed_meanwhile_costs_nothing() -> None:
    with Peer(reply(SUCCESS)) as peer:
        client = client_of(f"http://{peer.endpoint}")
        for _ in range(3):
            assert client.call("GetDag", {"DagId": 1}, VERSION).data == [1]
            peer.closed.acquire()

    assert len(peer.received) == 3


def test_plain_http_never_goes_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with Peer(reply(SUCCESS)) as proxy, Peer(reply(SUCCESS)) as peer:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://{proxy.endpoint}")
        monkeypatch.setenv("no_proxy", "")

        launch(f"http://{peer.endpoint}")

    assert proxy.received == []
    assert len(peer.received) == 1
