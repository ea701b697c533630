"""``python -m bench.at_most_once``: how often backfills run twice, or get lost, when calls fail.

1,000 launches on the emulator, under the same seeded schedule of faults for each of three ways to
launch them. Each launch is driven until it succeeds, by doing again what its user would do again.
Nothing sleeps: who waits moves the emulator's clock.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import tenacity
from alibabacloud_dataworks_public20200518 import models
from alibabacloud_dataworks_public20200518.client import Client
from alibabacloud_tea_openapi.utils_models import Config
from dataworks_emulator import Emulator

from bench.results import Row, save
from tests.provider.launch._emulated import Machine, hurt
from tests.provider.launch._pulumi import Killed, Stack

COMMAND = "python -m bench.at_most_once"
LAUNCHES = 1000
SEED = "at most once"
#: Of 100 calls that launch, how many go wrong, and how.
FAULTS = {"lost after": 10, "5xx after": 5, "throttled": 5, "killed": 5}
#: Seconds until a launch shows in listings, and between two launches.
VISIBLE_AFTER = 20
BETWEEN = 60
_NODE = 74324
_FIRST_DAY = date(2026, 5, 1)


@dataclass(frozen=True)
class Outcome:
    """What a way of launching has led to."""

    duplicates: int
    lost: int
    calls: int


#: Launches a backfill (its number) under faults, to success; gives the IDs that its user holds.
Way = Callable[[Emulator, int, Iterator[str | None]], list[str]]


def schedule(number: int) -> Iterator[str | None]:
    """Gives what happens to each call that launches a backfill, the first, the second, ..."""
    chance = random.Random(f"{SEED} {number}")
    kinds = [*FAULTS, None]
    weights = [*FAULTS.values(), 100 - sum(FAULTS.values())]
    while True:
        (fault,) = chance.choices(kinds, weights)
        yield chance.choice(["killed before", "killed after"]) if fault == "killed" else fault


def day_of(number: int) -> str:
    """Gives the business date that a backfill is for."""
    return (_FIRST_DAY + timedelta(days=number % 28)).isoformat()


def ours(emulator: Emulator, number: int, faults: Iterator[str | None]) -> list[str]:
    """A `Backfill`, brought up until `up` succeeds; a killed process is followed by a new one."""
    machine = Machine(emulator, lambda: next(faults))
    stack = Stack(machine)
    declared = {
        "projectEnv": "PROD",
        "rootNodeId": str(_NODE),
        "startBizDate": day_of(number),
        "endBizDate": day_of(number),
        "namePrefix": f"bench{number}",
    }
    while not stack.up(declared):
        machine.sleep(1)
    return list(stack.backfill.outputs["nodeIds"]) if stack.backfill else []


def by_hand(emulator: Emulator, number: int, faults: Iterator[str | None]) -> list[str]:
    """The official SDK in a script, run again when it fails."""
    while True:
        with contextlib.suppress(Exception, Killed):
            return _sent(emulator, number, next(faults))


def with_tenacity(emulator: Emulator, number: int, faults: Iterator[str | None]) -> list[str]:
    """The official SDK in a script, with a retry on any exception; run again when killed."""
    retrying = tenacity.Retrying(
        wait=tenacity.wait_random_exponential(max=20),
        stop=tenacity.stop_after_attempt(10),
        sleep=lambda _: None,
    )
    while True:
        with contextlib.suppress(Killed):
            return retrying(lambda: _sent(emulator, number, next(faults)))


def _sent(emulator: Emulator, number: int, fault: str | None) -> list[str]:
    client = Client(
        Config(
            endpoint=emulator.endpoint,
            protocol="http",
            access_key_id="testid",
            access_key_secret="testsecret",  # noqa: S106 - of nobody
        )
    )
    request = models.RunCycleDagNodesRequest(
        project_env="PROD",
        name=f"bench{number}",
        root_node_id=_NODE,
        include_node_ids=str(_NODE),
        start_biz_date=f"{day_of(number)} 00:00:00",
        end_biz_date=f"{day_of(number)} 00:00:00",
        parallelism=False,
    )
    reply = hurt(emulator, fault, lambda: client.run_cycle_dag_nodes(request))
    return [str(one) for one in reply.body.data]


def measure(way: Way) -> Outcome:
    """Launches all in one way, on an emulator of its own."""
    with Emulator() as emulator:
        emulator.admin.set_switches({"visibilityDelay": VISIBLE_AFTER})
        held: set[str] = set()
        for number in range(LAUNCHES):
            held.update(way(emulator, number, schedule(number)))
            emulator.admin.set_clock(step=BETWEEN)
        made = emulator.launches()
        calls = len(emulator.requests())
    prefixes = [launch["name"].partition("_")[0] for launch in made]
    lost = [launch for launch in made if not held & {str(one) for one in launch["dagIds"]}]
    return Outcome(len(prefixes) - len(set(prefixes)), len(lost), calls)


def main() -> None:
    """Measures the three, side by side."""
    faults = ", ".join(f"{percent}% {fault}" for fault, percent in FAULTS.items())
    ways: dict[str, Way] = {
        "pulumi_dataworks": ours,
        "official SDK, tenacity": with_tenacity,
        "official SDK, run again by hand": by_hand,
    }
    rows = []
    for name, way in ways.items():
        outcome = measure(way)
        target = "0" if way is ours else ""
        reason = f"{LAUNCHES} launches, of whose calls fail: {faults}"
        for figure, value in (
            ("duplicate launches", outcome.duplicates),
            ("launches that nobody holds the IDs of", outcome.lost),
        ):
            ok = value == 0 if way is ours else None
            rows.append(Row(f"{figure}: {name}", value, "", target, ok, reason))
        calls = round(outcome.calls / LAUNCHES, 2)
        rows.append(Row(f"API calls a launch: {name}", calls, "", reason="look-ups included"))
    save(rows, COMMAND)


if __name__ == "__main__":
    main()
