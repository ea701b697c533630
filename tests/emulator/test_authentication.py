"""Who may call: signatures of both schemes, and the gateway's refusals."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from alibabacloud_tea_openapi.exceptions import ClientException
from dataworks_emulator import Emulator
from dataworks_emulator._authentication import Authenticator
from dataworks_emulator._request import HttpRequest

from tests.emulator._callers import Json, Sdk, send
from tests.emulator._warehouse import LOAD, TOKEN, WAREHOUSE

VECTORS = json.loads((Path(__file__).parents[1] / "data" / "signing-vectors.json").read_text())
SIGNED_AT = datetime(2026, 11, 23, 8, tzinfo=timezone.utc).timestamp()
V3, CLASSIC = VECTORS["v3_acs3_hmac_sha256"], VECTORS["v1_rpc_hmac_sha1"]
BOTH = [
    *(pytest.param(vector, id=f"v3-{vector['name']}") for vector in V3),
    *(pytest.param(vector, id=f"classic-{vector['name']}") for vector in CLASSIC),
]
V3_LAUNCH, CLASSIC_LAUNCH = V3[0], CLASSIC[0]


def as_received(vector: Json) -> HttpRequest:
    return HttpRequest(
        vector["method"],
        urlsplit(vector["url"]).query,
        {name.lower(): value for name, value in vector["headers"].items()},
        (vector["body"] or "").encode(),
    )


@pytest.fixture
def then() -> Iterator[Emulator]:
    """An emulator at the moment at which the vectors were signed; it has the nodes they name."""
    with Emulator(wall=lambda: SIGNED_AT) as emulator:
        yield emulator


def replay(emulator: Emulator, vector: Json, **changes: Any) -> httpx.Response:
    """Sends a vector, byte by byte as the official packages built it."""
    changed = {**vector, **changes}
    query = urlsplit(changed["url"]).query
    return httpx.request(
        changed["method"],
        f"{emulator.url}/?{query}",
        headers=changed["headers"],
        content=changed["body"],
    )


def refusal(response: httpx.Response) -> tuple[int, str]:
    body = response.json()
    assert set(body) == {"RequestId", "HostId", "Code", "Message", "Recommend"}
    return response.status_code, body["Code"]


@pytest.mark.parametrize("vector", BOTH)
def test_what_the_official_packages_signed_is_accepted(vector: Json) -> None:
    key = Authenticator(WAREHOUSE, lambda: SIGNED_AT).check(as_received(vector))
    assert (key.id, key.security_token) == ("testid", vector["security_token"])


@pytest.mark.parametrize("vector", [V3_LAUNCH, CLASSIC_LAUNCH], ids=["v3", "classic"])
def test_a_launch_of_the_official_packages_launches_over_the_wire(
    then: Emulator, vector: Json
) -> None:
    body = replay(then, vector).json()
    [launch] = then.launches()
    assert body["Success"] is True
    assert body["Data"] == launch["dagIds"]
    assert launch["parameters"] == vector["form_params_unencoded"]


@pytest.mark.parametrize("vector", [V3_LAUNCH, CLASSIC_LAUNCH], ids=["v3", "classic"])
def test_a_nonce_counts_once(then: Emulator, vector: Json) -> None:
    assert replay(then, vector).status_code == 200
    assert refusal(replay(then, vector)) == (400, "SignatureNonceUsed")
    assert len(then.launches()) == 1


@pytest.mark.parametrize("vector", [V3_LAUNCH, CLASSIC_LAUNCH], ids=["v3", "classic"])
def test_a_changed_body_is_refused_and_spends_no_nonce(then: Emulator, vector: Json) -> None:
    changed = vector["body"].replace("74324%2C74325", "74325")
    assert refusal(replay(then, vector, body=changed)) == (400, "SignatureDoesNotMatch")
    assert then.launches() == []
    assert replay(then, vector).status_code == 200


def with_headers(vector: Json, **changes: str | None) -> Json:
    renamed = {name.replace("_", "-"): value for name, value in changes.items()}
    headers = {**vector["headers"], **renamed}
    return {"headers": {name: value for name, value in headers.items() if value is not None}}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"x_acs_content_sha256": "0" * 64}, "SignatureDoesNotMatch"),
        ({"x_acs_content_sha256": None}, "IncompleteSignature"),
        ({"x_acs_signature_nonce": None}, "IncompleteSignature"),
        ({"x_acs_not_signed": "1"}, "IncompleteSignature"),
        ({"x_acs_date": "23.11.2026"}, "InvalidTimeStamp.Format"),
        ({"Authorization": "ACS3-HMAC-SHA256 Credential=testid"}, "IncompleteSignature"),
        ({"Authorization": None}, "MissingAccessKeyId"),
        ({"x_acs_version": "2019-01-01"}, "InvalidApi.NotFound"),
        ({"x_acs_action": "RunEverything"}, "InvalidApi.NotFound"),
        ({"x_acs_action": None}, "MissingAction"),
    ],
)
def test_a_broken_v3_request_is_refused(
    then: Emulator, changes: dict[str, str | None], code: str
) -> None:
    status = 404 if code.endswith("NotFound") else 400
    response = replay(then, V3_LAUNCH, **with_headers(V3_LAUNCH, **changes))
    assert refusal(response) == (status, code)
    assert then.launches() == []


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("AccessKeyId", "", "MissingAccessKeyId"),
        ("Timestamp", "", "MissingTimestamp"),
        ("SignatureNonce", "", "MissingSignatureNonce"),
        ("SignatureMethod", "HMAC-MD5", "InvalidSignatureMethod"),
        ("SignatureVersion", "2.0", "InvalidSignatureMethod"),
        ("Timestamp", "now", "InvalidTimeStamp.Format"),
        ("SecurityToken", "unknown", "InvalidSecurityToken.MismatchWithAccessKey"),
    ],
)
def test_a_broken_classic_request_is_refused(
    emulator: Emulator, name: str, value: str, code: str
) -> None:
    call = {"Action": "GetNode", "NodeId": str(LOAD), "ProjectEnv": "PROD"}
    assert refusal(send(emulator, {**call, name: value})) == (400, code)


@pytest.mark.parametrize("algorithm", [None, "v2"], ids=["v3", "classic"])
@pytest.mark.parametrize(
    ("key", "secret", "status", "code"),
    [
        ("testid", "wrong", 400, "SignatureDoesNotMatch"),
        ("nobody", "testsecret", 404, "InvalidAccessKeyId.NotFound"),
        ("inactive", "testsecret", 400, "InvalidAccessKeyId.Inactive"),
    ],
)
def test_a_wrong_key_is_refused_by_the_gateway(
    emulator: Emulator, algorithm: str | None, key: str, secret: str, status: int, code: str
) -> None:
    sdk = Sdk(emulator.endpoint, key, secret, algorithm=algorithm)
    with pytest.raises(ClientException) as refused:
        sdk.launch()
    assert (refused.value.status_code, refused.value.code) == (status, code)
    assert emulator.launches() == []
    assert (emulator.requests()[-1]["status"], emulator.requests()[-1]["code"]) == (status, code)


@pytest.mark.parametrize("algorithm", [None, "v2"], ids=["v3", "classic"])
def test_a_key_with_a_token_may_call(emulator: Emulator, algorithm: str | None) -> None:
    sdk = Sdk(emulator.endpoint, token=TOKEN, algorithm=algorithm)
    assert len(sdk.launch()) == 1


@pytest.mark.parametrize("algorithm", [None, "v2"], ids=["v3", "classic"])
@pytest.mark.parametrize("direction", [-1, 1], ids=["slow", "fast"])
def test_clocks_may_differ_by_fifteen_minutes(algorithm: str | None, direction: int) -> None:
    skew = 0.0
    with Emulator(WAREHOUSE, wall=lambda: time.time() + skew) as emulator:
        sdk = Sdk(emulator.endpoint, algorithm=algorithm)
        skew = direction * (15 * 60 - 30)
        assert sdk.data("GetNode", node_id=LOAD)["NodeId"] == LOAD
        skew = direction * (15 * 60 + 30)
        with pytest.raises(ClientException) as refused:
            sdk.data("GetNode", node_id=LOAD)
    assert (refused.value.status_code, refused.value.code) == (400, "InvalidTimeStamp.Expired")


def test_the_log_of_calls_holds_no_secret(emulator: Emulator) -> None:
    Sdk(emulator.endpoint, token=TOKEN, algorithm="v2").launch()
    send(emulator, {"Action": "GetDag", "SecurityToken": TOKEN})
    logged = emulator.requests()
    assert [(one["action"], one["accessKeyId"]) for one in logged] == [
        ("RunCycleDagNodes", "testid"),
        ("GetDag", "testid"),
    ]
    text = json.dumps(logged)
    assert TOKEN not in text
    assert "Signature" not in text
