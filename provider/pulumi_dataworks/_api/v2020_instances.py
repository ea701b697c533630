"""The instances of backfills, with API version 2020-05-18: listed and stopped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .._exceptions import Refused
from .backend import IncompleteSearch
from .client import Client

VERSION = "2020-05-18"
TERMINAL = ("SUCCESS", "FAILURE")
_PAGE_SIZE = 100
_LAST_PAGE = 100


def instances_of(
    client: Client, environment: str, project_id: str, dag_id: str
) -> Iterator[dict[str, Any]]:
    """Gives all instances of a DAG, by the API's names, words without their appended numbers."""
    read = 0
    for page in range(1, _LAST_PAGE + 1):
        data = client.call(
            "ListInstances",
            {
                "ProjectId": project_id,
                "ProjectEnv": environment,
                "DagId": dag_id,
                "PageNumber": page,
                "PageSize": _PAGE_SIZE,
            },
            VERSION,
        ).data
        rows = data.get("Instances") if isinstance(data, dict) else None
        if not isinstance(rows, list):
            raise IncompleteSearch("ListInstances gave no list of instances")
        for row in rows:
            yield {key: plain_word(value) for key, value in row.items()}
        read += len(rows)
        if not rows or read >= int(data.get("TotalCount") or 0):
            return
    raise IncompleteSearch(f"DAG {dag_id} has more than {_LAST_PAGE * _PAGE_SIZE} instances")


def stop_backfill(
    client: Client, environment: str, project_id: str, dag_ids: Sequence[str]
) -> tuple[int, int]:
    """Stops what has not ended, and tolerates what ends meanwhile.

    :return: how many instances were stopped, and how many had ended.
    """
    stopped = ended = 0
    for dag_id in dag_ids:
        for instance in list(instances_of(client, environment, project_id, dag_id)):
            if instance.get("Status") in TERMINAL:
                ended += 1
                continue
            try:
                parameters = {
                    "InstanceId": str(instance["InstanceId"]),
                    "ProjectEnv": environment,
                }
                client.call("StopInstance", parameters, VERSION)
                stopped += 1
            except Refused:
                ended += 1
    return stopped, ended


def plain_word(value: Any) -> Any:
    """Strips the number that the documents' samples append: ``NORMAL(0)``."""
    if isinstance(value, str) and value.endswith(")"):
        word, _, number = value[:-1].partition("(")
        return word if number.isdigit() else value
    return value
