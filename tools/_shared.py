"""What the tools have in common: where things are, how they speak, how they run a command."""

from __future__ import annotations

import contextlib
import fcntl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"


class ToolError(Exception):
    """Something the user has to do; its text says what, and is all that is shown."""


def say(step: str, text: str) -> None:
    """Tells what is done. Never on stdout: that belongs to what was asked for."""
    print(f"{step:>9}: {text}", file=sys.stderr, flush=True)


def run_quietly(
    command: Sequence[str | Path],
    failure: str,
    *,
    cwd: Path = ROOT,
    environment: Mapping[str, str] | None = None,
    step: str = "",
    note_every: float = 60.0,
) -> None:
    """Runs a command that speaks only when it fails.

    :raises ToolError: with ``failure`` and the last lines of what the command said.
    """
    words = [str(word) for word in command]
    started = time.monotonic()
    try:
        process = subprocess.Popen(
            words,
            cwd=cwd,
            env=None if environment is None else dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except OSError as error:
        raise ToolError(f"{failure}\n{error}") from error
    with process:
        while True:
            try:
                output, _ = process.communicate(timeout=note_every)
                break
            except subprocess.TimeoutExpired:
                say(step, f"still at it after {(time.monotonic() - started) / 60:.0f} min")
            except BaseException:
                process.kill()
                raise
    if process.returncode:
        raise ToolError(f"{failure}\n{last_lines(output)}")


def last_lines(text: str, count: int = 15) -> str:
    """Gives the end of a long output, where the reason stands."""
    return "\n".join(f"    {line}" for line in text.strip().splitlines()[-count:])


@contextlib.contextmanager
def exclusive(path: Path, step: str, waiting: str) -> Iterator[None]:
    """Holds a lock that dies with the process, and says so when it has to wait."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say(step, waiting)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
