"""The bodies of replies: the envelope of the business layer, the errors of the gateway."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from ._errors import BusinessError, GatewayError
from ._switches import Switches


@dataclass(frozen=True)
class Reply:
    """What is sent back. ``code`` is the error's, empty for a success; it goes to the log."""

    status: int
    body: bytes
    code: str = ""
    content_type: str = "application/json;charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


def flat(body: Mapping[str, object], request_id: str) -> Reply:
    """A success without envelope."""
    return Reply(200, _json({"RequestId": request_id, **body}))


def success(body: Mapping[str, object], request_id: str, switches: Switches) -> Reply:
    """A success in its envelope."""
    filled = switches.placeholder_errors
    envelope = {
        **body,
        "Success": True,
        "ErrorCode": "1031203110005" if filled else "",
        "ErrorMessage": "The specified parameters are invalid." if filled else "",
        "HttpStatusCode": 200,
        "RequestId": request_id,
    }
    return Reply(200, _json(envelope))


def business_failure(error: BusinessError, request_id: str, host: str, switches: Switches) -> Reply:
    """A business error: HTTP 200, or of the gateway, as the switch says."""
    if switches.business_errors == "gateway":
        return gateway_failure(error.of_the_gateway(), request_id, host)
    envelope = {
        "Success": False,
        "ErrorCode": error.code,
        "ErrorMessage": error.message,
        "HttpStatusCode": error.status,
        "RequestId": request_id,
    }
    return Reply(200, _json(envelope), error.code)


def gateway_failure(error: GatewayError, request_id: str, host: str) -> Reply:
    """An error of the gateway."""
    body = {
        "RequestId": request_id,
        "HostId": host,
        "Code": error.code,
        "Message": error.message,
        "Recommend": f"https://api.aliyun.com/troubleshoot?q={error.code}&product=dataworks-public",
    }
    headers = {"x-acs-request-id": request_id}
    if error.retry_after is not None:
        headers["x-acs-retry-after"] = str(error.retry_after)
    return Reply(error.status, _json(body), error.code, headers=headers)


def _json(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
