"""What the inputs of a backfill must be together, and what of them may surprise."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from .refusals import Problem
from .versions import ALL_DOWNSTREAM, CHAIN, CHOSEN_BY_DATAWORKS


def problems_together(inputs: Mapping[str, Any], given: Collection[str]) -> Iterator[Problem]:
    """Finds what is wrong between inputs, as far as all that it takes is known and sound.

    :param inputs: those that are.
    :param given: the names of all.
    """
    yield from _order(inputs, given)
    if "concurrentRuns" in inputs and inputs.get("parallelism") is False:
        yield Problem("concurrentRuns", "needs parallelism: true; dates run one by one without it")
    if "alertNoticeType" in inputs and "alertType" not in given:
        yield Problem("alertNoticeType", "needs alertType: SUCCESS, FAILURE or SUCCESS_FAILURE")
    if "namePrefix" in given and "name" in given:
        yield Problem("namePrefix", "goes without name: a given name is sent as it is")
    yield from _selection(inputs)
    included = inputs.get("includeNodeIds")
    strangers = [n for n in inputs.get("nodeParams", {}) if included and n not in included]
    if strangers and inputs.get("mode") not in CHOSEN_BY_DATAWORKS:
        nodes = ", ".join(strangers)
        yield Problem("nodeParams", f"must be for nodes of includeNodeIds only; got {nodes}")


def _selection(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """What the mode means for the nodes: some of them are chosen by DataWorks."""
    mode, root, included = (inputs.get(key) for key in ("mode", "rootNodeId", "includeNodeIds"))
    if root is None or included is None:
        return
    if mode == ALL_DOWNSTREAM and included != [root]:
        yield Problem(
            "includeNodeIds", f"goes without mode {mode}: all nodes below the root node are run"
        )
    if mode == CHAIN and (len(included) != 2 or root not in included):
        yield Problem(
            "includeNodeIds",
            f"must be two nodes with mode {mode}, the root node, where it starts, and its end; "
            f"got {', '.join(included)}",
        )


def _order(inputs: Mapping[str, Any], given: Collection[str]) -> Iterator[Problem]:
    start, end = inputs.get("startBizDate"), inputs.get("endBizDate")
    if start and end and start > end:
        yield Problem("endBizDate", f"must not be before startBizDate {start}; got {end}")
    ranges = inputs.get("bizDates")
    if ranges and start and ranges[0]["startBizDate"] != start:
        first = ranges[0]["startBizDate"]
        yield Problem("bizDates", f"must begin with startBizDate {start}; got {first}")
    if ranges and end and ranges[-1]["endBizDate"] != end:
        yield Problem("bizDates", f"must end with endBizDate {end}; got {ranges[-1]['endBizDate']}")
    begin, finish = inputs.get("bizBeginTime"), inputs.get("bizEndTime")
    if begin and finish and begin >= finish:
        yield Problem("bizEndTime", f"must be after bizBeginTime {begin}; got {finish}")
    for key, other in (("bizBeginTime", "bizEndTime"), ("bizEndTime", "bizBeginTime")):
        if key in inputs and other not in given:
            yield Problem(key, f"needs {other} as well: the two are a window")


def surprises(inputs: Mapping[str, Any]) -> Iterator[str]:
    """Warns of what is allowed, and may not be what was meant."""
    excluded = inputs.get("excludeNodeIds", [])
    both = [node for node in inputs.get("includeNodeIds", []) if node in excluded]
    root = inputs.get("rootNodeId")
    if both:
        yield (
            f"included and excluded: {', '.join(both)}. An excluded node is dry-run: "
            "it turns SUCCESS without running"
        )
    if "priority" in inputs:
        yield (
            "priority: the API's documents say that it is heeded for manually triggered and "
            "event-triggered workflows only"
        )
    if root in excluded and root not in both:
        yield f"the root node {root} is excluded: it is dry-run, SUCCESS without running"
