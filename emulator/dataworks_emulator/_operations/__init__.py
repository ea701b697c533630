"""The operations by version and name: a folder for each version, in it one module a family."""

from __future__ import annotations

from collections.abc import Mapping

from .._service import Operation
from . import v2020

V2020 = "2020-05-18"

OPERATIONS: Mapping[str, Mapping[str, Operation]] = {V2020: v2020.OPERATIONS}
