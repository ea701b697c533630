"""What following a backfill reads of the API, against the emulator: DAGs, instances, logs."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from secrets import token_hex

import pytest
from dataworks_emulator import Emulator
from pulumi_dataworks import Refused
from pulumi_dataworks._api.backend import Backend, Control, Handle, Instance
from pulumi_dataworks._declaration.versions import VERSIONS
from pulumi_dataworks._launch.generations import mint
from pulumi_dataworks._run import Run

LOAD, CLEAN = "74324", "74325"
INPUTS = {
    "projectEnv": "PROD",
    "rootNodeId": LOAD,
    "includeNodeIds": [LOAD, CLEAN],
    "startBizDate": "2026-05-01",
    "endBizDate": "2026-05-02",
    "parallelism": False,
}

NOW = datetime.now(timezone.utc)
GENERATION = mint({**INPUTS, "name": "may"}, 1, "cn-shanghai", "", NOW, token_hex)


@pytest.fixture(params=VERSIONS)
def api(emulator: Emulator, request: pytest.FixtureRequest) -> Backend:
    emulator.admin.set_clock(scale=0)
    keys = {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "testid",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "testsecret",
    }
    return Run({"dataworks:endpoint": emulator.url}, keys).api(request.param)


@pytest.fixture
def handle(api: Backend) -> Handle:
    return api.handle(GENERATION, api.launch(GENERATION, INPUTS).ids)


def only(api: Backend, handle: Handle, node: str, date: str = "2026-05-01") -> Instance:
    [dag] = [one for one in api.dags(handle) if one.biz_date == date]
    [found] = [one for one in api.instances(handle, dag.id) if one.node_id == node]
    return found


def test_dags_come_in_the_order_of_their_dates(
    api: Backend, handle: Handle, emulator: Emulator
) -> None:
    launched = datetime.fromtimestamp(emulator.admin.clock()["now"] / 1000, timezone.utc)
    emulator.admin.set_clock(step=60)
    first, second = api.dags(handle)
    assert handle.name == "may"
    assert handle.project_id == "10001"
    assert (first.biz_date, second.biz_date) == ("2026-05-01", "2026-05-02")
    assert first.status == second.status == "SUCCESS"
    assert first.started == launched
    assert first.finished is not None
    assert first.finished < (second.finished or first.finished)


@pytest.mark.parametrize("suffixes", ["none", "taskType", "all"])
def test_an_instance_is_read_whatever_its_words_carry(
    api: Backend, handle: Handle, emulator: Emulator, suffixes: str
) -> None:
    emulator.admin.set_switches({"enumSuffixes": suffixes})
    launched = datetime.fromtimestamp(emulator.admin.clock()["now"] / 1000, timezone.utc)
    waiting = only(api, handle, LOAD)
    assert (waiting.status, waiting.waits_since) == ("WAIT_RESOURCE", launched)
    assert waiting.node_name == "ods_trade_order_di"
    # Scheduled on the day after the business date, at five past midnight in China.
    assert waiting.scheduled == datetime(2026, 5, 1, 16, 5, tzinfo=timezone.utc)
    assert waiting.task_type == "NORMAL"
    emulator.admin.set_clock(step=3.3)
    done = only(api, handle, LOAD)
    assert (done.status, done.waits_since) == ("SUCCESS", None)
    assert done.finished == launched + timedelta(seconds=3.3)


def test_a_failed_instance_is_restarted_and_counts_it(
    api: Backend, handle: Handle, emulator: Emulator
) -> None:
    emulator.admin.set_node(int(LOAD), failure={"attempts": 1, "message": "no such table"})
    emulator.admin.set_clock(step=10)
    failed = only(api, handle, LOAD)
    assert (failed.status, failed.reruns) == ("FAILURE", 0)
    assert "no such table" in api.log(handle, failed.id)
    api.control(handle, "restart", failed.id)
    emulator.admin.set_clock(step=10)
    again = only(api, handle, LOAD)
    assert (again.status, again.reruns) == ("SUCCESS", 1)


def test_every_control_reaches_its_operation(
    api: Backend, handle: Handle, emulator: Emulator
) -> None:
    instance = only(api, handle, LOAD).id
    steps: list[tuple[Control, str]] = [
        ("suspend", "WAIT_RESOURCE"),
        ("resume", "WAIT_RESOURCE"),
        ("stop", "FAILURE"),
        ("restart", "WAIT_RESOURCE"),
        ("stop", "FAILURE"),
        ("set_success", "SUCCESS"),
    ]
    for action, status in steps:
        api.control(handle, action, instance)
        assert only(api, handle, LOAD).status == status
    with pytest.raises(Refused, match="is SUCCESS"):
        api.control(handle, "stop", instance)
    called = {one["action"] for one in emulator.requests()}
    old = {f"{what}Instance" for what in ("Stop", "Restart", "Suspend", "Resume", "SetSuccess")}
    new = {f"{what}TaskInstances" for what in ("Stop", "Rerun", "Suspend", "Resume", "SetSuccess")}
    assert called >= old or called >= new


def test_what_is_purged_is_refused(api: Backend, handle: Handle, emulator: Emulator) -> None:
    [launch] = emulator.launches()
    emulator.admin.purge()
    with pytest.raises(Refused):
        api.handle(GENERATION, [str(launch["dagIds"][0])])
    assert api.dags(handle) == []
