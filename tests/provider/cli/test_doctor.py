"""``doctor``: what is well, what is not, what to do; and nothing is launched."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from dataworks_emulator import Emulator
from pulumi_dataworks._cli.main import main
from pulumi_dataworks._clock import utc_now

from .conftest import SetStack

WORKSPACE = {"dataworks:projectId": "10001", "dataworks:region": "cn-shanghai"}
ORDERS = {"projectEnv": "PROD", "rootNodeId": "74324"}


def examine(
    capsys: pytest.CaptureFixture[str], *options: str
) -> tuple[int, dict[str, dict[str, Any]]]:
    code = main(["doctor", "--json", *options])
    return code, {one["what"]: one for one in json.loads(capsys.readouterr().out)}


def test_all_is_well(
    set_stack: SetStack, emulator: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    set_stack(WORKSPACE, {"orders": ORDERS})
    code, found = examine(capsys)
    assert code == 0
    assert {one["state"] for what, one in found.items() if what != "launching"} == {"well"}
    assert "ods_trade_order_di" in found["root 74324"]["seen"]
    assert "the environment (ALIBABA_CLOUD_ACCESS_KEY_ID)" in found["credentials"]["seen"]
    assert emulator.url in found["settings"]["seen"]
    assert "Enterprise or Ultimate" in found["launching"]["todo"]
    assert {call["action"] for call in emulator.requests()} == {"", "GetNode"}


def test_the_newer_version_asks_for_less(
    set_stack: SetStack, capsys: pytest.CaptureFixture[str]
) -> None:
    set_stack({**WORKSPACE, "dataworks:apiVersion": "2024-05-18"})
    code, found = examine(capsys, "--root", "74324")
    assert (code, found["root 74324"]["state"]) == (0, "well")
    assert "edition Basic" in found["launching"]["todo"]


def test_a_person_reads_what_to_do(set_stack: SetStack, capsys: pytest.CaptureFixture[str]) -> None:
    set_stack(WORKSPACE)
    assert main(["doctor", "--root", "999"]) == 1
    shown = capsys.readouterr().out
    assert "PROBLEM  root 999" in shown
    assert "\nroot 999: find it by its name: pulumi-dataworks nodes NAME" in shown
    assert "testsecret" not in shown


@pytest.mark.parametrize(
    ("root", "state", "seen"),
    [
        ("74353", "PROBLEM", "ads_member_churn_score"),
        ("1", "PROBLEM", "PROD has no such node"),
        ("74350", "well", "ods_member_profile_df"),
    ],
)
def test_roots(
    root: str, state: str, seen: str, set_stack: SetStack, capsys: pytest.CaptureFixture[str]
) -> None:
    set_stack(WORKSPACE)
    _, found = examine(capsys, "--root", root)
    assert found[f"root {root}"]["state"] == state
    assert seen in found[f"root {root}"]["seen"]


def test_without_roots_the_workspace_is_listed(
    set_stack: SetStack, capsys: pytest.CaptureFixture[str]
) -> None:
    set_stack(WORKSPACE)
    code, found = examine(capsys)
    assert (code, found["workspace"]["state"]) == (0, "well")
    assert "nodes are seen in PROD of workspace 10001" in found["workspace"]["seen"]
    set_stack({"dataworks:projectId": "4"})
    code, found = examine(capsys)
    assert (code, found["workspace"]["state"]) == (1, "PROBLEM")
    set_stack({})
    assert examine(capsys)[1]["workspace"]["state"] == "note"


def test_no_right_to_read(
    set_stack: SetStack, emulator: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    set_stack(WORKSPACE)
    emulator.admin.add_fault({"operation": "GetNode", "fault": "forbidden"})
    code, found = examine(capsys, "--root", "74324")
    assert code == 1
    assert "Forbidden.Access" in found["root 74324"]["seen"]
    assert "member of the workspace" in found["root 74324"]["todo"]


def test_no_credentials(
    set_stack: SetStack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    set_stack(WORKSPACE)
    monkeypatch.delenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET")
    code, found = examine(capsys)
    assert (code, found["credentials"]["state"]) == (1, "PROBLEM")
    assert "ALIBABA_CLOUD_ACCESS_KEY_SECRET is missing" in found["credentials"]["seen"]
    assert "clock" in found


@pytest.mark.parametrize(
    ("away", "state"),
    [
        (timedelta(seconds=5), "well"),
        (timedelta(minutes=5), "note"),
        (timedelta(minutes=20), "PROBLEM"),
        (-timedelta(minutes=20), "PROBLEM"),
    ],
)
def test_the_clock(
    away: timedelta,
    state: str,
    set_stack: SetStack,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("pulumi_dataworks._cli.doctor.utc_now", lambda: utc_now() + away)
    set_stack(WORKSPACE)
    _, found = examine(capsys, "--root", "74324")
    assert found["clock"]["state"] == state


def test_out_of_reach(set_stack: SetStack, capsys: pytest.CaptureFixture[str]) -> None:
    set_stack({**WORKSPACE, "dataworks:endpoint": "http://127.0.0.1:9"})
    code, found = examine(capsys)
    assert code == 1
    assert found["endpoint"]["seen"] == "no reply from http://127.0.0.1:9 (ConnectionError)"
    assert "workspace" not in found


def test_bad_settings_are_named(set_stack: SetStack, capsys: pytest.CaptureFixture[str]) -> None:
    set_stack({"dataworks:region": "Shanghai!", "dataworks:projectId": "shop"})
    code, found = examine(capsys)
    assert code == 1
    assert "dataworks:region" in found["settings"]["seen"]
    assert "dataworks:projectId" in found["settings"]["seen"]


def test_without_a_stack_the_environment_counts(
    set_stack: SetStack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    set_stack(WORKSPACE)
    monkeypatch.setenv("PATH", "")
    code, found = examine(capsys, "--root", "74324")
    assert (code, found["stack"]["state"]) == (1, "PROBLEM")
    assert found["root 74324"]["state"] == "well"
