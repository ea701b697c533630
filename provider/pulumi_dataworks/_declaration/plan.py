"""What a declaration means, from itself alone: dates, nodes, dry-runs, and how many at a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from pulumi.output import contains_unknowns

from .dates import ranges_of
from .versions import ALL_DOWNSTREAM, CHAIN

_NEEDS = ("projectEnv", "includeNodeIds", "startBizDate", "endBizDate", "parallelism")
_TAKES = (
    *_NEEDS,
    "rootNodeId",
    "excludeNodeIds",
    "bizBeginTime",
    "bizEndTime",
    "bizDates",
    "mode",
    "concurrentRuns",
)
_ON_DELETE = {
    "leave": "nothing is stopped",
    "stop": "what still runs is stopped",
}


def plan_of(inputs: Mapping[str, Any]) -> dict[str, Any] | None:
    """Describes what inputs in their normal form would run; None while some are not known.

    A business date D is scheduled on D+1. A node that is included and excluded is dry-run.
    """
    if not is_known(inputs):
        return None
    ranges = ranges_of(inputs)
    first, last, dates = ranges[0][0], ranges[-1][1], _count_dates(ranges)
    running, excluded = nodes_that_run(inputs), list(inputs.get("excludeNodeIds") or [])
    at_a_time = dates_at_a_time(inputs, dates)
    return {
        "summary": _sentence(
            _told_dates(ranges), _told_nodes(inputs), len(excluded), count_of(at_a_time, "date")
        ),
        "businessDates": {"first": first.isoformat(), "last": last.isoformat(), "count": dates},
        "scheduledOn": {"first": _next_day(first), "last": _next_day(last)},
        "nodes": {"run": len(running), "dryRun": len(excluded)},
        "datesAtATime": at_a_time,
        "onDelete": _ON_DELETE.get(str(inputs.get("onDestroy", "leave"))),
    }


def change_of(before: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any] | None:
    """Describes what a changed declaration means, beside the one that was launched.

    A date runs again where a node that ran on it runs once more. None while some is not known.
    """
    if not is_known(before) or not is_known(inputs):
        return None
    running = nodes_that_run(inputs)
    again = set(nodes_that_run(before)) & set(running) if _same_place(before, inputs) else set()
    count = _count_dates(ranges_of(inputs))
    common = _common_dates(before, inputs) if again else 0
    return {
        "summary": _meaning(count, common, len(again), len(running)),
        "datesAgain": common,
        "datesNew": count - common,
        "nodesAgain": len(again) if common else 0,
        "earlier": "the earlier launch is left as it is, running or ended",
    }


def nodes_that_run(inputs: Mapping[str, Any]) -> list[str]:
    """Gives the nodes that are included, and not dry-run."""
    excluded = inputs.get("excludeNodeIds") or []
    return [node for node in inputs["includeNodeIds"] if node not in excluded]


def overlap(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[list[str], int]:
    """Gives the nodes that two declarations both run, and the number of dates on which they do."""
    if not (is_known(one) and is_known(other) and _same_place(one, other)):
        return [], 0
    others = set(nodes_that_run(other))
    nodes = [node for node in nodes_that_run(one) if node in others]
    dates = _common_dates(one, other) if nodes and _same_hours(one, other) else 0
    return (nodes, dates) if dates else ([], 0)


def dates_at_a_time(inputs: Mapping[str, Any], dates: int) -> int:
    """How many business dates may run at once: one in series, else as many as there are groups."""
    if not inputs["parallelism"]:
        return 1
    return min(int(inputs.get("concurrentRuns") or dates), dates)


def count_of(number: int, noun: str) -> str:
    """Gives a number with its noun: ``1 date``, ``31 dates``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def is_known(inputs: Mapping[str, Any]) -> bool:
    """Tells whether all that a plan takes is there: in a preview some of it may not be known."""
    known = not any(contains_unknowns(inputs.get(key)) for key in _TAKES)
    return known and all(isinstance(inputs.get(key), (str, list, bool)) for key in _NEEDS)


def _count_dates(ranges: list[tuple[date, date]]) -> int:
    return sum((last - first).days + 1 for first, last in ranges)


def _same_place(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return bool(one.get("projectEnv") == other.get("projectEnv"))


def _same_hours(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tells whether two windows of hours meet. Which nodes are hourly is not known here."""
    ends = [
        (inputs.get("bizBeginTime", "00:00:00"), inputs.get("bizEndTime", "23:59:59"))
        for inputs in (one, other)
    ]
    (begin, end), (other_begin, other_end) = ends
    return bool(begin <= other_end and other_begin <= end)


def _common_dates(one: Mapping[str, Any], other: Mapping[str, Any]) -> int:
    return sum(
        max(0, (min(last, other_last) - max(first, other_first)).days + 1)
        for first, last in ranges_of(one)
        for other_first, other_last in ranges_of(other)
    )


def _told_dates(ranges: list[tuple[date, date]]) -> str:
    dates = count_of(_count_dates(ranges), "date")
    return dates if len(ranges) == 1 else f"{dates} in {len(ranges)} ranges"


def _told_nodes(inputs: Mapping[str, Any]) -> str:
    root, included = inputs.get("rootNodeId"), inputs["includeNodeIds"]
    if inputs.get("mode") == ALL_DOWNSTREAM:
        return f"node {root} and all below it"
    if inputs.get("mode") == CHAIN:
        end = next((node for node in included if node != root), root)
        return f"all nodes from {root} to {end}"
    excluded = inputs.get("excludeNodeIds") or []
    return count_of(len(nodes_that_run(inputs)) + len(excluded), "node")


def _sentence(dates: str, nodes: str, dry_run: int, at_a_time: str) -> str:
    parts = [f"{dates} x {nodes}"]
    if dry_run:
        parts.append(f"{dry_run} of them dry-run")
    parts.append(f"{at_a_time} at a time")
    return ", ".join(parts)


def _meaning(dates: int, again: int, nodes_again: int, nodes: int) -> str:
    if not again:
        return f"{count_of(dates, 'date')}, none of them launched before"
    new = dates - again
    some = f" ({nodes_again} of {nodes} nodes)" if nodes_again < nodes else ""
    rest = f"; {new} {'is' if new == 1 else 'are'} new" if new else ""
    return f"re-runs {count_of(again, 'date')} already launched{some}{rest}"


def _next_day(day: date) -> str:
    return (day + timedelta(days=1)).isoformat() if day < date.max else day.isoformat()
