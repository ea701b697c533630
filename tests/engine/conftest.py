"""Fixtures for tests on the real engine; how they are used stands in ``_harness.py``."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from dataworks_emulator import Emulator
from pulumi_dataworks._declaration.versions import V2020

from tests.engine._harness import Engine, Template
from tools.engine import Engine as PulumiEngine


@pytest.fixture(scope="session")
def engine_template(
    pulumi_engine: PulumiEngine, tmp_path_factory: pytest.TempPathFactory
) -> Template:
    return Template.make(pulumi_engine, tmp_path_factory.mktemp("pulumi"))


@pytest.fixture
def api_version() -> str:
    """The version of the API that projects use: a test that is parametrised by it says another."""
    return V2020


@pytest.fixture
def engines(
    engine_template: Template, tmp_path: Path, api_version: str
) -> Iterator[Callable[[], Engine]]:
    """Makes projects that know nothing of each other, each with an emulator of its own."""
    with contextlib.ExitStack() as stack:
        count = 0

        def make() -> Engine:
            nonlocal count
            count += 1
            emulator = stack.enter_context(Emulator())
            folder = tmp_path / f"project-{count}"
            engine = stack.enter_context(Engine(engine_template, folder, emulator))
            engine.environment["DATAWORKS_API_VERSION"] = api_version
            return engine

        yield make


@pytest.fixture
def engine(engines: Callable[[], Engine]) -> Engine:
    """One project with an emulator of its own; the program is the repository's, until changed."""
    return engines()
