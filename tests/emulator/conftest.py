"""An emulator for each module, emptied for each test, with a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from dataworks_emulator import Emulator

from tests.emulator._callers import Sdk
from tests.emulator._warehouse import WAREHOUSE


@pytest.fixture(scope="module")
def served() -> Iterator[Emulator]:
    with Emulator(WAREHOUSE) as emulator:
        yield emulator


@pytest.fixture
def emulator(served: Emulator) -> Emulator:
    served.reset()
    served.admin.set_clock(scale=0)
    return served


@pytest.fixture
def sdk(emulator: Emulator) -> Sdk:
    return Sdk(emulator.endpoint)
