"""For all tests: none of the developer's own settings, and a word about tests without engine."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pytest

from tools import engine as tools_engine

FOREIGN = ("ALIBABA_CLOUD_", "ALIBABACLOUD_", "ALICLOUD_", "DATAWORKS_", "PULUMI_")
NO_ENGINE = "no Pulumi engine: run `make test`, which finds or makes one"
ENGINE = pytest.StashKey[tools_engine.Engine | None]()

# How fast the machine is tells nothing of what is tested.
SLOW = [hypothesis.HealthCheck.too_slow]
hypothesis.settings.register_profile("tests", deadline=None, suppress_health_check=SLOW)
hypothesis.settings.load_profile("tests")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-transcripts",
        action="store_true",
        help="write tests/engine/transcripts/ anew, from what the engine says now",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[ENGINE] = tools_engine.find()  # while HOME is still the developer's


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if {"engine", "engines"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("engine")
        if item.get_closest_marker("engine") and config.stash[ENGINE] is None:
            item.add_marker(pytest.mark.skip(reason=NO_ENGINE))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [r for r in terminalreporter.getreports("skipped") if NO_ENGINE in str(r.longrepr)]
    if skipped:
        text = f"{len(skipped)} ENGINE TESTS DID NOT RUN: {NO_ENGINE}"
        terminalreporter.write_sep("!", text, red=True, bold=True)


@pytest.fixture(scope="session")
def pulumi_engine(request: pytest.FixtureRequest) -> tools_engine.Engine:
    """The engine on this machine; tests that need one are skipped where there is none."""
    found = request.config.stash[ENGINE]
    assert found is not None
    return found


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, empty_home: Path) -> None:
    """No credential, endpoint or stack of the developer's reaches a test."""
    for name in os.environ:
        if name.startswith(FOREIGN):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(empty_home))
    # The official chain would ask the cloud's metadata service last, over the network.
    monkeypatch.setenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")


@pytest.fixture
def update_transcripts(request: pytest.FixtureRequest) -> bool:
    """Whether what is on record is to be written anew."""
    return bool(request.config.getoption("--update-transcripts"))
