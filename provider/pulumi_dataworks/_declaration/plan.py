"""What a declaration means, from itself alone: dates, nodes, dry-runs, and how many at a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

_NEEDS = ("includeNodeIds", "startBizDate", "endBizDate", "parallelism")


def plan_of(inputs: Mapping[str, Any]) -> dict[str, Any] | None:
    """Describes what inputs in their normal form would run; None while some are not known.

    A business date D is scheduled on D+1. A node that is included and excluded is dry-run.
    """
    if any(not isinstance(inputs.get(key), (str, list, bool)) for key in _NEEDS):
        return None
    first, last = (date.fromisoformat(inputs[key]) for key in ("startBizDate", "endBizDate"))
    dates = (last - first).days + 1
    excluded = list(inputs.get("excludeNodeIds") or [])
    runs = [node for node in inputs["includeNodeIds"] if node not in excluded]
    at_a_time = dates_at_a_time(inputs, dates)
    return {
        "summary": _sentence(dates, len(runs), len(excluded), at_a_time),
        "businessDates": {"first": first.isoformat(), "last": last.isoformat(), "count": dates},
        "scheduledOn": {"first": _next_day(first), "last": _next_day(last)},
        "nodes": {"run": len(runs), "dryRun": len(excluded)},
        "datesAtATime": at_a_time,
    }


def dates_at_a_time(inputs: Mapping[str, Any], dates: int) -> int:
    """How many business dates may run at once: one in series, else as many as there are groups."""
    if not inputs["parallelism"]:
        return 1
    return min(int(inputs.get("concurrentRuns") or dates), dates)


def _sentence(dates: int, run: int, dry_run: int, at_a_time: int) -> str:
    nodes = run + dry_run
    parts = [f"{_count(dates, 'date')} x {_count(nodes, 'node')}"]
    if dry_run:
        parts.append(f"{dry_run} of them dry-run")
    parts.append(f"{_count(at_a_time, 'date')} at a time")
    return ", ".join(parts)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _next_day(day: date) -> str:
    return (day + timedelta(days=1)).isoformat() if day < date.max else day.isoformat()
