"""Two callers of an emulator: the official SDK, and one that sees what goes over the wire."""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote

import httpx
from alibabacloud_dataworks_public20200518 import models
from alibabacloud_dataworks_public20200518.client import Client
from alibabacloud_dataworks_public20240518 import models as models_2024
from alibabacloud_dataworks_public20240518.client import Client as Client2024
from alibabacloud_tea_openapi.utils_models import Config
from dataworks_emulator import Emulator
from pydantic.alias_generators import to_camel, to_snake

from tests.emulator._warehouse import LOAD, PROJECT

CHINA = timezone(timedelta(hours=8))
WEDNESDAY = date(2020, 5, 20)
Json = dict[str, Any]


class Sdk:
    """The official SDK, as its users have it; bodies come back as plain values."""

    def __init__(
        self,
        endpoint: str,
        key: str = "testid",
        secret: str = "testsecret",  # noqa: S107 - of nobody
        *,
        token: str | None = None,
        algorithm: str | None = None,
    ) -> None:
        config = Config(
            endpoint=endpoint,
            protocol="http",
            access_key_id=key,
            access_key_secret=secret,
            security_token=token,
            signature_algorithm=algorithm,
        )
        self._client = Client(config)

    def body(self, operation: str, **parameters: object) -> Json:
        """Calls an operation; in PROD, if nothing else is said."""
        request = getattr(models, f"{operation}Request")(
            **{"project_env": "PROD", **parameters}  # what a model does not know it refuses
        )
        body: Json = getattr(self._client, to_snake(operation))(request).body.to_map()
        return body

    def data(self, operation: str, **parameters: object) -> Any:
        """The Data of a call that succeeds."""
        body = self.body(operation, **parameters)
        assert body["Success"] is True, body
        return body["Data"]

    def launch(self, *nodes: int, days: int = 1, **changes: object) -> list[int]:
        """Launches a backfill of some days from a Wednesday on; returns the IDs of its DAGs."""
        found: list[int] = self.data("RunCycleDagNodes", **launch_parameters(nodes, days, changes))
        return found

    def instances(self, **filters: object) -> list[Json]:
        """The first hundred instances of a listing."""
        filters = {"project_id": PROJECT, "page_size": 100, **filters}
        found: list[Json] = self.data("ListInstances", **filters)["Instances"]
        return found


class Sdk2024:
    """The official SDK of version 2024-05-18; values are named as on the wire."""

    def __init__(self, endpoint: str) -> None:
        config = Config(
            endpoint=endpoint,
            protocol="http",
            access_key_id="testid",
            access_key_secret="testsecret",
        )
        self._client = Client2024(config)

    def body(self, operation: str, **parameters: object) -> Json:
        """Calls an operation; gives the reply without the ID of the request."""
        request = getattr(models_2024, f"{operation}Request")().from_map(parameters)
        body: Json = getattr(self._client, to_snake(operation))(request).body.to_map()
        assert body.pop("RequestId")
        return body

    def create(self, *tasks: int, days: int = 1, **changes: object) -> str:
        """Begins to create a backfill from a Wednesday on; gives the ID of the operation."""
        body = self.body("CreateWorkflowInstances", **creation(*tasks, days=days, **changes))
        operation: str = body["OperationId"]
        return operation

    def created(self, *tasks: int, days: int = 1, **changes: object) -> list[int]:
        """Creates a backfill; gives the IDs of its workflow instances."""
        operation = self.create(*tasks, days=days, **changes)
        result = self.body("GetCreateWorkflowInstancesResult", OperationId=operation)["Result"]
        assert result["Status"] == "Created", result
        ids: list[int] = result["WorkflowInstanceIds"]
        return ids

    def status(self, instance: int) -> str:
        """The status of a workflow instance."""
        found: str = self.body("GetWorkflowInstance", Id=instance)["WorkflowInstance"]["Status"]
        return found

    def task_instances(self, of: date = WEDNESDAY, **filters: object) -> list[Json]:
        """The task instances of a business date, the first on top."""
        body = self.body(
            "ListTaskInstances",
            ProjectId=PROJECT,
            Bizdate=midnight(of),
            PageSize=500,
            SortBy="Id",
            **filters,
        )
        found: list[Json] = body["PagingInfo"]["TaskInstances"]
        return found


def creation(*tasks: int, days: int = 1, **changes: object) -> Json:
    """Parameters of CreateWorkflowInstances; what is in ``run`` goes to DefaultRunProperties."""
    chosen = list(tasks) or [LOAD]
    run: Any = changes.pop("run", {})
    last = WEDNESDAY + timedelta(days=days - 1)
    return {
        "ProjectId": PROJECT,
        "Type": "SupplementData",
        "WorkflowId": 1,
        "EnvType": "Prod",
        "Name": "backfill",
        "Periods": {"BizDates": [{"StartBizDate": str(WEDNESDAY), "EndBizDate": str(last)}]},
        "DefaultRunProperties": {
            "RootTaskIds": chosen[:1],
            "IncludeTaskIds": chosen,
            "Parallelism": 1,
            "Analysis": {"Enabled": False, "Blocked": False},
            **run,
        },
        **changes,
    }


def launch_parameters(nodes: Iterable[int], days: int, changes: Json) -> Json:
    chosen = list(nodes) or [LOAD]
    return {
        "project_env": "PROD",
        "name": "backfill",
        "root_node_id": chosen[0],
        "include_node_ids": ",".join(map(str, chosen)),
        "start_biz_date": day(WEDNESDAY),
        "end_biz_date": day(WEDNESDAY + timedelta(days=days - 1)),
        "parallelism": False,
        **changes,
    }


def raw_launch(
    emulator: Emulator, changes: Mapping[str, object] | None = None, *, timeout: float = 5.0
) -> httpx.Response:
    """Launches without the SDK; parameters are named as on the wire."""
    plain = {to_pascal(k): str(v) for k, v in launch_parameters([LOAD], 1, {}).items()}
    sent = {k: str(v) for k, v in {**plain, **(changes or {})}.items() if v is not None}
    return send(emulator, {"Action": "RunCycleDagNodes", **sent}, timeout=timeout)


def send(
    emulator: Emulator,
    parameters: dict[str, str],
    *,
    timeout: float = 5.0,
    now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
) -> httpx.Response:
    """Sends a call in the classic scheme, signed by these few lines."""
    values = {
        "Version": "2020-05-18",
        "AccessKeyId": "testid",
        "SignatureMethod": "HMAC-SHA1",
        "SignatureVersion": "1.0",
        "SignatureNonce": str(uuid.uuid4()),
        "Timestamp": now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        **parameters,
    }
    encoded = sorted((quote(k, safe="~"), quote(v, safe="~")) for k, v in values.items())
    pairs = "&".join(f"{key}={value}" for key, value in encoded)
    text = f"POST&%2F&{quote(pairs, safe='~')}"
    digest = hmac.new(b"testsecret&", text.encode(), hashlib.sha1).digest()
    values["Signature"] = base64.b64encode(digest).decode()
    return httpx.post(emulator.url, data=values, timeout=timeout)


def day(of: date) -> str:
    return f"{of} 00:00:00"


def midnight(of: date) -> int:
    """The first moment of a day in China, in milliseconds since 1970 UTC."""
    return int(datetime(of.year, of.month, of.day, tzinfo=CHINA).timestamp()) * 1000


def to_pascal(name: str) -> str:
    camel = to_camel(name)
    return camel[:1].upper() + camel[1:]
