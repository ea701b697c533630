"""The one place that talks to the API: one signed request, one typed reply or one typed error.

It never repeats a request and never follows a redirect: whether a call may be repeated is for
the caller to say. Source: DataWorks OpenAPI 2020-05-18 and 2024-05-18 (RPC style).
"""

from __future__ import annotations

import io
import json
import platform
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import requests
from urllib3.exceptions import HTTPError

from .._clock import utc_now
from .._exceptions import ApiError, NotSent, Refused, ReplyLost, ServerFault, Throttled
from .._version import __version__
from .credentials import CredentialSource
from .log import CallLog
from .rate import TokenBucket
from .settings import Settings
from .signing import V3Auth, new_nonce

Parameter = str | int | bool | None

#: Throttling that ends tomorrow, or with another edition: a repetition does not help.
_USED_UP = frozenset({"Throttling.Api.Risk", "Throttling.Resource"})
_LARGEST_REPLY = 64 * 2**20
_PIECE = 2**16
_USER_AGENT = f"pulumi-dataworks/{__version__} Python/{platform.python_version()}"


@dataclass(frozen=True)
class Reply:
    """A reply that says success: the JSON object of its body."""

    body: dict[str, Any]

    @property
    def request_id(self) -> str | None:
        """The ID by which Alibaba's support finds the call."""
        return _text_or_none(self.body.get("RequestId"))

    @property
    def data(self) -> Any:
        """The field ``Data`` as it came, None where there is none."""
        return self.body.get("Data")


class Client:
    """Calls operations of one endpoint with one connection pool. Safe to share among threads.

    :param bucket: is asked when a call may begin, and told where one was throttled.
    """

    def __init__(
        self,
        settings: Settings,
        credentials: CredentialSource,
        clock: Callable[[], datetime] = utc_now,
        nonce: Callable[[], str] = new_nonce,
        bucket: TokenBucket | None = None,
    ) -> None:
        self._settings = settings
        self._bucket = bucket
        self._credentials = credentials
        self._clock = clock
        self._log = CallLog(settings.log_file, clock, time.monotonic)
        self._nonce = nonce
        self._session = requests.Session()
        self._session.headers.clear()
        # Plain http is for the loopback interface: a proxy would carry it to another machine.
        self._session.trust_env = settings.endpoint.startswith("https:")

    def call(
        self, action: str, parameters: Mapping[str, Parameter], version: str, method: str = "POST"
    ) -> Reply:
        """Makes one call.

        :param parameters: by the API's names; None is left out, a bool is sent in lower case.
        :param method: POST sends the parameters as a form, GET in the query.
        :raises NotSent: no connection; :raises ReplyLost: sent, and no reply of the API;
        :raises ApiError: the API answered with an error, one of its three kinds.
        """
        if self._bucket:
            self._bucket.take()
        fields = {key: _wire(value) for key, value in parameters.items() if value is not None}
        body = _SentBody(urlencode(sorted(fields.items())).encode()) if method == "POST" else None
        request = requests.Request(
            method,
            f"{self._settings.endpoint}/",
            headers=_headers(body),
            params=fields if method == "GET" else None,
            data=body,
            auth=V3Auth(self._credentials(), action, version, self._clock, self._nonce),
        )
        prepared = self._session.prepare_request(request)
        with self._log.call(action, version, (action, *sorted(fields.items()))) as line:
            try:
                line.status, headers, content = self._exchange(prepared)
            except (requests.RequestException, HTTPError) as error:
                raise _transport_error(action, error, body) from error
            try:
                reply = read_reply(action, line.status, headers, content)
            except Throttled:
                if self._bucket:
                    self._bucket.slow_down()
                raise
            line.request_id = reply.request_id
            return reply

    def _exchange(self, prepared: requests.PreparedRequest) -> tuple[int, Mapping[str, str], bytes]:
        settings = self._session.merge_environment_settings(
            prepared.url or "", proxies={}, stream=True, verify=None, cert=None
        )
        with self._session.send(
            prepared,
            timeout=(self._settings.connect_timeout, self._settings.read_timeout),
            allow_redirects=False,
            **settings,
        ) as response:
            content = _read(response, time.monotonic() + self._settings.read_timeout)
            return response.status_code, response.headers, content


def read_reply(action: str, status: int, headers: Mapping[str, str], content: bytes) -> Reply:
    """Reads a reply through both of the API's failure layers, or raises what it says.

    The gateway answers an error with HTTP 4xx or 5xx and a ``Code``; the service answers with
    HTTP 200 and ``Success: false``. Beside ``Success: true`` a filled ErrorCode means nothing.
    Whatever fits neither layer is no answer of the API: the call may have been processed.
    """
    body = _object(content)
    if body is None:
        raise ReplyLost(
            f"{action}: HTTP {status} with a body that is no reply of the API",
            _text_or_none(headers.get("x-acs-request-id")),
        )
    success = _truth(body.get("Success"))
    if 200 <= status < 300 and (success or (success is None and "Code" not in body)):
        return Reply(body)
    code = _text_or_none(body.get("Code")) or _text_or_none(body.get("ErrorCode"))
    message = _text_or_none(body.get("Message")) or _text_or_none(body.get("ErrorMessage")) or ""
    if 200 <= status < 300 and success is False:
        raise _api_error(
            action, _status_within(body, status), code or "Unknown", message, body, headers
        )
    if status >= 400 and code is not None:
        raise _api_error(action, status, code, message, body, headers)
    raise ReplyLost(
        f"{action}: HTTP {status} without an error of the API",
        _text_or_none(body.get("RequestId")),
    )


def _api_error(
    action: str,
    status: int,
    code: str,
    message: str,
    body: Mapping[str, Any],
    headers: Mapping[str, str],
) -> ApiError:
    request_id = _text_or_none(body.get("RequestId"))
    retry_after = _retry_after(headers)
    throttled = "throttl" in code.lower() or "qps limit" in message.lower() or status == 429
    if throttled and code not in _USED_UP:
        error = Throttled(action, code, message, status, request_id)
        error.retry_after = retry_after
        return error
    if status >= 500:
        return ServerFault(action, code, message, status, request_id)
    return Refused(action, code, message, status, request_id)


def _status_within(body: Mapping[str, Any], status: int) -> int:
    """The status that the service states inside of an HTTP 200."""
    stated = body.get("HttpStatusCode")
    try:
        return int(stated) if stated is not None else status
    except (TypeError, ValueError, OverflowError):
        return status


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Reads ``x-acs-retry-after``, milliseconds."""
    try:
        seconds = float(headers.get("x-acs-retry-after", "")) / 1000
    except ValueError:
        return None
    return seconds if 0 < seconds < float("inf") else None


def _transport_error(action: str, error: Exception, body: _SentBody | None) -> NotSent | ReplyLost:
    """Tells a request that did not leave from one whose reply was lost.

    A form of which not one byte was read for sending cannot have been processed, whatever broke.
    """
    reason = type(error).__name__
    if body is not None and not body.was_read:
        return NotSent(f"{action}: no connection to the API ({reason})")
    if isinstance(error, requests.ConnectTimeout):
        return NotSent(f"{action}: no connection to the API ({reason})")
    return ReplyLost(f"{action}: the request was sent, and no reply came ({reason})")


class _SentBody(io.BytesIO):
    """A body that remembers whether any of it was read for sending."""

    was_read = False

    def read(self, size: int | None = -1, /) -> bytes:
        self.was_read = True
        return super().read(size)

    def __iter__(self) -> _SentBody:
        self.was_read = True
        return super().__iter__()  # type: ignore[return-value]  # BytesIO iterates over itself


def _read(response: requests.Response, deadline: float) -> bytes:
    """Reads a body with a bound on time and size: a dripping reply must not hold a launch."""
    content = bytearray()
    # read1 gives what has arrived; every other way waits until a piece is full.
    while piece := response.raw.read1(_PIECE, decode_content=True):
        content += piece
        if time.monotonic() > deadline or len(content) > _LARGEST_REPLY:
            raise requests.ReadTimeout("the reply did not end in time")
    return bytes(content)


def _headers(body: _SentBody | None) -> dict[str, str]:
    headers = {"accept": "application/json", "user-agent": _USER_AGENT}
    if body is not None:
        headers["content-type"] = "application/x-www-form-urlencoded"
    return headers


def _wire(value: Parameter) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _truth(value: Any) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower())
    return value if isinstance(value, bool) else None


def _text_or_none(value: Any) -> str | None:
    return str(value) if isinstance(value, (str, int)) and str(value) else None
