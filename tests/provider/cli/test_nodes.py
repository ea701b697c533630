"""``nodes``: from names to the IDs that a program needs."""

from __future__ import annotations

import ast
import json

import pytest
import yaml
from dataworks_emulator import Emulator
from pulumi_dataworks._cli import nodes
from pulumi_dataworks._cli.main import main

from .conftest import SetStack

WORKSPACE = {"dataworks:projectId": "10001"}


def test_lines_fit_into_a_program(set_stack: SetStack, capsys: pytest.CaptureFixture[str]) -> None:
    set_stack(WORKSPACE)
    assert main(["nodes", "Trade_Order"]) == 0
    shown = capsys.readouterr().out
    assert "74324,  # ods_trade_order_di, daily at 00:05\n" in shown
    assert ast.literal_eval(f"[\n{shown}]") == [74324, 74325, 74332]


def test_and_into_a_config(set_stack: SetStack, capsys: pytest.CaptureFixture[str]) -> None:
    set_stack(WORKSPACE)
    assert main(["nodes", "ods_trade_order_di", "--descendants", "--yaml"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("- 74324  # ods_trade_order_di, daily at 00:05\n")
    listed = yaml.safe_load(shown)
    assert listed[0] == 74324
    assert set(listed) >= {74324, 74325, 74328, 74329, 74331, 74332}
    assert len(listed) == len(set(listed))
    assert 74350 not in listed


def test_for_programs(set_stack: SetStack, capsys: pytest.CaptureFixture[str]) -> None:
    set_stack(WORKSPACE)
    assert main(["nodes", "ods_trade_order_di", "--json"]) == 0
    [node] = json.loads(capsys.readouterr().out)
    assert (node["id"], node["name"], node["kind"]) == ("74324", "ods_trade_order_di", "NORMAL")


def test_paused_nodes_are_marked(set_stack: SetStack, capsys: pytest.CaptureFixture[str]) -> None:
    set_stack(WORKSPACE)
    assert main(["nodes", "ads_member_churn_score"]) == 0
    assert "# ads_member_churn_score, PAUSE, " in capsys.readouterr().out


def test_what_is_not_there(set_stack: SetStack, capsys: pytest.CaptureFixture[str]) -> None:
    set_stack(WORKSPACE)
    assert main(["nodes", "no_such_table", "--env", "DEV"]) == 1
    expected = "No node of DEV of workspace 10001 has 'no_such_table' in its name.\n"
    assert capsys.readouterr() == ("", expected)


def test_without_a_workspace(set_stack: SetStack, capsys: pytest.CaptureFixture[str]) -> None:
    set_stack({})
    assert main(["nodes", "orders"]) == 1
    assert "error: dataworks:projectId is missing" in capsys.readouterr().err


def test_very_many_descendants_are_cut_aloud(
    set_stack: SetStack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(nodes, "MOST_DESCENDANTS", 2)
    set_stack(WORKSPACE)
    assert main(["nodes", "ods_trade_order_di", "--descendants"]) == 0
    shown = capsys.readouterr()
    assert len(shown.out.splitlines()) == 3
    assert shown.err == "More than 2 below: not all are shown.\n"


def test_it_only_reads(set_stack: SetStack, emulator: Emulator) -> None:
    set_stack(WORKSPACE)
    main(["nodes", "trade", "--descendants"])
    assert {call["action"] for call in emulator.requests()} == {"ListNodes", "GetNodeChildren"}
