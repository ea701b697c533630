"""What CreateWorkflowInstances is sent, as the official SDK sends it: objects as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from .._declaration.dates import ranges_of
from .._declaration.versions import ALL_DOWNSTREAM, CHAIN, DEFAULT_MODE
from .client import Parameter
from .node_params import node_param_texts

_ENVIRONMENTS = {"PROD": "Prod", "DEV": "Dev"}
_ALERTS = {"SUCCESS": "Success", "FAILURE": "Failure", "SUCCESS_FAILURE": "SuccessFailure"}
_NOTICES = {"SMS": "Sms", "MAIL": "Mail", "SMS_MAIL": "SmsMail"}
#: Scheduled tasks belong to no workflow of their own.
_SCHEDULED = 1
#: The whole day, every day: a run policy for the sake of ``Immediately`` alone.
_AT_ONCE = {
    "EndTime": "23:59:59",
    "Immediately": True,
    "StartTime": "00:00:00",
    "Type": "Daily",
}
#: Version 2020-05-18 knows no analysis before the run, and a parked launch waits for no one.
_NO_ANALYSIS = {"Blocked": False, "Enabled": False}


def creation_parameters(
    inputs: Mapping[str, Any], launch_name: str, project_id: str
) -> dict[str, Parameter]:
    """Gives the parameters of CreateWorkflowInstances for inputs in normal form. It is parked."""
    tags = inputs.get("tags")
    parameters: dict[str, Parameter] = {
        "AutoStartEnabled": False,
        "Comment": inputs.get("reason") or None,
        "DefaultRunProperties": to_json(_run_properties(inputs)),
        "EnvType": environment(inputs["projectEnv"]),
        "Name": launch_name,
        "Periods": to_json(_periods(inputs)),
        "ProjectId": project_id,
        "Tags": to_json([{"Key": key, "Value": tags[key]} for key in tags]) if tags else None,
        "TaskParameters": _task_parameters(inputs.get("nodeParams")),
        "Type": "SupplementData",
        "WorkflowId": _SCHEDULED,
    }
    return {key: value for key, value in parameters.items() if value is not None}


def environment(project_env: str) -> str:
    """Gives the word for PROD or DEV."""
    return _ENVIRONMENTS[project_env]


def to_json(value: Any) -> str:
    """Gives JSON as the official SDK writes it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def numbers(ids: Sequence[str]) -> list[int]:
    """Gives IDs as the numbers that they are in JSON. They are exact there: no double is made."""
    return [int(one) for one in ids]


def _periods(inputs: Mapping[str, Any]) -> dict[str, Any]:
    ranges = [
        {"EndBizDate": end.isoformat(), "StartBizDate": start.isoformat()}
        for start, end in ranges_of(inputs)
    ]
    times = {"EndTime": inputs.get("bizEndTime"), "StartTime": inputs.get("bizBeginTime")}
    return {"BizDates": ranges, **_given(times)}


def _run_properties(inputs: Mapping[str, Any]) -> dict[str, Any]:
    roots, included = _chosen(inputs)
    alert = {
        "NoticeType": _NOTICES.get(inputs.get("alertNoticeType", "")),
        "Type": _ALERTS.get(inputs.get("alertType", "")),
    }
    properties = {
        "Alert": _given(alert) or None,
        "Analysis": _NO_ANALYSIS,
        "ExcludeTaskIds": numbers(inputs.get("excludeNodeIds", ())) or None,
        "IncludeTaskIds": numbers(included) or None,
        "Mode": inputs.get("mode", DEFAULT_MODE),
        "Order": inputs.get("order"),
        "Parallelism": inputs["concurrentRuns"] if inputs["parallelism"] else 1,
        "Priority": inputs.get("priority"),
        "RootTaskIds": numbers(roots) or None,
        "RunPolicy": _AT_ONCE if inputs.get("startFutureInstanceImmediately") else None,
    }
    return _given(properties)


def _chosen(inputs: Mapping[str, Any]) -> tuple[Sequence[str], Sequence[str]]:
    """Root and included tasks, in the form that the mode has for them."""
    root, included = inputs["rootNodeId"], inputs["includeNodeIds"]
    if inputs.get("mode") == ALL_DOWNSTREAM:
        return [root], []
    if inputs.get("mode") == CHAIN:
        return [], [root, *(node for node in included if node != root)]
    return [root], included


def _task_parameters(node_params: Mapping[str, Mapping[str, str]] | None) -> str | None:
    if not node_params:
        return None
    return to_json(node_param_texts(node_params))


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
