"""Adopting by hand beside launches of its own that were lost; on the engine: tests/engine."""

from __future__ import annotations

import json

import pytest
from dataworks_emulator import Emulator

from tests.provider.lifecycle._stacks import ORDERS, Stack


@pytest.fixture
def stack(emulator: Emulator) -> Stack:
    return Stack(emulator.url, {"dataworks:preflight": "off"})


def ids_of(emulator: Emulator, launch: int) -> list[str]:
    return [str(dag_id) for dag_id in emulator.launches()[launch]["dagIds"]]


def test_the_lost_launch_itself_is_adopted_in_silence(
    emulator: Emulator, stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.up(killed=True)

    assert stack.up({**ORDERS, "adoptDagId": ids_of(emulator, 0)[1]}) == ""

    assert stack.ids == ids_of(emulator, 0)
    assert capsys.readouterr().err == ""
    assert len(emulator.launches()) == 1


@pytest.mark.parametrize("on_destroy", ["leave", "stop"])
def test_a_lost_launch_beside_the_adopted_one_is_accounted_for(
    emulator: Emulator, stack: Stack, capsys: pytest.CaptureFixture[str], on_destroy: str
) -> None:
    emulator.admin.set_clock(scale=0)  # nothing ends by itself
    declared = {**ORDERS, "onDestroy": on_destroy}
    Stack(emulator.url).up()  # by somebody else
    stack.up(declared, killed=True)

    assert stack.up({**declared, "adoptDagId": ids_of(emulator, 0)[0]}) == ""

    assert stack.ids == ids_of(emulator, 0)
    said = capsys.readouterr().err
    assert f"The earlier launch {stack.launch_name} was made and not recorded" in said
    assert ", ".join(ids_of(emulator, 1)) in said
    assert len(emulator.launches()) == 2


def test_what_is_no_backfill_is_not_adopted(emulator: Emulator, stack: Stack) -> None:
    Stack(emulator.url).up()
    dag = {"DagId": 1, "Name": "daily", "Type": "DAILY", "OpSeq": 1, "ProjectId": 10001}
    body = json.dumps({"Success": True, "RequestId": "R", "Data": dag})
    emulator.admin.add_fault({"operation": "GetDag", "fault": "reply", "body": body})

    adopted = ids_of(emulator, 0)[0]
    assert stack.up({**ORDERS, "adoptDagId": adopted}) == (
        f"adoptDagId: the backfill of DAG {adopted} is not the one that is declared: "
        "it is of type DAILY, not a backfill. Nothing was launched"
    )
    assert len(emulator.launches()) == 1


def test_where_the_api_cannot_be_asked_nothing_is_adopted(emulator: Emulator, stack: Stack) -> None:
    emulator.admin.add_fault({"operation": "GetDag", "fault": "json_503"})

    assert stack.up({**ORDERS, "adoptDagId": "5"}).startswith("GetDag: ServiceUnavailable: ")

    assert stack.backfill is None
