"""What the page for people shows: backfills as matrices of nodes by business dates."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ._service import Service
from ._simulation import dag_status

PAGE = Path(__file__).with_name("page.html")
#: The newest launches; a page with more would tell a person nothing.
MOST_LAUNCHES = 30
#: A cell of several instances, of an hourly node, shows the first of these that one of them has.
_WORST_FIRST = ("FAILURE", "RUNNING", "WAIT_RESOURCE", "WAIT_TIME", "NOT_RUN", "SUCCESS")


def board(service: Service) -> dict[str, Any]:
    """The clock, and the newest launches; times are milliseconds of the emulator's clock."""
    rows = service.store.rows(
        "SELECT * FROM launches WHERE purged = 0 ORDER BY created DESC, op_seq DESC LIMIT ?",
        (MOST_LAUNCHES,),
    )
    return {
        "workspace": service.workspace.project.name,
        "now": service.clock.now(),
        "scale": service.clock.state.scale,
        "launches": [_launch(service, row["op_seq"], row["name"], row["created"]) for row in rows],
    }


def cell(statuses: Sequence[str]) -> dict[str, Any]:
    """The cell of a node and a date: its status, how many instances it has, how many are done."""
    worst = next((one for one in _WORST_FIRST if one in statuses), "NOT_RUN")
    return {"status": worst, "count": len(statuses), "done": statuses.count("SUCCESS")}


def _launch(service: Service, op_seq: int, name: str, created: int) -> dict[str, Any]:
    view = service.progress.view(op_seq)
    statuses: dict[int, dict[str, list[str]]] = {}
    by_date: dict[str, list[str]] = {}
    for row in service.store.rows(
        "SELECT instance_id, node_id, bizdate FROM instances WHERE op_seq = ? ORDER BY instance_id",
        (op_seq,),
    ):
        status = view.status(row["instance_id"])
        statuses.setdefault(row["node_id"], {}).setdefault(row["bizdate"], []).append(status)
        by_date.setdefault(row["bizdate"], []).append(status)
    dates = sorted(by_date)
    return {
        "opSeq": op_seq,
        "name": name,
        "created": created,
        "status": _overall([dag_status(by_date[day]) for day in dates]),
        "dates": dates,
        "nodes": [
            {
                "id": node_id,
                "name": _node_name(service, node_id),
                "cells": [cell(of_node[day]) if day in of_node else None for day in dates],
            }
            for node_id, of_node in sorted(statuses.items())
        ],
    }


def _node_name(service: Service, node_id: int) -> str:
    node = service.workspace.node(node_id, "PROD") or service.workspace.node(node_id, "DEV")
    return node.name if node else str(node_id)


def _overall(dates: Sequence[str]) -> str:
    for status in ("RUNNING", "FAILURE", "CREATED"):
        if status in dates:
            return status
    return "SUCCESS"
