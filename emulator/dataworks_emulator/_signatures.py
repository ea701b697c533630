"""The two signature schemes of the Alibaba Cloud API gateway, without any I/O.

V3 (``ACS3-HMAC-SHA256``) travels in headers; the classic RPC scheme (``HMAC-SHA1``) in
parameters. Sources: "V3 request structure and signature", "RPC signature" of Alibaba Cloud, and
the requests of the official SDKs.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

V3_ALGORITHM = "ACS3-HMAC-SHA256"
_AUTHORIZATION = re.compile(
    rf"{V3_ALGORITHM}\s+Credential=(?P<key>[^,\s]+)\s*,"
    r"\s*SignedHeaders=(?P<headers>[^,\s]+)\s*,\s*Signature=(?P<signature>[^,\s]+)\s*"
)

Pairs = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class V3Authorization:
    """What the header ``Authorization`` says; names of headers in lower case."""

    access_key_id: str
    signed_headers: tuple[str, ...]
    signature: str


def parse_v3_authorization(value: str) -> V3Authorization | None:
    """Reads the header ``Authorization``, or says None if it is of another form."""
    match = _AUTHORIZATION.fullmatch(value.strip())
    if match is None:
        return None
    names = tuple(name.lower() for name in match["headers"].split(";"))
    return V3Authorization(match["key"], names, match["signature"])


def unsigned_headers(headers: Mapping[str, str], signed: Iterable[str]) -> list[str]:
    """Names the headers that had to be signed and are not: host and every x-acs-*.

    :param headers: all headers received; names in lower case.
    """
    needed = {"host"} | {name for name in headers if name.startswith("x-acs-")}
    return sorted(needed - set(signed))


def v3_signature(
    method: str,
    query: Pairs,
    headers: Mapping[str, str],
    signed_headers: Iterable[str],
    body: bytes,
    secret: str,
) -> str:
    """Computes the V3 signature, in hex.

    :param query: decoded pairs; they are encoded again here, so that the form in which they came
        over the wire (``+`` or ``%20``) does not matter.
    :param headers: names in lower case.
    """
    names = sorted(signed_headers)
    canonical = "\n".join(
        [
            method,
            "/",
            canonical_pairs(query),
            "".join(f"{name}:{headers.get(name, '').strip()}\n" for name in names),
            ";".join(names),
            body_hash(body),
        ]
    )
    text = f"{V3_ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def classic_signature(method: str, parameters: Pairs, secret: str) -> str:
    """Computes the classic signature, in base64.

    :param parameters: the decoded pairs of query and form together.
    """
    pairs = canonical_pairs((name, value) for name, value in parameters if name != "Signature")
    text = f"{method}&{percent_encode('/')}&{percent_encode(pairs)}"
    digest = hmac.new(f"{secret}&".encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def same(expected: str, received: str) -> bool:
    """Compares signatures in constant time."""
    return hmac.compare_digest(expected.encode(), received.encode())


def body_hash(body: bytes) -> str:
    """SHA-256 of the body's exact bytes, in hex."""
    return hashlib.sha256(body).hexdigest()


def canonical_pairs(pairs: Pairs) -> str:
    """Joins pairs, sorted by name and encoded, as both schemes want them."""
    return "&".join(
        f"{percent_encode(name)}={percent_encode(value)}" for name, value in sorted(pairs)
    )


def percent_encode(text: str) -> str:
    """Encodes as RFC 3986 says: all but ``A-Za-z0-9-_.~`` of UTF-8 as ``%XX``."""
    return quote(text, safe="-_.~")
