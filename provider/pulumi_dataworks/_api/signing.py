"""Signature V3 (ACS3-HMAC-SHA256) of the Alibaba Cloud API gateway, without any I/O.

Source: "V3 request structure and signature" of Alibaba Cloud, and the official SDK's requests.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from urllib.parse import parse_qsl, quote, urlsplit

from requests import PreparedRequest
from requests.auth import AuthBase

from .._clock import utc_now
from .._exceptions import SettingsError

ALGORITHM = "ACS3-HMAC-SHA256"


_HEADER_SAFE = re.compile(r"[!-~]+")


@dataclass(frozen=True)
class Credentials:
    """An access key, and the token that goes with it if it is a temporary one (STS).

    :raises SettingsError: where one of them cannot be right, before it gets into a header.
    """

    access_key_id: str
    access_key_secret: str = field(repr=False)
    security_token: str | None = field(default=None, repr=False)
    source: str = "given"

    def __post_init__(self) -> None:
        for name in ("access_key_id", "access_key_secret", "security_token"):
            value = getattr(self, name)
            if value is not None and not _HEADER_SAFE.fullmatch(value):
                raise SettingsError(
                    f"{name.replace('_', ' ')} of {self.source}: must be printable ASCII without "
                    "white space (a line end that was pasted along?)"
                )


def percent_encode(text: str) -> str:
    """Encodes as RFC 3986 says: all but ``A-Za-z0-9-_.~`` of UTF-8 as ``%XX``."""
    return quote(text, safe="-_.~")


def canonical_query(parameters: Mapping[str, str]) -> str:
    """Joins parameters, sorted and encoded, as the signature wants them."""
    return "&".join(
        f"{percent_encode(key)}={percent_encode(value)}"
        for key, value in sorted(parameters.items())
    )


def authorization(
    method: str,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    body_sha256: str,
    credentials: Credentials,
) -> str:
    """Computes the value of the header ``Authorization``.

    :param headers: the headers to sign, every one of them; names in any case.
    :param body_sha256: SHA-256 of the body's bytes, in hex.
    """
    signed = {name.lower(): value.strip() for name, value in headers.items()}
    names = ";".join(sorted(signed))
    lines = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
    canonical = "\n".join([method, "/", canonical_query(query), lines, names, body_sha256])
    to_sign = f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(
        credentials.access_key_secret.encode(), to_sign.encode(), hashlib.sha256
    ).hexdigest()
    return (
        f"{ALGORITHM} Credential={credentials.access_key_id},"
        f"SignedHeaders={names},Signature={signature}"
    )


def new_nonce() -> str:
    """A nonce, unique to one request."""
    return str(uuid.uuid4())


class V3Auth(AuthBase):
    """Signs one request for one operation. A repeated call must be prepared, and signed, anew."""

    def __init__(
        self,
        credentials: Credentials,
        action: str,
        version: str,
        clock: Callable[[], datetime] = utc_now,
        nonce: Callable[[], str] = new_nonce,
    ) -> None:
        self._credentials = credentials
        self._action = action
        self._version = version
        self._clock = clock
        self._nonce = nonce

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        url = urlsplit(request.url or "")
        body_sha256 = hashlib.sha256(_body_bytes(request)).hexdigest()
        request.headers["host"] = url.netloc
        request.headers.update(self._acs_headers(body_sha256))
        signed = {
            name: _text(value)
            for name, value in request.headers.items()
            if name.lower() in ("host", "content-type") or name.lower().startswith("x-acs-")
        }
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        request.headers["authorization"] = authorization(
            request.method or "POST", query, signed, body_sha256, self._credentials
        )
        return request

    def _acs_headers(self, body_sha256: str) -> dict[str, str]:
        headers = {
            "x-acs-action": self._action,
            "x-acs-version": self._version,
            "x-acs-date": self._clock().strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": self._nonce(),
            "x-acs-content-sha256": body_sha256,
        }
        if self._credentials.security_token:
            headers["x-acs-security-token"] = self._credentials.security_token
            headers["x-acs-accesskey-id"] = self._credentials.access_key_id
        return headers


def _body_bytes(request: PreparedRequest) -> bytes:
    body: object = request.body
    if body is None:
        return b""
    if isinstance(body, BytesIO):
        return body.getvalue()
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes):
        return body
    raise TypeError(f"a body of type {type(body).__name__} cannot be signed")


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
