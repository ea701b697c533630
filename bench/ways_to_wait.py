"""The ways to wait for backfills, side by side on the engine: what each holds of what is wanted.

``python -m bench.ways_to_wait``
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping

from bench._comparison import FAST
from bench._setting import Project, Server, emulator, project
from bench.results import Row, save

COMMAND = "python -m bench.ways_to_wait"
SLOW_NODE = 74324
WAITS = 5
#: Longer than any of them has need of, on a slow machine too.
PATIENCE = 60.0
WAYS: dict[str, tuple[str, Mapping[str, str]]] = {
    "as it is built": ("wait_ours", {}),
    "process of its own, SDK as it is": (
        "wait_own_process",
        {"PULUMI_DATAWORKS_PLAIN_SDK": "1"},
    ),
    "in the program": ("wait_in_program", {}),
}


def main() -> None:
    """Measures, and saves the figures."""
    with emulator() as server:
        rows = [row for way in WAYS for row in _way(server, way)]
    save(rows, COMMAND)


def _way(server: Server, way: str) -> list[Row]:
    peer, variables = WAYS[way]
    server.reset()
    with project(server, peer, FAST, variables) as made:
        stopped = _seconds_of_an_interrupt(server, made)
        _run_into_a_kill(server, made)
        server.admin("clock", {"scale": 20})
        made.up(1)
        launches, calls = server.launches(), len(server.calls())
        made.up(1)
        again = len(server.calls()) - calls
    server.reset()
    with project(server, peer, FAST, variables) as made:
        late = _seconds_until_the_late_launch(server, made)
    return [
        _row(way, "seconds from ^C to the end", stopped, "s"),
        _row(way, "launches after ^C, kill -9 and two more updates", launches, ""),
        _row(way, "calls of a further update, all ended", again, ""),
        _row(way, f"seconds to a launch that comes while {WAITS} wait", late, "s"),
    ]


def _row(way: str, figure: str, value: float | None, unit: str) -> Row:
    text = f"wait {way}: {figure}"
    if value is None:
        return Row(text, f"not within {PATIENCE:.0f} s", "")
    return Row(text, round(value, 1), unit)


def _start(made: Project, count: int) -> subprocess.Popen[bytes]:
    return made.start("up", "--yes", "--skip-preview", "--parallel", "16", count=count)


def _seconds_of_an_interrupt(server: Server, made: Project) -> float | None:
    running = _start(made, 1)
    _seconds_until(lambda: _is_asked_for(server))
    os.killpg(running.pid, signal.SIGINT)
    ended = _seconds_until(lambda: running.poll() is not None)
    _end(running)
    return ended


def _run_into_a_kill(server: Server, made: Project) -> None:
    made.run("cancel", "--yes", "--stack", "bench")
    before = len(server.calls())
    running = _start(made, 1)
    _seconds_until(lambda: _is_asked_for(server, before))
    _end(running)
    made.run("cancel", "--yes", "--stack", "bench")


def _seconds_until_the_late_launch(server: Server, made: Project) -> float | None:
    server.admin(f"nodes/{SLOW_NODE}", {"seconds": 1e9})
    server.admin("clock", {"scale": 20})
    running = _start(made, WAITS)
    late = _seconds_until(lambda: server.launches() == WAITS + 2)
    _end(running)
    return late


def _is_asked_for(server: Server, since: int = 0) -> bool:
    """Tells whether the backfill was asked for, twice: then the wait has begun."""
    asked = [call for call in server.calls()[since:] if call["action"] in ("GetDag", "ListDags")]
    return len(asked) > 1


def _seconds_until(holds: Callable[[], bool]) -> float | None:
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE:
        if holds():
            return time.monotonic() - began
        time.sleep(0.1)
    return None


def _end(running: subprocess.Popen[bytes]) -> None:
    running.kill()
    running.wait()


if __name__ == "__main__":
    main()
