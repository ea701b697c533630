"""The versions of the API, and what each of them lacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

#: RunCycleDagNodes.
V2020 = "2020-05-18"
#: CreateWorkflowInstances.
V2024 = "2024-05-18"
VERSIONS = (V2020, V2024)

#: How the nodes to run are chosen: the ones that are included, or, in two modes, by DataWorks.
DEFAULT_MODE = "ManualSelection"
ALL_DOWNSTREAM = "AllDownstream"
CHAIN = "Chain"
MODES = ("General", CHAIN, ALL_DOWNSTREAM)
CHOSEN_BY_DATAWORKS = (CHAIN, ALL_DOWNSTREAM)

_ONLY_2024 = ("bizDates", "mode", "order", "priority", "tags")


def lacking(version: str, inputs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Names each input in normal form that a version of the API cannot do, and why."""
    if version == V2020:
        why = f"is not to be had of version {V2020} of the API: it needs apiVersion {V2024}"
        yield from ((key, why) for key in _ONLY_2024 if key in inputs)
    elif inputs.get("parallelism") is True and "concurrentRuns" not in inputs:
        why = f"needs concurrentRuns, 2 to 10, with version {V2024} of the API"
        yield "parallelism", why
