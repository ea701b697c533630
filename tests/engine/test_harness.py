"""The harness, and the language host under it, on a toy program that needs no DataWorks."""

from __future__ import annotations

import re
import signal
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine._harness import Engine, Running

SLOW = """
    import os, pathlib, time
    from pulumi.dynamic import CreateResult, Resource, ResourceProvider

    class Slow(ResourceProvider):
        serialize_as_secret_always = False
        def create(self, props):
            pathlib.Path("creating").touch()
            time.sleep(float(props["seconds"]))
            return CreateResult("x", props)
    """
TOY = """
    import pulumi
    from jobs import Slow
    from pulumi.dynamic import Resource

    class Job(Resource, module="toy", name="Job"):
        pass

    config = pulumi.Config()
    job = Job(Slow(), "job", {"seconds": config.get_float("seconds") or 0})
    pulumi.export("id", job.id)
    pulumi.export("token", config.get_secret("token"))
    """


@pytest.fixture
def toy(engine: Engine) -> Engine:
    engine.program(TOY)
    write_module(engine.folder)
    return engine


def write_module(folder: Path) -> None:
    (folder / "jobs.py").write_text(textwrap.dedent(SLOW))


@pytest.fixture
def waiting(toy: Engine) -> Running:
    """An update in the middle of a create."""
    toy.configure({"seconds": 30})
    running = toy.start("--skip-preview")
    running.wait_for((toy.folder / "creating").exists)
    return running


def test_a_life(toy: Engine) -> None:
    plan = toy.preview_json()
    assert plan.ops == {"job": ["create"]}
    assert plan.step("job").type == "pulumi-python:dynamic/toy:Job"
    toy.up("--skip-preview").succeeded()
    assert toy.outputs() == {"id": "x"}
    assert toy.preview_json().unchanged
    toy.configure({"seconds": 0.1})
    changed = toy.preview_json().step("job")
    assert (changed.op, changed.diff["seconds"]["kind"]) == ("update", "update")
    toy.refresh("--skip-preview").succeeded()
    assert toy.resources()["job"]["inputs"]["seconds"] == 0
    toy.destroy("--skip-preview").succeeded()
    assert toy.resources() == {}


def test_secrets_of_the_config_stay_secret(toy: Engine) -> None:
    toy.set_secret("token", "xyzzy")
    result = toy.up("--skip-preview").succeeded()
    assert "xyzzy" not in result.text + str(toy.export())
    assert toy.outputs(show_secrets=True)["token"] == "xyzzy"


def test_projects_know_nothing_of_each_other(engines: Callable[[], Engine]) -> None:
    first, second = engines(), engines()
    for project in (first, second):
        project.program('import pulumi; pulumi.export("here", __import__("os").getcwd())')
    first.up("--skip-preview").succeeded()
    assert first.outputs() == {"here": str(first.folder)}
    assert second.outputs() == {}


def test_an_error_of_the_program_is_one_plain_traceback(engine: Engine) -> None:
    engine.program('def broken():\n    raise ValueError("no such luck")\nbroken()')
    text = engine.preview().failed().text
    assert text.count("ValueError: no such luck") == 1
    assert "error: Program failed with an unhandled exception:" in text
    assert re.search(r'__main__.py", line 3, in <module>', text)
    assert "runpy" not in text


def test_an_error_meant_for_the_user_has_no_traceback(engine: Engine) -> None:
    engine.program('import pulumi; raise pulumi.RunError("choose another date")')
    text = engine.preview().failed().text
    assert "error: choose another date" in text
    assert "Traceback" not in text


def test_an_exit_of_the_program_is_told(engine: Engine) -> None:
    engine.program("import sys; sys.exit(7)")
    assert "Program exited with non-zero exit code: 7" in engine.preview().failed().text


def test_what_the_program_prints_is_shown(engine: Engine) -> None:
    engine.program('import sys; print("on stdout"); print("on stderr", file=sys.stderr)')
    text = engine.preview().succeeded().text
    assert "on stdout" in text
    assert "on stderr" in text


def test_a_missing_virtual_environment_is_told(engine: Engine) -> None:
    engine.program("")
    project = engine.folder / "Pulumi.yaml"
    project.write_text(
        "{name: dataworks-backfills, runtime: {name: python, options: {virtualenv: v}}}"
    )
    text = engine.preview().failed().text
    assert f"{engine.folder / 'v'}" in text
    assert "create the virtual environment" in text


def test_interrupt(waiting: Running, toy: Engine) -> None:
    waiting.interrupt()
    waiting.wait_for("^C received")
    waiting.interrupt()
    result = waiting.wait(30).failed()
    assert result.returncode != -signal.SIGINT
    assert waiting.processes() == []


def test_kill_leaves_the_plugin_and_the_lock(waiting: Running, toy: Engine) -> None:
    waiting.kill()
    assert waiting.wait().returncode == -signal.SIGKILL
    assert any("pulumi.dynamic" in p.command for p in waiting.processes())
    toy.configure({})
    assert "locked" in toy.up("--skip-preview").failed().text
    toy.cancel().succeeded()
    assert "interrupted while creating" in toy.up("--skip-preview").succeeded().text


def test_kill_plugin_fails_the_update(waiting: Running) -> None:
    waiting.kill_plugin()
    waiting.wait(60).failed()


def test_kill_all_leaves_no_process(waiting: Running) -> None:
    waiting.kill_all()
    assert waiting.processes() == []
