"""An emulator for each module, emptied for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from dataworks_emulator import Emulator


@pytest.fixture(scope="module")
def served() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def emulator(served: Emulator) -> Emulator:
    served.reset()
    return served
