"""The project's virtual environment: made once, filled again when requirements change."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from tools._shared import LOCAL, ROOT, ToolError, run_quietly, say

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOWEST = LOCAL / "lowest"

_PACKAGES = ("provider/pyproject.toml", "emulator/pyproject.toml")
_RUN = ("requirements.txt", *_PACKAGES)
_TEST = (*_RUN, "tests/requirements.txt")
# It asks for an older protobuf than the engine's SDK, with which it works as well.
_POLICY = ["--no-deps", "-r", "policy/requirements.txt"]
_TOLD = {
    "run": "requirements into .venv (about a minute)",
    "test": "requirements and those of the tests into .venv (about a minute)",
    "policy": "what policy packs need into .venv",
}


def ensure(*, tests: bool = False) -> Path:
    """Gives the interpreter of an environment in which everything needed is installed.

    :raises ToolError: when that cannot be made; it says why.
    """
    if not _fits():
        _make()
    wanted = ["-r", "requirements.txt", "-e", "./emulator"]
    if tests:
        _install("test", _TEST, [*wanted, "-r", "tests/requirements.txt"])
        _install("policy", ["policy/requirements.txt"], _POLICY)
    else:
        _install("run", _RUN, wanted)
    return PYTHON


def ensure_lowest(python: Path) -> Path:
    """Gives the interpreter of an environment that holds the oldest versions we say we work with.

    :raises ToolError: when that cannot be made; it says why.
    """
    lowest = LOWEST / "bin" / "python"
    say("python", "installing the lowest versions of all requirements into .local/lowest")
    failure = "Installing the lowest versions failed."
    run_quietly([python, "-m", "venv", "--clear", LOWEST], failure, step="python")
    run_quietly([lowest, "-m", "pip", "install", "--quiet", "uv"], failure, step="python")
    wanted = ["-e", "./provider", "-e", "./emulator", "-r", "tests/requirements.txt"]
    how = ["--python", str(lowest), "--resolution", "lowest-direct", "--quiet"]
    for some in (wanted, _POLICY):
        run_quietly([LOWEST / "bin" / "uv", "pip", "install", *how, *some], failure, step="python")
    return lowest


def _fits() -> bool:
    """Whether the environment works, and is of the Python asked for, if one was."""
    try:
        answer = subprocess.run(
            [PYTHON, "-c", "import pip, sys; print(*sys.version_info[:2])"],
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return False
    if answer.returncode:
        return False
    version = tuple(map(int, answer.stdout.split()))
    asked = sys.version_info[:2]
    return version == asked if os.environ.get("PYTHON_ASKED") else (3, 10) <= version <= (3, 14)


def _make() -> None:
    say("python", f"making .venv with {sys.executable} ({sys.version.split()[0]})")
    shutil.rmtree(VENV, ignore_errors=True)
    run_quietly(
        [sys.executable, "-m", "venv", VENV],
        f"{sys.executable} could not make a virtual environment. Install its venv module "
        f"(Debian, Ubuntu: apt install python3.{sys.version_info[1]}-venv) and try again.",
        step="python",
    )


def _install(kind: str, files: Iterable[str], arguments: Sequence[str]) -> None:
    stamp = VENV / f"installed-{kind}"
    digest = _digest(files)
    if stamp.is_file() and stamp.read_text() == digest:
        return
    say("python", f"installing {_TOLD[kind]}")
    run_quietly(
        [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--quiet", *arguments],
        "Installing the requirements failed.",
        step="python",
    )
    stamp.write_text(digest)


def _digest(files: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for name in files:
        path = ROOT / name
        if not path.is_file():
            raise ToolError(f"{name} is missing: this clone is incomplete.")
        digest.update(name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
