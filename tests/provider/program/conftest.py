"""The SDK keeps its outstanding work in the process: none of a test's is left to the next."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.provider.program._programs import forget


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    yield
    forget()
