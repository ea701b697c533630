"""Waiting for backfills on the real engine, against an emulator whose clock is scaled or stands."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from pulumi_dataworks._declaration.versions import VERSIONS

from tests.emulator._callers import Sdk
from tests.engine._harness import Engine, Running

LOAD, CLEAN = 74324, 74325
ONE = """
    import json, os
    import pulumi
    import pulumi_dataworks as dataworks

    may = dataworks.Backfill(
        "may",
        project_env="PROD",
        root_node_id=74324,
        include_node_ids=[74324, 74325],
        start_biz_date="2026-05-01",
        end_biz_date="2026-05-04",
    )
    done = dataworks.BackfillCompletion(
        "done",
        backfills=may,
        **json.loads(os.environ.get("HOW", "{}")),
        opts=pulumi.ResourceOptions(
            custom_timeouts=pulumi.CustomTimeouts(create=os.environ.get("CREATE"))
        ),
    )
    pulumi.export("status", done.final_status)
    pulumi.export("dates", done.dates_by_status)
    pulumi.export("failed", done.failed_instances)
    """
MANY = """
    import pulumi
    import pulumi_dataworks as dataworks

    def backfill(name, node, **more):
        return dataworks.Backfill(
            name, project_env="PROD", root_node_id=node,
            start_biz_date="2026-05-01", end_biz_date="2026-05-01", **more,
        )

    for number in range(5):
        one = backfill(f"slow-{number}", 74324)
        dataworks.BackfillCompletion(f"slow-{number}-done", backfills=[one])
    quick = dataworks.BackfillCompletion("quick-done", backfills=[backfill("quick", 74350)])
    backfill("late", 74324, opts=pulumi.ResourceOptions(depends_on=[quick]))
    """
SECRET = """
    import pulumi
    import pulumi_dataworks as dataworks

    def backfill(name, node_params):
        return dataworks.Backfill(
            name, project_env="PROD", root_node_id=74324, node_params=node_params,
            start_biz_date="2026-05-01", end_biz_date="2026-05-01",
        )

    hidden = backfill("hidden", pulumi.Output.secret({"74324": {"key": "pa55word", "n": "7"}}))
    plain = backfill("plain", {"74324": {"region": "east"}})
    done = dataworks.BackfillCompletion("done", backfills=[hidden, plain], on_failure="warn")
    pulumi.export("status", done.final_status)
    """


@pytest.fixture
def project(engine: Engine) -> Engine:
    engine.program(ONE)
    engine.emulator.admin.set_clock(scale=20)
    return engine


def how(engine: Engine, options: Mapping[str, Any]) -> None:
    engine.environment["HOW"] = json.dumps(options)


def waiting(engine: Engine) -> Running:
    """An update that has launched, and waits for what will not move."""
    engine.emulator.admin.set_clock(scale=0)
    running = engine.start("--skip-preview")
    running.wait_for("0 of 4 dates done")
    return running


def assert_goes_on(engine: Engine) -> None:
    """The next update waits to a good end, and launches nothing."""
    engine.emulator.admin.set_clock(scale=20)
    engine.up("--skip-preview").succeeded()
    assert engine.outputs()["status"] == "SUCCESS"
    assert len(engine.launches()) == 1


@pytest.mark.parametrize("api_version", VERSIONS)
def test_it_shows_progress_and_ends(project: Engine) -> None:
    project.emulator.admin.set_clock(scale=4)
    result = project.up().succeeded()
    assert "of 4 dates done" in result.text
    assert re.search(r"about \w+( \w+)? left", result.text)
    assert project.outputs() == {"status": "SUCCESS", "dates": {"SUCCESS": 4}, "failed": []}
    project.emulator.admin.clear_requests()
    assert project.preview_json().unchanged
    how(project, {"timeout": "2h", "on_failure": "warn"})
    assert project.preview_json().ops["done"] == ["update"]
    project.up("--skip-preview").succeeded()
    assert project.emulator.requests() == []
    assert project.outputs()["status"] == "SUCCESS"


def test_a_failure_names_the_culprit_and_the_next_up_goes_on(project: Engine) -> None:
    admin = project.emulator.admin
    admin.set_node(
        CLEAN, failure={"businessDates": ["2026-05-02"], "message": "no column discount"}
    )
    text = project.up("--skip-preview").failed().text
    assert "failed: 1 date of 4, 1 instance. Blocked behind them: 2 dates not begun" in text
    assert f"dwd_trade_order_di (node {CLEAN}), business date 2026-05-02, instance " in text
    assert "ERROR no column discount" in text
    assert "the next `pulumi up` goes on waiting" in text
    assert "Traceback" not in text.partition("KeyboardInterrupt")[0]

    admin.set_node(CLEAN, failure=None)
    sdk = Sdk(project.emulator.endpoint)
    [failed] = sdk.instances(status="FAILURE")
    sdk.data("RestartInstance", instance_id=failed["InstanceId"])
    assert_goes_on(project)


@pytest.mark.parametrize("api_version", VERSIONS)
def test_a_failed_instance_is_restarted_and_nothing_else(project: Engine) -> None:
    project.emulator.admin.set_node(CLEAN, failure={"attempts": 1, "message": "once"})
    how(project, {"rerun_failed": 1})
    text = project.up("--skip-preview").succeeded().text
    assert "was restarted, 1 of 1" in text
    assert project.outputs()["dates"] == {"SUCCESS": 4}
    actions = [one["action"] for one in project.emulator.requests()]
    assert actions.count("RestartInstance") + actions.count("RerunTaskInstances") == 4
    assert len(project.launches()) == 1


def test_a_failure_can_be_a_warning(project: Engine) -> None:
    project.emulator.admin.set_node(CLEAN, failure={"message": "no column discount"})
    how(project, {"on_failure": "warn"})
    text = project.up("--skip-preview").succeeded().text
    assert "warning" in text
    assert "no column discount" in text
    outputs = project.outputs()
    assert (outputs["status"], outputs["dates"]) == ("FAILURE", {"FAILURE": 1, "CREATED": 3})
    [failed] = outputs["failed"]
    assert (failed["nodeId"], failed["bizDate"]) == (str(CLEAN), "2026-05-01")
    assert project.preview_json().unchanged


def test_a_timeout_says_what_was_open(project: Engine) -> None:
    project.emulator.admin.set_clock(scale=0)
    how(project, {"timeout": "3s"})
    text = project.up("--skip-preview").failed().text
    assert "after 3s these had not ended:" in text
    assert "0 of 4 dates done, 3 CREATED, 1 RUNNING" in text
    assert f"2026-05-01 RUNNING: ods_trade_order_di ({LOAD}) WAIT_RESOURCE" in text
    how(project, {})
    assert_goes_on(project)


def test_the_shorter_one_of_timeout_and_custom_timeouts_holds(project: Engine) -> None:
    project.emulator.admin.set_clock(scale=0)
    for option, timeout, holds in (("3s", None, "3s"), ("4s", "1h", "4s"), ("1h", "5s", "5s")):
        project.environment["CREATE"] = option
        how(project, {"timeout": timeout})
        text = project.up("--skip-preview").failed().text
        assert f"after {holds} these had not ended:" in text
        assert "0 of 4 dates done, 3 CREATED, 1 RUNNING" in text
    del project.environment["CREATE"]
    how(project, {})
    assert_goes_on(project)


def test_kill_9_while_waiting(project: Engine) -> None:
    running = waiting(project)
    running.kill()
    project.cancel().succeeded()
    assert_goes_on(project)


def test_one_interrupt_ends_the_wait(project: Engine) -> None:
    running = waiting(project)
    running.interrupt()
    result = running.wait(60).failed()
    assert "the wait was interrupted" in result.text
    assert_goes_on(project)


def test_waits_keep_neither_a_launch_nor_an_interrupt_from_its_turn(engine: Engine) -> None:
    engine.program(MANY)
    engine.emulator.admin.set_node(LOAD, seconds=1e9)
    engine.emulator.admin.set_clock(scale=20)
    running = engine.start("--skip-preview", "--parallel", "16")
    running.wait_for(lambda: len(engine.launches()) == 7, timeout=120)
    running.interrupt()
    running.wait(60).failed()
    assert len(engine.launches()) == 7


def test_secret_parameters_are_hidden_in_what_failed(engine: Engine) -> None:
    engine.program(SECRET)
    engine.emulator.admin.set_clock(scale=20)
    failure = {"message": "login pa55word for east was refused"}
    engine.emulator.admin.set_node(LOAD, failure=failure)
    texts = [engine.up("--skip-preview").succeeded().text]
    assert "login [secret] for east was refused" in texts[0]
    texts += [engine.preview("--diff").succeeded().text, engine.run("stack", "export").text]
    assert [text for text in texts if "pa55word" in text] == []
    assert engine.outputs() == {"status": "FAILURE"}
