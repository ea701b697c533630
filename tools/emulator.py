"""The clone's own emulator: a process on a loopback port that belongs to this clone alone."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from tools._shared import ToolError, last_lines, say

START_SECONDS = 30.0
STOP_SECONDS = 10.0
# Below the range from which systems take ports for outgoing connections.
PORTS = range(20_000, 32_000)


@dataclass(frozen=True)
class Record:
    """What the clone remembers of its emulator. The port outlives the process."""

    port: int
    pid: int = 0
    sources: str = ""


class Emulator:
    """The emulator of one clone, with all its files in one folder."""

    def __init__(self, folder: Path, python: Path, sources: Path) -> None:
        """
        :param folder: where its database, log and record are.
        :param python: the interpreter that has the emulator installed.
        :param sources: its source code; where that has changed, a running emulator is restarted.
        """
        self._python = python
        self._sources = sources
        self._database = folder / "emulator.sqlite"
        self._log = folder / "emulator.log"
        self._record = folder / "emulator.json"

    def start(self) -> str:
        """Gives the URL of the running emulator, and starts it where it is not running.

        :raises ToolError: when it does not come up.
        """
        record = self._read()
        sources = _digest(self._sources)
        ended = False
        if record and self._answers(record.port):
            if record.sources == sources:
                say("emulator", f"{_url(record.port)} (running)")
                return _url(record.port)
            ended = self.stop()
        elif record:
            ended = self._end(record.pid)  # alive, but it does not answer
        if record and ended:  # what has ended may hold its port for a moment longer
            _within(STOP_SECONDS, lambda: _is_free(record.port))
        port = record.port if record and _is_free(record.port) else _free_port()
        self._spawn(port, sources)
        say(
            "emulator",
            f"{_url(port)} (started; database {self._database.name}, log {self._log.name})",
        )
        return _url(port)

    def stop(self) -> bool:
        """Stops it, if it runs; tells whether it did."""
        record = self._read()
        if record is None:
            return False
        health = self._health(record.port)
        pid = health.get("pid") if health else record.pid
        return isinstance(pid, int) and self._end(pid)

    def _spawn(self, port: int, sources: str) -> None:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("w") as log:
            process = subprocess.Popen(
                [
                    *(self._python, "-m", "dataworks_emulator", "--host", "127.0.0.1"),
                    *("--port", str(port), "--database", self._database),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a ^C at the terminal is not meant for it
            )
        self._write(Record(port, process.pid, sources))
        if not _within(START_SECONDS, lambda: process.poll() is not None or self._answers(port)):
            process.kill()
        if process.poll() is not None:
            raise ToolError(f"The emulator did not start:\n{last_lines(self._log.read_text())}")

    def _answers(self, port: int) -> bool:
        return self._health(port) is not None

    def _health(self, port: int) -> dict[str, object] | None:
        """What the emulator says of itself; None for anything else that may listen there."""
        try:
            with _opener().open(f"{_url(port)}/__admin__/health", timeout=5) as response:
                health = json.load(response)
        except (OSError, ValueError):
            return None
        if not isinstance(health, dict) or not isinstance(health.get("database"), str):
            return None
        return health if Path(health["database"]).resolve() == self._database.resolve() else None

    def _end(self, pid: int) -> bool:
        if not self._is_ours(pid):
            return False
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
            if _within(STOP_SECONDS, lambda: _is_gone(pid)):
                break
        return True

    def _is_ours(self, pid: int) -> bool:
        """A process ID is reused sooner or later: only its command line says whose it is."""
        return pid > 0 and str(self._database) in _told(pid, "command=", "cmdline")

    def _read(self) -> Record | None:
        try:
            return Record(**json.loads(self._record.read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def _write(self, record: Record) -> None:
        self._record.write_text(json.dumps(asdict(record)) + "\n")


def _is_gone(pid: int) -> bool:
    """Whether it has ended. A dead process may stay listed, where nobody asks for its exit code."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # when this very process started it
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    state = _told(pid, "stat=", "stat").rpartition(")")[2]
    return state.strip().startswith("Z")


def _told(pid: int, ps_column: str, proc_file: str) -> str:
    """Asks /proc, or ``ps`` where there is none: a slim image may lack ``ps``."""
    if Path("/proc/self/stat").exists():
        try:
            return Path(f"/proc/{pid}/{proc_file}").read_text(errors="replace")
        except OSError:
            return ""
    command = ["ps", "-ww", "-o", ps_column, "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback: past any proxy


def _url(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server will
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    for port in random.sample(PORTS, 100):
        if _is_free(port):
            return port
    raise ToolError("No free port on 127.0.0.1 for the emulator.")


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def _within(seconds: float, reached: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
