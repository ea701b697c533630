"""A sound declaration to start from, and all the ways in which the same one can be written."""

from __future__ import annotations

import datetime
import random
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st
from pulumi_dataworks._declaration.nodes import LARGEST_ID

SOUND: dict[str, Any] = {
    "projectEnv": "PROD",
    "rootNodeId": "74324",
    "includeNodeIds": ["74324", "74325"],
    "startBizDate": "2026-05-01",
    "endBizDate": "2026-05-31",
}
Json = dict[str, Any]

ids = st.integers(1, LARGEST_ID) | st.integers(1, 99)
words = st.text("abyz09_.-$", min_size=1, max_size=6)
values = st.text("abyz09=,{}$:'\"\u8865", max_size=8)
dates = st.dates(datetime.date(1990, 1, 1), datetime.date(2100, 1, 1))
#: Parameters of a node, as the text form can hold them.
parameters = st.dictionaries(words, values, min_size=1, max_size=3)


@st.composite
def declarations(draw: st.DrawFn) -> Json:
    """Sound declarations of every kind, in normal form."""
    nodes = sorted(draw(st.sets(ids, min_size=1, max_size=4)))
    start, end = sorted([draw(dates), draw(dates)])
    whole: Json = {
        "projectEnv": draw(st.sampled_from(["PROD", "DEV"])),
        "rootNodeId": str(draw(ids)),
        "includeNodeIds": [str(node) for node in nodes],
        "startBizDate": start.isoformat(),
        "endBizDate": end.isoformat(),
        "parallelism": draw(st.booleans()),
    }
    excluded = draw(st.sets(ids, max_size=3))
    if excluded:
        whole["excludeNodeIds"] = [str(node) for node in sorted(excluded)]
    if draw(st.booleans()):
        whole["bizBeginTime"], whole["bizEndTime"] = (
            "00:00:00",
            draw(st.sampled_from(["00:00:01", "06:30:00", "23:59:59"])),
        )
    of_nodes = draw(st.dictionaries(st.sampled_from(nodes), parameters, max_size=2))
    if of_nodes:
        whole["nodeParams"] = {
            str(node): dict(sorted(of_nodes[node].items())) for node in sorted(of_nodes)
        }
    if whole["parallelism"] and draw(st.booleans()):
        whole["concurrentRuns"] = draw(st.integers(2, 10))
    if draw(st.booleans()):
        whole["startFutureInstanceImmediately"] = draw(st.booleans())
    if draw(st.booleans()):
        whole["alertType"] = draw(st.sampled_from(["SUCCESS", "FAILURE", "SUCCESS_FAILURE"]))
        whole["alertNoticeType"] = draw(st.sampled_from(["SMS", "MAIL", "SMS_MAIL"]))
    return whole


def spelled(normal: Mapping[str, Any], chance: random.Random) -> Json:
    """Writes a declaration as somebody else might, or as the engine hands it over."""
    other = {key: _spelled(key, value, chance) for key, value in normal.items()}
    if not normal["parallelism"] and chance.random() < 0.5:
        del other["parallelism"]
    other.update({key: None for key in ("reason", "alertType") if key not in normal})
    return _shuffled(other, chance)


def _spelled(key: str, value: Any, chance: random.Random) -> Any:
    if key == "rootNodeId":
        return _id(value, chance)
    if key in ("includeNodeIds", "excludeNodeIds"):
        items = [*value, chance.choice(value)]
        chance.shuffle(items)
        if chance.random() < 0.3:
            return chance.choice([",", " , "]).join(items)
        return [_id(item, chance) for item in items]
    if key in ("startBizDate", "endBizDate"):
        return value + chance.choice(
            ["", " 00:00:00", "T00:00:00", "T00:00:00Z", "T00:00:00+08:00", " 00:00:00 +0000 UTC"]
        )
    if key in ("bizBeginTime", "bizEndTime"):
        return value[:5] if value.endswith(":00") and chance.random() < 0.5 else value
    if key == "nodeParams":
        return _shuffled({node: _texts(item, chance) for node, item in value.items()}, chance)
    if key == "concurrentRuns":
        return chance.choice([value, float(value)])
    return value


def _id(value: str, chance: random.Random) -> Any:
    spellings: list[Any] = [value, int(value), f"00{value}"]
    if int(value) < 2**53:
        spellings.append(float(value))  # as the engine gives a number
    return chance.choice(spellings)


def _texts(of_node: Mapping[str, str], chance: random.Random) -> Any:
    shuffled = _shuffled(of_node, chance)
    if chance.random() < 0.5:
        return "  ".join(f"{key}={value}" for key, value in shuffled.items())
    return {
        key: int(value) if str(value).isascii() and value.isdigit() and value[0] != "0" else value
        for key, value in shuffled.items()
    }


def _shuffled(items: Mapping[str, Any], chance: random.Random) -> Json:
    pairs = list(items.items())
    chance.shuffle(pairs)
    return dict(pairs)
