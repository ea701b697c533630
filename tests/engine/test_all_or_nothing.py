"""All or nothing, without a preview: the update itself finds what is wrong before it launches."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest
from pulumi_dataworks._declaration.versions import VERSIONS

from tests.engine._backfills import LAUNCHES
from tests.engine._harness import Engine
from tests.engine._programs import HEAD, backfill_of
from tests.engine._steps import CONFIG

pytestmark = pytest.mark.parametrize("api_version", VERSIONS)

BAD = "bad = dataworks.Backfill('bad', project_env='PROD', root_node_id=74324"
BAD_DATE = f"{BAD}, start_biz_date='2026-02-28', end_biz_date='2026-02-30')\n"
EIGHT = "".join(backfill_of(f"may-{number}") for number in range(8))

# Both have a backfill of the same Name. The good one declares its own while the other fails.
TWO = textwrap.dedent(
    """
    import shutil
    import threading
    from concurrent.futures import ThreadPoolExecutor
    from pathlib import Path

    import pulumi_dataworks as dataworks
    from pulumi import automation as auto

    DAYS = {
        "project_env": "PROD", "root_node_id": 74324, "name": "by hand",
        "start_biz_date": "2026-05-01", "end_biz_date": "2026-05-02",
    }
    both_have_declared = threading.Barrier(2, timeout=60)

    def good():
        dataworks.Backfill("may", **DAYS)
        both_have_declared.wait()

    def bad():
        dataworks.Backfill("may", **DAYS)
        dataworks.Backfill("june", **{**DAYS, "name": "june", "end_biz_date": "2026-02-30"})
        both_have_declared.wait()

    def up(name, program):
        stack = auto.create_or_select_stack(
            name, project_name="two", program=program,
            opts=auto.LocalWorkspaceOptions(
                pulumi_command=auto.PulumiCommand(root=str(Path(shutil.which("pulumi")).parents[1]))
            ),
        )
        try:
            stack.up(on_output=print)
        except auto.CommandError:
            return f"{name} failed"
        return f"{name} launched"

    with ThreadPoolExecutor() as pool:
        print(", ".join(pool.map(up, ["good", "bad"], [good, bad])))
    """
)


def refused(engine: Engine, program: str, *flags: str) -> str:
    """Runs an update that must launch nothing. Gives what the user reads."""
    engine.program(HEAD + program)
    text = engine.up("--skip-preview", *flags).failed().text
    assert engine.launches() == [], text
    sent = {one["action"] for one in engine.emulator.requests()}
    assert sent.isdisjoint(LAUNCHES.values()), text
    return text


def test_one_bad_of_nine(engine: Engine) -> None:
    text = refused(engine, EIGHT + BAD_DATE)
    assert "property endBizDate value {2026-02-30} has a problem: is no day of the" in text


def test_a_bad_setting(engine: Engine) -> None:
    engine.configure({"dataworks:regoin": "cn-shanghai"})
    text = refused(engine, EIGHT)
    assert "dataworks:regoin is not a setting" in text
    assert "Traceback" not in text


def test_no_credentials(engine: Engine) -> None:
    for name in ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"):
        del engine.environment[name]
    engine.environment["ALIBABA_CLOUD_ECS_METADATA_DISABLED"] = "true"
    assert "credentials" in refused(engine, EIGHT)


def test_an_exception_at_the_end_of_the_program(engine: Engine) -> None:
    text = refused(engine, EIGHT + "raise ValueError('no such luck')\n")
    assert "ValueError: no such luck" in text


def test_a_saved_plan(engine: Engine) -> None:
    engine.configure(CONFIG)  # the tokens of the refused one are looked for by the next
    engine.environment["PULUMI_EXPERIMENTAL"] = "true"
    engine.program(HEAD + EIGHT)
    engine.preview("--save-plan", "plan.json").succeeded()
    refused(engine, EIGHT + BAD_DATE, "--plan", "plan.json")
    engine.program(HEAD + EIGHT)
    engine.preview("--save-plan", "plan.json").succeeded()
    engine.up("--skip-preview", "--plan", "plan.json").succeeded()
    assert len(engine.launches()) == 8


@pytest.mark.parametrize("tie", ["opts=ResourceOptions(depends_on=may)", "reason=may.launch_name"])
def test_a_bad_one_that_waits_for_a_good_one(engine: Engine, tie: str) -> None:
    bad = f"{BAD}, start_biz_date='2026-02-28', end_biz_date='2026-02-30', {tie})\n"
    assert "is no day of the calendar" in refused(engine, backfill_of("may") + bad)


def test_one_after_another(engine: Engine) -> None:
    """Neither depends_on nor an input out of another's output holds the gate shut."""
    chain = "".join(
        [
            backfill_of("may"),
            backfill_of("june", "depends_on=may"),
            backfill_of("july").replace("**{", "triggers=[june.node_ids], **{"),
        ]
    )
    engine.program(HEAD + chain)
    engine.up("--skip-preview", "--parallel", "1").succeeded()
    names = [one["name"].partition("_")[0] for one in engine.launches()]
    assert names == ["may", "june", "july"]


def test_good_ones_do_not_wait_for_one_another(engine: Engine, api_version: str) -> None:
    hold = {
        "operation": LAUNCHES[api_version],
        "fault": "hold_before_commit",
        "match": {"Name": "may_1"},
    }
    engine.emulator.admin.add_fault(hold)
    engine.program(HEAD + EIGHT)
    running = engine.start("--skip-preview")
    running.wait_for(lambda: len(engine.launches()) == 7)
    engine.emulator.admin.release()
    running.wait().succeeded()
    assert len(engine.launches()) == 8


def test_two_programs_in_one_process(engine: Engine) -> None:
    """Through the Automation API, side by side: what one declares is nothing to the other."""
    (engine.folder / "two.py").write_text(TWO)
    result = subprocess.run(
        [sys.executable, "two.py"],
        cwd=engine.folder,
        env={**engine.environment, "PYTHONPATH": str(engine.folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "good launched, bad failed" in result.stdout, result.stdout + result.stderr
    assert [one["name"] for one in engine.launches()] == ["by hand"]
