"""The log of calls: a line for each, and no secret in any."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from dataworks_emulator import Emulator
from pulumi_dataworks._api.client import Client
from pulumi_dataworks._api.settings import Settings, load_settings
from pulumi_dataworks._api.signing import Credentials
from pulumi_dataworks._exceptions import DataWorksError, Refused, SettingsError, Throttled

VERSION = "2020-05-18"
NODE = {"NodeId": "74324", "ProjectEnv": "PROD"}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "calls.jsonl"


@pytest.fixture
def client(emulator: Emulator, log: Path) -> Client:
    settings = Settings("cn-shanghai", emulator.url, log_file=log)
    return Client(settings, lambda: Credentials("testid", "testsecret"))


def lines(log: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.read_text().splitlines()]


def test_a_call_is_a_line(client: Client, emulator: Emulator, log: Path) -> None:
    client.call("GetNode", NODE, VERSION)
    (line,) = lines(log)
    assert line["requestId"] == emulator.requests()[0]["requestId"]
    assert (line["action"], line["version"], line["status"]) == ("GetNode", VERSION, 200)
    assert (line["attempt"], line["code"], line["error"]) == (1, None, None)
    assert isinstance(line["ms"], float)
    assert str(line["time"]).endswith("+00:00")


def test_a_repetition_counts_until_it_succeeds(
    client: Client, emulator: Emulator, log: Path
) -> None:
    emulator.admin.add_fault({"operation": "GetNode", "fault": "throttle", "times": 2})
    for _ in range(2):
        with pytest.raises(Throttled):
            client.call("GetNode", NODE, VERSION)
    client.call("GetNode", {**NODE, "NodeId": "74325"}, VERSION)
    client.call("GetNode", NODE, VERSION)
    client.call("GetNode", NODE, VERSION)
    assert [line["attempt"] for line in lines(log)] == [1, 2, 1, 3, 1]
    assert lines(log)[0]["error"] == "Throttled"


def test_a_call_that_fails_tells_how(client: Client, emulator: Emulator, log: Path) -> None:
    emulator.admin.add_fault({"operation": "GetNode", "fault": "drop"})
    with pytest.raises(DataWorksError):
        client.call("GetNode", NODE, VERSION)
    with pytest.raises(Refused):
        client.call("GetNode", {"ProjectEnv": "PROD"}, VERSION)
    lost, refused = lines(log)
    assert (lost["status"], lost["error"]) == (None, "ReplyLost")
    assert (refused["status"], refused["code"]) == (400, "MissingNodeId")
    assert refused["requestId"]


def test_no_secret_and_no_parameter_is_logged(client: Client, log: Path) -> None:
    with pytest.raises(DataWorksError):
        client.call("RunCycleDagNodes", {"NodeParams": "password=xyzzy"}, VERSION)
    text = log.read_text()
    assert "xyzzy" not in text
    assert "testsecret" not in text


def test_a_log_that_cannot_be_written_fails_no_call(
    client: Client, log: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log.mkdir()
    client.call("GetNode", NODE, VERSION)
    assert "dataworks:logFile cannot be written" in caplog.text


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    config = {"dataworks:region": "cn-shanghai", "dataworks:logFile": f"{tmp_path}/no/calls.jsonl"}
    with pytest.raises(SettingsError, match="dataworks:logFile must be a file in a folder"):
        load_settings(config, {})
