"""The life of a clone's emulator, with a stand-in for the emulator itself."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tools._shared import ToolError
from tools.emulator import Emulator

STAND_IN = """
import argparse, http.server, json, os
parser = argparse.ArgumentParser()
parser.add_argument("-m")
for name in ("host", "port", "database"):
    parser.add_argument("--" + name)
options = parser.parse_args()

class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"database": options.database, "pid": os.getpid()}).encode())

http.server.ThreadingHTTPServer((options.host, int(options.port)), Health).serve_forever()
"""

Maker = Callable[[str], Emulator]


@pytest.fixture
def python(tmp_path: Path) -> Path:
    (tmp_path / "stand_in.py").write_text(STAND_IN)
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} {tmp_path}/stand_in.py "$@"\n')
    python.chmod(0o755)
    return python


@pytest.fixture
def clone(tmp_path: Path, python: Path) -> Iterator[Maker]:
    """Makes the emulator of the clone with the given name."""
    made: list[Emulator] = []

    def make(name: str) -> Emulator:
        (tmp_path / "sources").mkdir(exist_ok=True)
        made.append(Emulator(tmp_path / name, python, tmp_path / "sources"))
        return made[-1]

    yield make
    for emulator in made:
        emulator.stop()


def health(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{url}/__admin__/health") as response:
        answer: dict[str, Any] = json.load(response)
    return answer


def test_it_is_started_once(clone: Maker, tmp_path: Path) -> None:
    url = clone("a").start()
    first = health(url)
    assert first["database"] == str(tmp_path / "a" / "emulator.sqlite")
    assert clone("a").start() == url
    assert health(url) == first


def test_two_clones_do_not_collide(clone: Maker) -> None:
    assert clone("a").start() != clone("b").start()


def test_stop_ends_it_and_start_finds_the_port_again(clone: Maker) -> None:
    url = clone("a").start()
    assert clone("a").stop()
    with pytest.raises(OSError, match="refused"):
        health(url)
    assert not clone("a").stop()
    assert clone("a").start() == url


def test_changed_sources_start_it_anew(clone: Maker, tmp_path: Path) -> None:
    url = clone("a").start()
    before = health(url)["pid"]
    (tmp_path / "sources" / "changed.py").touch()
    assert clone("a").start() == url
    assert health(url)["pid"] != before


def test_a_stranger_on_the_port_is_left_alone(clone: Maker) -> None:
    url = clone("a").start()
    clone("a").stop()
    with socket.create_server(("127.0.0.1", int(url.rpartition(":")[2]))):
        assert clone("a").start() != url


def test_the_emulator_of_another_clone_is_not_taken_for_ours(clone: Maker, tmp_path: Path) -> None:
    clone("a").start()
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "emulator.json").write_text((tmp_path / "a" / "emulator.json").read_text())
    assert not clone("b").stop()
    assert clone("b").start() != clone("a").start()


def test_one_that_hangs_is_replaced(clone: Maker) -> None:
    url = clone("a").start()
    stuck = health(url)["pid"]
    os.kill(stuck, signal.SIGSTOP)
    again = clone("a").start()
    assert health(again)["pid"] != stuck


def test_a_broken_record_is_forgotten(clone: Maker, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "emulator.json").write_text("{}")
    health(clone("a").start())


def test_one_that_does_not_start_is_told_with_its_reason(clone: Maker, tmp_path: Path) -> None:
    (tmp_path / "stand_in.py").write_text("raise SystemExit('no such workspace')")
    with pytest.raises(ToolError, match=r"(?s)did not start.*no such workspace"):
        clone("a").start()
