"""The operations by version and name: a folder for each version, in it one module a family."""

from __future__ import annotations

from collections.abc import Mapping

from .._service import Operation
from . import v2020, v2024

V2020 = "2020-05-18"
V2024 = "2024-05-18"

OPERATIONS: Mapping[str, Mapping[str, Operation]] = {
    V2020: v2020.OPERATIONS,
    V2024: v2024.OPERATIONS,
}
#: Versions whose replies say Success or not inside of an HTTP 200.
ENVELOPED = frozenset({V2020})
