"""The signature, against requests that the official SDK has signed (tests/data)."""

from __future__ import annotations

import json
import re
import string
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from pulumi_dataworks._api.signing import (
    Credentials,
    V3Auth,
    authorization,
    canonical_query,
    percent_encode,
)
from pulumi_dataworks._exceptions import SettingsError

_FILE = Path(__file__).parents[2] / "data" / "signing-vectors.json"
_DATA: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
VECTORS = _DATA["v3_acs3_hmac_sha256"]


def _credentials(vector: dict[str, Any]) -> Credentials:
    meta = _DATA["meta"]
    return Credentials(
        meta["access_key_id"], meta["access_key_secret"], vector["security_token"], "vectors"
    )


each_vector = pytest.mark.parametrize("vector", VECTORS, ids=[v["name"] for v in VECTORS])


@each_vector
def test_the_signature_is_the_official_one(vector: dict[str, Any]) -> None:
    headers = {name: v for name, v in vector["headers"].items() if name != "Authorization"}

    computed = authorization(
        vector["method"],
        vector["query_params_unencoded"],
        headers,
        headers["x-acs-content-sha256"],
        _credentials(vector),
    )

    assert computed == vector["expected_authorization"]


@each_vector
def test_a_request_gets_the_headers_of_the_official_one(vector: dict[str, Any]) -> None:
    official = vector["headers"]
    auth = V3Auth(
        _credentials(vector),
        official["x-acs-action"],
        official["x-acs-version"],
        clock=lambda: datetime.fromisoformat(vector["timestamp"].replace("Z", "+00:00")),
        nonce=lambda: vector["nonce"],
    )
    headers = {"content-type": official["content-type"]} if vector["body"] else {}

    request = requests.Request(
        vector["method"], vector["url"], headers=headers, data=vector["body"], auth=auth
    ).prepare()

    ours = {name.lower(): value for name, value in request.headers.items()}
    # Which provider found the credentials is no business of the API; the SDK tells it.
    wanted = {"host", "content-type"} | {name for name in official if name.startswith("x-acs-")}
    wanted -= {"x-acs-credentials-provider"}
    assert {name: ours.get(name) for name in wanted} == {
        name: official.get(name) for name in wanted
    }
    signed = re.search(r"SignedHeaders=([^,]*)", ours["authorization"])
    assert signed is not None
    assert set(signed[1].split(";")) == {name for name in wanted if name in official}


def test_every_request_has_a_nonce_of_its_own_and_the_time_in_utc() -> None:
    auth = V3Auth(Credentials("id", "secret"), "GetDag", "2020-05-18")

    first, second = (
        requests.Request("POST", "https://host/", data="a=1", auth=auth).prepare().headers
        for _ in range(2)
    )

    assert first["x-acs-signature-nonce"] != second["x-acs-signature-nonce"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", first["x-acs-date"])


@given(st.dictionaries(st.text(), st.text()))
def test_a_query_is_encoded_as_rfc_3986_says_and_sorted(query: dict[str, str]) -> None:
    encoded = canonical_query(query)

    assert set(encoded) <= set(string.ascii_letters + string.digits + "-_.~%&=")
    pairs = [pair.split("=") for pair in encoded.split("&") if pair]
    assert [(unquote(key), unquote(value)) for key, value in pairs] == sorted(query.items())


def test_what_quoting_treats_in_several_ways_is_encoded_in_this_one() -> None:
    assert percent_encode("a b+c*d~e/f\u8865") == "a%20b%2Bc%2Ad~e%2Ff%E8%A1%A5"


def test_credentials_never_show_their_secrets() -> None:
    shown = repr(Credentials("LTAIid", "the-secret", "the-token", "the test"))

    assert "LTAIid" in shown
    assert "the-secret" not in shown
    assert "the-token" not in shown


@pytest.mark.parametrize("bad", ["secret\n", "se cret", "", "s\u00e9cret", "a\r\nx-acs-action: b"])
@pytest.mark.parametrize("place", range(3))
def test_credentials_that_no_header_can_carry_are_refused_without_being_shown(
    bad: str, place: int
) -> None:
    parts = ["id", "key", "token"]
    parts[place] = bad

    with pytest.raises(SettingsError, match=r"dataworks:accessKey.*printable ASCII") as caught:
        Credentials(parts[0], parts[1], parts[2], "dataworks:accessKey")

    assert not bad or bad not in str(caught.value)
