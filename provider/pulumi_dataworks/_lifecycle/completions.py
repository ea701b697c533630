"""The wait for backfills: what its provider does in each step of its life but the waiting.

What is recorded has ended, and is not asked for again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi.output import contains_unknowns

from .._declaration.completions import normalize_wait
from .._declaration.refusals import Problem

_WHAT = ("backfills", "targets")
COMPUTED = (
    "finalStatus",
    "backfillStatuses",
    "datesByStatus",
    "instancesByStatus",
    "startedAt",
    "finishedAt",
    "durationSeconds",
    "failedInstances",
)


def check(olds: Mapping[str, Any], news: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """Brings the inputs into their normal form.

    What is waited for is known by the backfills' IDs. The rest of ``targets`` is kept as it was
    recorded: a preview may not know it, and would show a change where there is none.
    """
    declared = normalize_wait({key: value for key, value in news.items() if key not in _WHAT})
    ids, targets = news.get("backfills"), news.get("targets")
    problems = list(declared.problems)
    if not contains_unknowns(ids):
        ids = sorted(set(map(str, ids or ())))
        if not ids:
            problems.append(Problem("backfills", "must name at least one backfill"))
        if ids == olds.get("backfills"):
            targets = olds.get("targets")
    return {**declared.inputs, "backfills": ids, "targets": targets}, problems


def diff(olds: Mapping[str, Any], news: Mapping[str, Any]) -> list[str]:
    """Names the inputs whose change makes another wait."""
    return ["backfills"] if olds.get("backfills") != news.get("backfills") else []


def update(olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
    """Records how it would be waited; it was waited already."""
    computed = {key: value for key, value in olds.items() if key in COMPUTED}
    return {**news, **computed}
