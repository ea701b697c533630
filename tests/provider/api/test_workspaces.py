"""What a workspace tells of its nodes is the same with both versions of the API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from dataworks_emulator import Emulator, load_workspace
from pulumi_dataworks._api.backend import Workspace
from pulumi_dataworks._declaration.versions import V2020, V2024
from pulumi_dataworks._run import Run

from tests.provider.lifecycle._stacks import KEYS, NODE, ORDERS, Stack

PROJECT = str(load_workspace().project.id)
NODES = [str(node.id) for node in load_workspace().nodes]


def workspace(emulator: Emulator, version: str) -> Workspace:
    config = {
        "dataworks:endpoint": emulator.url,
        "dataworks:apiVersion": version,
        "dataworks:maxQps": "1000",
    }
    return Run(config, KEYS).workspace()


def both(emulator: Emulator, ask: Callable[[Workspace], Any]) -> tuple[Any, Any]:
    return ask(workspace(emulator, V2020)), ask(workspace(emulator, V2024))


def ask(what: str, environment: str, node: str, one: Workspace) -> Any:
    return getattr(one, what)(environment, node)


@pytest.mark.parametrize("environment", ["PROD", "DEV"])
def test_nodes_and_their_neighbours(emulator: Emulator, environment: str) -> None:
    old, new = both(emulator, lambda one: one.nodes(environment, PROJECT))
    assert old == new != []
    for node in NODES:
        old, new = both(emulator, partial(ask, "node", environment, node))
        assert old == new
        if old is not None:
            for way in ("parents", "children"):
                old, new = both(emulator, partial(ask, way, environment, node))
                assert old == new
    assert both(emulator, lambda one: one.node(environment, "99999")) == (None, None)


def test_nodes_by_a_part_of_their_name(emulator: Emulator) -> None:
    found = workspace(emulator, V2024).nodes("PROD", PROJECT, "ods_trade")
    assert [node.name for node in found] == ["ods_trade_order_di", "ods_trade_payment_di"]


def test_what_backfills_made_of_a_node(emulator: Emulator) -> None:
    emulator.admin.set_clock(scale=0)
    for name in ("first", "second"):
        emulator.admin.set_clock(step=60)
        stack = Stack(emulator.url, {"dataworks:preflight": "off"})
        assert stack.up({**ORDERS, "namePrefix": name}) == ""
    first, last = str(ORDERS["startBizDate"]), str(ORDERS["endBizDate"])
    old, new = both(emulator, lambda one: one.backfilled("PROD", PROJECT, str(NODE), first, last))

    def plain(instances: list[Any]) -> list[Any]:
        return sorted((replace(one, reruns=0) for one in instances), key=lambda one: int(one.id))

    assert plain(old) == plain(new)
    assert len(new) == 4
    assert [one.created for one in new] == sorted((one.created for one in new), reverse=True)
    old, new = both(emulator, lambda one: one.name_of("PROD", new[0].dag_id))
    assert old == new
    assert old.startswith("second_")


def test_of_a_long_range_some_dates_are_looked_at(emulator: Emulator) -> None:
    workspace(emulator, V2024).backfilled("PROD", PROJECT, str(NODE), "2026-01-01", "2026-12-31")
    days = [one["parameters"]["Bizdate"] for one in emulator.requests()]
    assert len(days) == len(set(days)) == 7
    emulator.admin.clear_requests()
    workspace(emulator, V2024).backfilled("PROD", PROJECT, str(NODE), "2026-01-01", "2026-01-01")
    assert len(emulator.requests()) == 1
