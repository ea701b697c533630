"""Pulumi's own engine on a project in a temporary folder, with an emulator of its own.

def test_second_up_changes_nothing(engine: Engine) -> None:
    engine.configure({"backfills": {"may": {"rootNodeId": 1, ...}}})
    engine.up().succeeded()
    assert engine.preview_json().ops("same")
    assert len(engine.launches()) == 1
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil
import yaml
from dataworks_emulator import Emulator
from typing_extensions import Self

from tools.engine import Engine as PulumiEngine

REPOSITORY = Path(__file__).resolve().parents[2]
PROJECT = "dataworks-backfills"
STACK = "test"
TIMEOUT = 180.0

Waiting = Callable[[], object]


@dataclass(frozen=True)
class Result:
    """How a command ended, and what it said."""

    command: Sequence[str]
    returncode: int
    stdout: str
    stderr: str

    @property
    def text(self) -> str:
        """All that a person would have seen."""
        return self.stdout + self.stderr

    def succeeded(self) -> Self:
        """Fails the test, with all that was said, if the command failed."""
        assert self.returncode == 0, f"{self.command} ended {self.returncode}:\n{self.text}"
        return self

    def failed(self) -> Self:
        """Fails the test, with all that was said, if the command succeeded."""
        assert self.returncode != 0, f"{self.command} should have failed:\n{self.text}"
        return self


@dataclass(frozen=True)
class Step:
    """One step of a plan. ``raw`` holds what ``preview --json`` says of it."""

    raw: Mapping[str, Any]

    @property
    def op(self) -> str:
        op: str = self.raw["op"]
        return op

    @property
    def urn(self) -> str:
        urn: str = self.raw["urn"]
        return urn

    @property
    def name(self) -> str:
        return self.urn.rpartition("::")[2]

    @property
    def type(self) -> str:
        """The type as the program sees it, without the types of the parents."""
        return self.urn.split("::")[2].rpartition("$")[2]

    @property
    def diff(self) -> Mapping[str, Mapping[str, Any]]:
        """The changed properties: path to kind (``update``, ``add-replace``, ...)."""
        return self.raw.get("detailedDiff") or {}

    @property
    def replace_reasons(self) -> Sequence[str]:
        return self.raw.get("replaceReasons") or ()

    @property
    def inputs(self) -> Mapping[str, Any]:
        return (self.raw.get("newState") or {}).get("inputs") or {}

    @property
    def old_inputs(self) -> Mapping[str, Any]:
        return (self.raw.get("oldState") or {}).get("inputs") or {}


@dataclass(frozen=True)
class Plan:
    """What ``preview --json`` answers."""

    result: Result
    raw: Mapping[str, Any]

    @property
    def steps(self) -> list[Step]:
        """The steps of the program's own resources: not of the stack, not of providers."""
        every = [Step(step) for step in self.raw.get("steps") or ()]
        return [s for s in every if not s.type.startswith(("pulumi:pulumi:", "pulumi:providers:"))]

    @property
    def changes(self) -> Mapping[str, int]:
        return self.raw.get("changeSummary") or {}

    @property
    def ops(self) -> dict[str, list[str]]:
        """The operations on each resource, by its name; a replacement has three."""
        found: dict[str, list[str]] = {}
        for step in self.steps:
            found.setdefault(step.name, []).append(step.op)
        return found

    @property
    def unchanged(self) -> bool:
        return set(self.changes) <= {"same"}

    def step(self, name: str, op: str | None = None) -> Step:
        """Gives the one step on a resource; where it has several (a replacement), say which."""
        found = [s for s in self.steps if s.name == name and op in (None, s.op)]
        assert len(found) == 1, f"{len(found)} steps {op or ''} on {name}: {self.ops}"
        return found[0]


@dataclass(frozen=True)
class Process:
    """A process of a running command."""

    pid: int
    command: str


@dataclass
class Running:
    """A command under way, in a session of its own, as one in a terminal is."""

    command: Sequence[str]
    process: subprocess.Popen[bytes]
    folder: Path

    @property
    def stdout(self) -> str:
        return (self.folder / "stdout").read_text(errors="replace")

    @property
    def stderr(self) -> str:
        return (self.folder / "stderr").read_text(errors="replace")

    @property
    def text(self) -> str:
        """What it has said so far."""
        return self.stdout + self.stderr

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def wait(self, timeout: float = TIMEOUT) -> Result:
        """Waits for the CLI's end. Its plugin may live on, after a kill."""
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill_all()
            raise AssertionError(f"{self.command} took over {timeout} s:\n{self.text}") from None
        return Result(self.command, self.process.returncode, self.stdout, self.stderr)

    def wait_for(self, seen: str | Waiting, timeout: float = 60.0) -> None:
        """Waits until a text has been printed, or a condition holds, while the command runs."""
        deadline = time.monotonic() + timeout
        while not (seen in self.text if isinstance(seen, str) else seen()):
            alive = self.is_running and time.monotonic() < deadline
            assert alive, f"{seen!r} did not come:\n{self.text}"
            time.sleep(0.02)

    def interrupt(self) -> None:
        """Does what ^C in a terminal does: SIGINT to the foreground process group."""
        os.killpg(self.process.pid, signal.SIGINT)

    def kill(self) -> None:
        """Kills the CLI alone (-9). Plugins find out later that their engine is gone."""
        self.process.kill()
        self.process.wait()

    def kill_plugin(self) -> None:
        """Kills the provider's process alone (-9)."""
        found = [p for p in self.processes() if "pulumi.dynamic" in p.command]
        assert found, f"no provider is running: {self.processes()}"
        _kill(found)

    def kill_all(self) -> None:
        """Kills everything (-9), as when the machine goes down."""
        self.process.kill()
        while found := self.processes():
            _kill(found)
            time.sleep(0.01)
        self.process.wait()

    def processes(self) -> list[Process]:
        """Gives the living processes of the command, those left behind by a kill included.

        The engine puts each plugin into a process group of its own, but never a session.
        """
        own = [p for p in psutil.process_iter() if _session(p) == self.process.pid]
        return [Process(p.pid, _command(p)) for p in own]


def _session(process: psutil.Process) -> int | None:
    try:
        return os.getsid(process.pid) if process.status() != psutil.STATUS_ZOMBIE else None
    except (OSError, psutil.Error):
        return None


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def _kill(processes: Sequence[Process]) -> None:
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)


@dataclass(frozen=True)
class Template:
    """What the projects of one test session share: an empty stack to copy, and the salt of it."""

    pulumi: PulumiEngine
    folder: Path
    salt: str

    @classmethod
    def make(cls, pulumi: PulumiEngine, folder: Path) -> Template:
        """Runs ``stack init``, once."""
        blank = cls(pulumi, folder, "")
        (folder / "state").mkdir()
        (folder / "Pulumi.yaml").write_text(json.dumps(_project_file({})))
        subprocess.run(
            [pulumi.pulumi, "stack", "init", STACK, "--non-interactive"],
            cwd=folder,
            env=blank.environment(folder),
            capture_output=True,
            check=True,
        )
        settings = yaml.safe_load((folder / f"Pulumi.{STACK}.yaml").read_text())
        return cls(pulumi, folder, settings["encryptionsalt"])

    def environment(self, folder: Path) -> dict[str, str]:
        interpreter = str(Path(sys.executable).parent)
        folders = [str(self.pulumi.folder), interpreter, os.environ.get("PATH", os.defpath)]
        return {
            **os.environ,
            "PATH": os.pathsep.join(folders),
            "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "test",
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        }


class Engine:
    """A project of its own: program, stack, state, emulator.

    ``environment`` holds what the commands get; a test may change it.
    """

    def __init__(self, template: Template, folder: Path, emulator: Emulator) -> None:
        self.folder = folder
        self.emulator = emulator
        self._template = template
        self._started: list[Running] = []
        self._config: dict[str, Any] = {}
        folder.mkdir(parents=True)
        shutil.copytree(template.folder / "state", folder / "state")
        self.environment = {
            **template.environment(folder),
            "DATAWORKS_ENDPOINT": emulator.url,
            "ALIBABA_CLOUD_REGION_ID": "cn-shanghai",
            # Tests of the launch count calls; those of what comes before it take this out.
            "DATAWORKS_PREFLIGHT": "off",
            "ALIBABA_CLOUD_ACCESS_KEY_ID": "testid",
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "testsecret",
        }
        self.configure({})
        if (REPOSITORY / "__main__.py").is_file():
            self.own_program()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for running in self._started:
            running.kill_all()

    def own_program(self) -> None:
        """Takes the repository's own program, with its Pulumi.yaml."""
        shutil.copy(REPOSITORY / "__main__.py", self.folder)
        settings = yaml.safe_load((REPOSITORY / "Pulumi.yaml").read_text())
        settings.pop("stackConfigDir", None)
        self._write_project(settings)

    def program(self, text: str, settings: Mapping[str, Any] | None = None) -> None:
        """Takes another program, and if given other settings for its Pulumi.yaml."""
        (self.folder / "__main__.py").write_text(textwrap.dedent(text))
        self._write_project(settings or {})

    def take(self, project: Path, config: str = "") -> None:
        """Takes a copy of a whole project, with a stack of its own.

        :param config: the name of the file with the stack's config, if it has any.
        """
        shutil.copytree(project, self.folder, dirs_exist_ok=True)
        settings = yaml.safe_load((project / "Pulumi.yaml").read_text())
        self._write_project(settings)
        stack = (project / config).read_text() if config else ""
        salt = f"encryptionsalt: {self._template.salt}\n"
        (self.folder / f"Pulumi.{STACK}.yaml").write_text(salt + stack)
        self.run("stack", "init", stack_flag=False).succeeded()

    def configure(self, config: Mapping[str, Any] | str) -> None:
        """Sets the stack's whole config. Keys without a namespace are the project's own.

        :param config: a mapping, or the text of the YAML file's part under ``config:``.
        """
        salt = f"encryptionsalt: {self._template.salt}\n"
        if isinstance(config, str):
            body = "config:\n" + textwrap.indent(textwrap.dedent(config), "  ")
        else:
            keys = {k if ":" in k else f"{PROJECT}:{k}": v for k, v in config.items()}
            body = "config: " + json.dumps(keys)
        (self.folder / f"Pulumi.{STACK}.yaml").write_text(salt + body + "\n")

    def set_secret(self, key: str, value: str, *flags: str) -> None:
        """Adds a secret to the stack's config, encrypted as Pulumi does."""
        self.run("config", "set", "--secret", *flags, key, value).succeeded()

    def up(self, *flags: str) -> Result:
        return self.run("up", "--yes", *flags)

    def preview(self, *flags: str) -> Result:
        return self.run("preview", *flags)

    def preview_json(self, *flags: str) -> Plan:
        """Gives the plan; the test fails where there is none."""
        result = self.run("preview", "--json", *flags)
        try:
            return Plan(result, json.loads(result.stdout))
        except ValueError:
            raise AssertionError(f"no plan:\n{result.text}") from None

    def refresh(self, *flags: str) -> Result:
        return self.run("refresh", "--yes", *flags)

    def destroy(self, *flags: str) -> Result:
        return self.run("destroy", "--yes", *flags)

    def cancel(self) -> Result:
        """Takes away the lock that a killed command leaves."""
        return self.run("cancel", "--yes", stack_flag=False)

    def outputs(self, *, show_secrets: bool = False) -> dict[str, Any]:
        flags = ["--show-secrets"] if show_secrets else []
        answer = self.run("stack", "output", "--json", *flags).succeeded()
        outputs: dict[str, Any] = json.loads(answer.stdout)
        return outputs

    def export(self, *, show_secrets: bool = False) -> dict[str, Any]:
        flags = ["--show-secrets"] if show_secrets else []
        answer = self.run("stack", "export", *flags).succeeded()
        exported: dict[str, Any] = json.loads(answer.stdout)
        return exported

    def resources(self, *, show_secrets: bool = False) -> dict[str, dict[str, Any]]:
        """Gives the state of the program's own resources, by name."""
        every = self.export(show_secrets=show_secrets)["deployment"].get("resources") or ()
        return {
            r["urn"].rpartition("::")[2]: r
            for r in every
            if not r["type"].startswith(("pulumi:pulumi:", "pulumi:providers:"))
        }

    def launches(self) -> list[Any]:
        """What the emulator has launched."""
        return list(self.emulator.launches())

    def run(
        self, *arguments: str, stack_flag: bool | None = True, timeout: float = TIMEOUT
    ) -> Result:
        """Runs any command of the CLI to its end.

        :param stack_flag: True for a command that takes ``--stack``, False for one that takes the
            stack as its last argument, None for one without a stack.
        """
        return self.start(*arguments, stack_flag=stack_flag).wait(timeout)

    def start(self, *arguments: str, stack_flag: bool | None = True) -> Running:
        """Starts a command: ``start("up", "--yes")``; without a command, it is ``up --yes``."""
        if not arguments or arguments[0].startswith("-"):
            arguments = ("up", "--yes", *arguments)
        where = {True: ("--stack", STACK), False: (STACK,), None: ()}[stack_flag]
        command = [*arguments, *where, "--non-interactive", "--color", "never"]
        folder = self.folder / "runs" / str(len(self._started))
        folder.mkdir(parents=True)
        with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
            process = subprocess.Popen(
                [str(self._template.pulumi.pulumi), *command],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        self._started.append(Running(("pulumi", *command), process, folder))
        return self._started[-1]

    def _write_project(self, settings: Mapping[str, Any]) -> None:
        (self.folder / "Pulumi.yaml").write_text(json.dumps(_project_file(settings)))


def _project_file(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Gives a Pulumi.yaml for the interpreter that runs the tests."""
    options = {"toolchain": "pip"}
    if sys.prefix != sys.base_prefix:
        options["virtualenv"] = sys.prefix
    return {"name": PROJECT, **settings, "runtime": {"name": "python", "options": options}}
