"""The search for a Python this project runs on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "python"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A PATH with nothing on it, but a shell."""
    (tmp_path / "sh").symlink_to("/bin/sh")
    return tmp_path


def add(folder: Path, name: str, *, fits: bool, version: str = "3.9.1") -> Path:
    path = folder / name
    shown = f'if [ "$1" = --version ]; then echo Python {version}; exit 0; fi'
    path.write_text(f"#!/bin/sh\n{shown}\nexit {0 if fits else 1}\n")
    path.chmod(0o755)
    return path


def search(folder: Path, asked: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SCRIPT, asked], env={"PATH": str(folder)}, capture_output=True, text=True, check=False
    )


def test_takes_the_newest(folder: Path) -> None:
    add(folder, "python3.10", fits=True)
    newest = add(folder, "python3.13", fits=True)
    assert search(folder).stdout.strip() == str(newest)


def test_passes_over_a_stub_that_does_not_run(folder: Path) -> None:
    add(folder, "python3.13", fits=False)
    works = add(folder, "python3", fits=True)
    assert search(folder).stdout.strip() == str(works)


def test_takes_the_one_asked_for(folder: Path) -> None:
    add(folder, "python3.13", fits=True)
    asked = add(folder, "mine", fits=True)
    assert search(folder, str(asked)).stdout.strip() == str(asked)


def test_says_what_to_install_when_all_are_too_old(folder: Path) -> None:
    add(folder, "python3", fits=False, version="3.9.1")
    answer = search(folder)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert "needs Python 3.10 to 3.14, and python3 is Python 3.9.1" in answer.stderr


def test_does_not_replace_the_one_asked_for(folder: Path) -> None:
    add(folder, "python3.13", fits=True)
    asked = add(folder, "mine", fits=False, version="3.8.0")
    answer = search(folder, str(asked))
    assert (answer.returncode, answer.stdout) == (1, "")
    assert "is Python 3.8.0" in answer.stderr


def test_says_so_when_there_is_none(folder: Path) -> None:
    assert "python3 is not found" in search(folder).stderr


def test_knows_the_real_versions() -> None:
    fits = (3, 10) <= sys.version_info[:2] <= (3, 14)
    answer = subprocess.run([SCRIPT, sys.executable], capture_output=True, check=False)
    assert (answer.returncode == 0) == fits
