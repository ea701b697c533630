"""``wait``, ``logs`` and ``status`` over a stack's state, against the emulator."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from dataworks_emulator import Emulator
from pulumi_dataworks._api.client import Client
from pulumi_dataworks._api.settings import Settings
from pulumi_dataworks._api.signing import Credentials
from pulumi_dataworks._api.v2020 import Api2020
from pulumi_dataworks._cli.main import main
from pulumi_dataworks._launch.generations import mint

from .conftest import SetStack

LOAD, CLEAN = "74324", "74325"
INPUTS = {
    "projectEnv": "PROD",
    "rootNodeId": LOAD,
    "includeNodeIds": [LOAD, CLEAN],
    "startBizDate": "2026-05-01",
    "endBizDate": "2026-05-02",
    "parallelism": False,
}
Launch = Callable[[str], None]


@pytest.fixture
def launch(emulator: Emulator, set_stack: SetStack) -> Launch:
    """Launches a backfill by name, and has the stack know it."""
    settings = Settings(region="cn-shanghai", endpoint=emulator.url)
    api = Api2020(Client(settings, lambda: Credentials("testid", "testsecret")), None)
    backfills: dict[str, dict[str, Any]] = {}
    set_stack({})

    def launch(name: str) -> None:
        now = datetime.now(timezone.utc)
        generation = mint({**INPUTS, "name": name}, 1, "", emulator.url, now, lambda _: "ab12")
        ids = api.launch(generation, INPUTS).ids
        backfills[name] = {**INPUTS, "launch": generation.to_state(), "nodeIds": ids}
        set_stack({}, backfills)

    return launch


def test_what_ended_well_is_0(
    launch: Launch, emulator: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    launch("may")
    launch("june")
    emulator.admin.set_clock(step=60)
    assert main(["wait"]) == 0
    shown = capsys.readouterr()
    assert shown.out == "2 of 2 backfills ended well.\n"
    assert "2 of 2 backfills ended; 4 of 4 dates done; about 8 of 8 instances" in shown.err


def test_what_failed_is_1_and_named(
    launch: Launch, emulator: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    emulator.admin.set_node(int(CLEAN), failure={"message": "no column discount"})
    launch("may")
    emulator.admin.set_clock(step=60)
    assert main(["wait", "--json", "--poll-interval", "10ms"]) == 1
    shown = capsys.readouterr()
    assert "may failed: 1 date of 2, 1 instance. Blocked behind them: 1 date" in shown.err
    assert "| 20" in shown.err
    assert "ERROR no column discount" in shown.err
    result = json.loads(shown.out)
    assert (result["succeeded"], result["status"]) == (False, {"may": "FAILURE"})
    assert result["failedInstances"][0]["nodeId"] == CLEAN


def test_what_did_not_end_in_time_is_3(launch: Launch, capsys: pytest.CaptureFixture[str]) -> None:
    launch("may")
    assert main(["wait", "--timeout", "50ms", "--poll-interval", "20ms"]) == 3
    assert "may: 0 of 2 dates done, 1 CREATED, 1 RUNNING" in capsys.readouterr().err


def test_an_interrupt_is_130(launch: Launch, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    launch("may")
    monkeypatch.setattr("pulumi_dataworks._cli.wait.time.sleep", interrupted)
    assert main(["wait"]) == 130


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--timeout", "soon"], "error: timeout must be a duration"),
        (["--rerun-failed", "99"], "error: rerunFailed must be a whole number from 0 to 10"),
    ],
)
def test_wrong_usage_is_2(
    options: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["wait", *options]) == 2
    assert told in capsys.readouterr().err


def test_what_is_purged_is_1(
    launch: Launch, emulator: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    launch("may")
    emulator.admin.set_clock(step=60)

    def purge() -> None:
        emulator.admin.purge()

    assert main(["status"]) == 0
    purge()
    capsys.readouterr()
    assert main(["status", "--json"]) == 0
    [status] = json.loads(capsys.readouterr().out)
    assert (status["status"], len(status["nodeIds"])) == ("EXPIRED", 2)


def test_logs_are_those_of_failed_instances_or_of_a_node(
    launch: Launch, emulator: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    launch("may")
    emulator.admin.set_node(int(CLEAN), failure={"message": "no column discount"})
    assert main(["logs"]) == 0
    assert capsys.readouterr().out == "No instance has failed.\n"
    emulator.admin.set_clock(step=60)
    assert main(["logs", "--lines", "1"]) == 0
    head, line = capsys.readouterr().out.splitlines()
    assert head.startswith(f"may: dwd_trade_order_di (node {CLEAN}), business date 2026-05-01")
    assert line.endswith("ERROR no column discount")
    assert main(["logs", "--node", LOAD, "--json"]) == 0
    [found] = json.loads(capsys.readouterr().out)
    assert (found["nodeId"], found["status"]) == (LOAD, "SUCCESS")


@pytest.mark.parametrize("command", ["logs", "wait"])
def test_secret_parameters_are_hidden_in_logs_and_plain_ones_are_not(
    emulator: Emulator,
    launch: Launch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    command: str,
) -> None:
    failure = {"message": "login pa55word for eastern was refused"}
    emulator.admin.set_node(int(LOAD), failure=failure)
    launch("hidden")
    state = json.loads((tmp_path / "stack").read_text())
    parameters = {LOAD: {"key": "pa55word"}}
    state["deployment"]["resources"][0]["outputs"]["nodeParams"] = {
        "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
        "plaintext": json.dumps(parameters),
    }
    (tmp_path / "stack").write_text(json.dumps(state))
    emulator.admin.set_clock(step=300)
    main([command, "--stack", "s"])
    shown = "".join(capsys.readouterr())
    assert "login [secret] for eastern" in shown
    assert "pa55word" not in shown
