"""Values as a program gives them, and what of them goes through the engine."""

from __future__ import annotations

import asyncio
import datetime
import enum
import pathlib
import types
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pulumi
import pytest
from hypothesis import given
from pulumi.output import UNKNOWN
from pulumi_dataworks import DeclarationError
from pulumi_dataworks._declaration.inputs import normalize
from pulumi_dataworks._declaration.values import to_input

from tests.provider.declaration._declarations import SOUND, Json, declarations

CHINA = datetime.timezone(datetime.timedelta(hours=8))
BEYOND = 2**53 + 1  # the first whole number that is no double


class Node(enum.Enum):
    ORDERS = BEYOND


class Number(enum.IntEnum):
    ORDERS = BEYOND


class Environment(str, enum.Enum):
    PROD = "PROD"


class Point:
    """Without a text of its own."""


class Named:
    def __str__(self) -> str:
        return "release-7"


@pytest.mark.parametrize(
    ("name", "written", "sent"),
    [
        # IDs are text, and never rounded.
        ("rootNodeId", BEYOND, str(BEYOND)),
        ("rootNodeId", Node.ORDERS, str(BEYOND)),
        ("rootNodeId", Number.ORDERS, str(BEYOND)),
        ("adoptDagId", 2**63 - 1, str(2**63 - 1)),
        ("includeNodeIds", (2, Number.ORDERS, "3"), ["2", str(BEYOND), "3"]),
        ("includeNodeIds", {7}, ["7"]),
        ("excludeNodeIds", "7,8", "7,8"),
        ("includeNodeIds", {7: "a", 8: "b"}.keys(), ["7", "8"]),
        ("includeNodeIds", {"a": 7}.values(), ["7"]),
        ("includeNodeIds", range(7, 9), ["7", "8"]),
        # What is no ID keeps its face, for the check to refuse.
        ("rootNodeId", 5.0, "5.0"),
        ("rootNodeId", True, "True"),
        ("rootNodeId", [5], ["5"]),
        ("includeNodeIds", [[5], None], [["5"], None]),
        # Dates and times.
        ("startBizDate", datetime.date(2026, 5, 1), "2026-05-01"),
        ("startBizDate", datetime.datetime(2026, 5, 1), "2026-05-01T00:00:00"),  # noqa: DTZ001
        ("startBizDate", datetime.datetime(2026, 5, 1, tzinfo=CHINA), "2026-05-01T00:00:00+08:00"),
        ("bizBeginTime", datetime.time(6), "06:00:00"),
        ("bizBeginTime", datetime.time(6, 0, 0, 5), "06:00:00.000005"),
        # Words.
        ("projectEnv", Environment.PROD, "PROD"),
        # Parameters of nodes are text.
        (
            "nodeParams",
            {Node.ORDERS: {"a": BEYOND, "b": 0.1, "c": Decimal("1.10"), "d": Number.ORDERS}},
            {str(BEYOND): {"a": str(BEYOND), "b": "0.1", "c": "1.10", "d": str(BEYOND)}},
        ),
        ("nodeParams", types.MappingProxyType({7: "k=v"}), {"7": "k=v"}),
        ("nodeParams", {7: {"k": True, "n": None}}, {"7": {"k": True, "n": None}}),
        ("nodeParams", {7: {"day": datetime.date(2026, 5, 1)}}, {"7": {"day": "2026-05-01"}}),
        # Triggers are anything that stays the same from run to run.
        ("triggers", [1, 0.5, None, True, "x"], [1, 0.5, None, True, "x"]),
        ("triggers", [float("nan"), float("-inf"), b"x"], ["nan", "-inf", "b'x'"]),
        ("triggers", [BEYOND, -BEYOND], [str(BEYOND), str(-BEYOND)]),
        ("triggers", (uuid.UUID(int=1), pathlib.Path("/a")), [str(uuid.UUID(int=1)), "/a"]),
        ("triggers", [{"b", "a", 1}, frozenset({2})], [["a", "b", 1], [2]]),
        ("triggers", [{1: {2: Environment.PROD}}], [{"1": {"2": "PROD"}}]),
        ("triggers", [Named()], ["release-7"]),
        ("concurrentRuns", Decimal(4), "4"),
    ],
)
def test_a_value_travels_as(name: str, written: object, sent: object) -> None:
    travelled = to_input(name, written)

    assert travelled == sent
    assert repr(travelled) == repr(sent)  # True is no 1 and 1.0 is no 1, either


@pytest.mark.parametrize("value", [Point(), object(), [Point()], {"k": to_input}, lambda: 1])
def test_what_has_another_text_in_each_run_is_no_trigger(value: object) -> None:
    with pytest.raises(DeclarationError, match="its place in memory"):
        to_input("triggers", [value])


@given(declarations())
def test_a_declaration_of_python_objects_is_the_same_as_one_of_text(declared: Json) -> None:
    given_inputs = {key: _as_python(key, value) for key, value in declared.items()}

    sent = {key: to_input(key, value) for key, value in given_inputs.items()}

    assert normalize(_through_the_engine(sent)).inputs == declared


def _as_python(name: str, value: Any) -> Any:
    if name.endswith("NodeId"):
        return int(value)
    if name.endswith("NodeIds"):
        return {int(item) for item in value}
    if name.endswith("Date"):
        return datetime.date.fromisoformat(value)
    if name.endswith("Time"):
        return datetime.time.fromisoformat(value)
    if name == "nodeParams":
        return {int(node): of_node for node, of_node in value.items()}
    return value


def _through_the_engine(value: Any) -> Any:
    """All numbers are doubles there, and maps come back in another order."""
    if isinstance(value, Mapping):
        return {key: _through_the_engine(item) for key, item in sorted(value.items(), reverse=True)}
    if isinstance(value, list):
        return [_through_the_engine(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value


# ---- Outputs, wherever they stand -------------------------------------------------------------


@pytest.fixture
def loop() -> Any:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield loop
    loop.close()
    asyncio.set_event_loop(None)


async def later(value: Any) -> Any:
    await asyncio.sleep(0)
    return value


def test_outputs_within_any_container_are_found_and_read(loop: asyncio.AbstractEventLoop) -> None:
    async def declare() -> list[Any]:
        node = pulumi.Output.from_input(BEYOND)
        secret = pulumi.Output.secret("s3cret")
        values = [
            to_input("rootNodeId", node),
            to_input("rootNodeId", later(BEYOND)),
            to_input("includeNodeIds", (1, node)),
            to_input("includeNodeIds", pulumi.Output.from_input([node, 1])),
            to_input("startBizDate", pulumi.Output.from_input(datetime.date(2026, 5, 1))),
            to_input("nodeParams", {7: types.MappingProxyType({"k": secret, "n": node})}),
            to_input("nodeParams", {node: {"k": pulumi.Output.from_input(secret)}}),
            to_input("triggers", [[{"k": (secret,)}]]),
        ]
        return [(await value.future(), await value.is_secret()) for value in values]

    assert loop.run_until_complete(declare()) == [
        (str(BEYOND), False),
        (str(BEYOND), False),
        (["1", str(BEYOND)], False),
        ([str(BEYOND), "1"], False),
        ("2026-05-01", False),
        ({"7": {"k": "s3cret", "n": str(BEYOND)}}, True),
        ({str(BEYOND): {"k": "s3cret"}}, True),
        ([[{"k": ["s3cret"]}]], True),
    ]


@pytest.mark.parametrize("name", ["rootNodeId", "includeNodeIds", "nodeParams", "triggers"])
@pytest.mark.parametrize("value", [UNKNOWN, [UNKNOWN, 1], {"7": {"k": UNKNOWN}}])
def test_what_is_not_known_yet_passes_as_it_is(name: str, value: object) -> None:
    assert to_input(name, value) is value


def test_a_sound_declaration_needs_no_change() -> None:
    assert {key: to_input(key, value) for key, value in SOUND.items()} == SOUND
