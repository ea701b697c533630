"""What the measurements have in common: an emulator in its own process, Pulumi projects, time."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.engine import find

PEERS = Path(__file__).resolve().parent / "peers"
STACK = "bench"


@dataclass
class Server:
    """A running emulator. ``url`` is its address."""

    url: str

    def admin(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Calls the admin API: GET without a body, POST with one."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/__admin__/{path}", data)  # noqa: S310 - loopback
        with urllib.request.urlopen(request) as response:  # noqa: S310
            return json.load(response)

    def reset(self, delay_ms: float = 0) -> None:
        """Forgets everything; every call takes so long from now on."""
        self.admin("reset", {})
        self.admin("clock", {"scale": 0})
        if delay_ms:
            stall = {"fault": "stall_before_commit", "seconds": delay_ms / 1000, "times": None}
            self.admin("faults", stall)

    def launches(self) -> int:
        """How many backfills were launched."""
        return len(self.admin("launches"))

    def calls(self) -> list[dict[str, Any]]:
        """Every call since the last reset."""
        calls: list[dict[str, Any]] = self.admin("requests")
        return calls


@contextmanager
def emulator(workspace: Path | None = None) -> Iterator[Server]:
    """Runs an emulator in a process of its own, with its database in memory."""
    more = [] if workspace is None else ["--workspace", str(workspace)]
    process = subprocess.Popen(
        [sys.executable, "-m", "dataworks_emulator", *more], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield Server(process.stdout.readline().split()[-1])
    finally:
        process.terminate()
        process.wait()


@dataclass
class Project:
    """A Pulumi project in a temporary folder, with a stack of its own on a file backend."""

    folder: Path
    server: Server
    config: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        engine = find()
        if engine is None:
            raise SystemExit("no Pulumi engine: run `make bench`")
        self._pulumi = engine.pulumi
        (self.folder / "state").mkdir()
        runtime = {"name": "python", "options": {"toolchain": "pip", "virtualenv": sys.prefix}}
        (self.folder / "Pulumi.yaml").write_text(json.dumps({"name": "bench", "runtime": runtime}))
        self.run("stack", "init", STACK)
        for key, value in self.config.items():
            self.run("config", "set", key, value, "--stack", STACK)

    def run(self, *arguments: str, count: int = 0) -> float:
        """Runs a command of the CLI to its success; gives the seconds it took."""
        started = time.perf_counter()
        done = subprocess.run(
            [str(self._pulumi), *arguments, "--non-interactive"],
            cwd=self.folder,
            env=self._environment(count),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(arguments)} failed:\n{done.stdout[-3000:]}{done.stderr}")
        return time.perf_counter() - started

    def start(self, *arguments: str, count: int = 0) -> subprocess.Popen[bytes]:
        """Starts a command of the CLI in a process group of its own, as a terminal does."""
        return subprocess.Popen(
            [str(self._pulumi), *arguments, "--stack", STACK, "--non-interactive"],
            cwd=self.folder,
            env=self._environment(count),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def up(self, count: int, *arguments: str) -> float:
        """Runs ``up`` without a preview."""
        return self.run("up", "--yes", "--skip-preview", "--stack", STACK, *arguments, count=count)

    def preview(self, count: int) -> float:
        """Runs ``preview``."""
        return self.run("preview", "--stack", STACK, count=count)

    def state(self) -> dict[str, Any]:
        """The stack's state, as the file backend has it."""
        (file,) = (self.folder / "state").rglob(f"{STACK}.json")
        state: dict[str, Any] = json.loads(file.read_text())
        return state

    def _environment(self, count: int) -> dict[str, str]:
        return {
            **environment(self.server),
            "PATH": f"{self._pulumi.parent}{os.pathsep}{os.environ['PATH']}",
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "bench",
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "COUNT": str(count),
            **self.variables,
        }


def environment(server: Server) -> dict[str, str]:
    """What every peer gets: where to call, and as whom."""
    return {
        **os.environ,
        "DATAWORKS_ENDPOINT": server.url,
        "ALIBABA_CLOUD_REGION_ID": "cn-shanghai",
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "testid",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "testsecret",
    }


@contextmanager
def project(
    server: Server,
    peer: str,
    config: Mapping[str, str] | None = None,
    variables: Mapping[str, str] | None = None,
) -> Iterator[Project]:
    """Makes a project of one of the programs in ``peers/``, with the modules beside it."""
    with tempfile.TemporaryDirectory() as folder:
        made = Project(Path(folder), server, config or {}, variables or {})
        for module in PEERS.glob("*.py"):
            shutil.copy(module, folder)
        shutil.copy(PEERS / f"{peer}.py", Path(folder) / "__main__.py")
        yield made


def median(values: Sequence[float]) -> float:
    """The median, to three digits."""
    return float(f"{statistics.median(values):.3g}")
