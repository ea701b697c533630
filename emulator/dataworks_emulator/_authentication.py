"""Who calls: finds the key, checks signature, time and nonce, as the gateway does.

Source of the codes: the gateway's generic error codes.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import NoReturn

from . import _signatures as signatures
from ._clock import Wall
from ._errors import GatewayError, missing
from ._request import HttpRequest
from ._workspace import AccessKey, Workspace

SKEW_SECONDS = 15 * 60
_FORM = "%Y-%m-%dT%H:%M:%SZ"
_CLASSIC = (
    "AccessKeyId",
    "Signature",
    "SignatureMethod",
    "SignatureNonce",
    "SignatureVersion",
    "Timestamp",
)


class Authenticator:
    """Checks calls against the keys of a workspace. Nonces are remembered in memory."""

    def __init__(self, workspace: Workspace, wall: Wall) -> None:
        self._workspace = workspace
        self._wall = wall
        self._nonces: dict[str, float] = {}

    def check(self, request: HttpRequest) -> AccessKey:
        """Returns the key of a call that is signed well, or raises the gateway's error."""
        if request.authorization:
            return self._check_v3(request)
        return self._check_classic(request)

    def _check_v3(self, request: HttpRequest) -> AccessKey:
        given = signatures.parse_v3_authorization(request.authorization)
        headers = request.headers
        if given is None:
            self._incomplete("the header Authorization can't be read")
        for name in ("x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"):
            if not headers.get(name):
                self._incomplete(f"the header {name} is missing")
        if unsigned := signatures.unsigned_headers(headers, given.signed_headers):
            self._incomplete(f"not signed: {', '.join(unsigned)}")
        self._check_time(headers["x-acs-date"])
        key = self._key(given.access_key_id, headers.get("x-acs-security-token"))
        expected = signatures.v3_signature(
            request.method,
            request.query,
            headers,
            given.signed_headers,
            request.body,
            key.secret,
        )
        self._compare(signatures.body_hash(request.body), headers["x-acs-content-sha256"])
        self._compare(expected, given.signature)
        self._spend(headers["x-acs-signature-nonce"])
        return key

    def _check_classic(self, request: HttpRequest) -> AccessKey:
        values = request.values
        for name in _CLASSIC:
            if not values.get(name):
                raise missing(name)
        if values["SignatureMethod"] != "HMAC-SHA1" or values["SignatureVersion"] != "1.0":
            raise GatewayError(400, "InvalidSignatureMethod", "Use HMAC-SHA1 of version 1.0.")
        self._check_time(values["Timestamp"])
        key = self._key(values["AccessKeyId"], values.get("SecurityToken"))
        expected = signatures.classic_signature(request.method, values.items(), key.secret)
        self._compare(expected, values["Signature"])
        self._spend(values["SignatureNonce"])
        return key

    def _key(self, key_id: str, token: str | None) -> AccessKey:
        key = self._workspace.access_key(key_id, token)
        if key is None:
            raise GatewayError(
                404, "InvalidAccessKeyId.NotFound", "Specified access key is not found."
            )
        if not key.active:
            raise GatewayError(
                400, "InvalidAccessKeyId.Inactive", "Specified access key is disabled."
            )
        if key.security_token != (token or None):
            code = (
                "MissingSecurityToken"
                if not token
                else "InvalidSecurityToken.MismatchWithAccessKey"
            )
            raise GatewayError(400, code, "The security token does not belong to the access key.")
        return key

    def _check_time(self, value: str) -> None:
        try:
            moment = datetime.strptime(value, _FORM).replace(tzinfo=timezone.utc)
        except ValueError:
            raise GatewayError(
                400, "InvalidTimeStamp.Format", f"Specified time stamp {value!r} is not {_FORM}."
            ) from None
        if abs(moment.timestamp() - self._wall()) > SKEW_SECONDS:
            raise GatewayError(
                400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired."
            )

    def _spend(self, nonce: str) -> None:
        now = self._wall()
        # A nonce older than the skew to both sides can't pass the check of time any more.
        oldest = now - 2 * SKEW_SECONDS
        while self._nonces and next(iter(self._nonces.values())) < oldest:
            del self._nonces[next(iter(self._nonces))]
        if nonce in self._nonces:
            raise GatewayError(400, "SignatureNonceUsed", "Specified signature nonce was used.")
        self._nonces[nonce] = now

    @staticmethod
    def _compare(expected: str, received: str) -> None:
        # The live gateway answers with its string to sign; that could hold a token.
        if not signatures.same(expected, received):
            raise GatewayError(
                400,
                "SignatureDoesNotMatch",
                "Specified signature is not matched with our calculation.",
            )

    @staticmethod
    def _incomplete(why: str) -> NoReturn:
        raise GatewayError(
            400, "IncompleteSignature", f"The request signature does not conform: {why}."
        )
