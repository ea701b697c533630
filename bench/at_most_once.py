"""``python -m bench.at_most_once``: how often backfills run twice, or get lost, when calls fail.

1,000 launches on the emulator with each version of the API, under the same seeded schedule of
faults for each of three ways to launch them. Each launch is driven until it succeeds, by doing
again what its user would do again. Nothing sleeps: who waits moves the emulator's clock.

Version 2024-05-18 launches with CreateWorkflowInstances. The official SDK's users have DataWorks
start what is created; we create it parked, and start it: a second send, which fails as often.
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
from alibabacloud_dataworks_public20240518 import models as models_2024
from alibabacloud_dataworks_public20240518.client import Client as Client2024
from alibabacloud_tea_openapi.utils_models import Config
from dataworks_emulator import Emulator
from pulumi_dataworks._declaration.versions import V2020, V2024, VERSIONS

from bench.results import Row, save
from tests.provider.launch._emulated import Machine, hurt
from tests.provider.launch._pulumi import Killed, Stack

COMMAND = "python -m bench.at_most_once"
LAUNCHES = 1000
SEED = "at most once"
#: Of 100 sends that launch, how many go wrong, and how.
FAULTS = {"lost after": 10, "5xx after": 5, "throttled": 5, "killed": 5}
#: Seconds until a launch shows in listings, and between two launches.
VISIBLE_AFTER = 20
BETWEEN = 60
_NODE = 74324
_FIRST_DAY = date(2026, 5, 1)


@dataclass(frozen=True)
class Outcome:
    """What a way of launching has led to. A copy that is parked counts as a launch."""

    duplicates: int
    lost: int
    calls: int


#: Launches a backfill (its number) with a version of the API under faults, to success; gives the
#: IDs that its user holds.
Way = Callable[[Emulator, str, int, Iterator[str | None]], list[str]]


def schedule(number: int) -> Iterator[str | None]:
    """Gives what happens to each send that launches a backfill, the first, the second, ..."""
    chance = random.Random(f"{SEED} {number}")
    kinds = [*FAULTS, None]
    weights = [*FAULTS.values(), 100 - sum(FAULTS.values())]
    while True:
        (fault,) = chance.choices(kinds, weights)
        yield chance.choice(["killed before", "killed after"]) if fault == "killed" else fault


def day_of(number: int) -> str:
    """Gives the business date that a backfill is for."""
    return (_FIRST_DAY + timedelta(days=number % 28)).isoformat()


def ours(emulator: Emulator, version: str, number: int, faults: Iterator[str | None]) -> list[str]:
    """A `Backfill`, brought up until `up` succeeds; a killed process is followed by a new one."""
    machine = Machine(emulator, lambda: next(faults), api_version=version)
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


def by_hand(
    emulator: Emulator, version: str, number: int, faults: Iterator[str | None]
) -> list[str]:
    """The official SDK in a script, run again when it fails."""
    while True:
        with contextlib.suppress(Exception, Killed):
            return _SEND[version](emulator, number, next(faults))


def with_tenacity(
    emulator: Emulator, version: str, number: int, faults: Iterator[str | None]
) -> list[str]:
    """The official SDK in a script, with a retry on any exception; run again when killed."""
    retrying = tenacity.Retrying(
        wait=tenacity.wait_random_exponential(max=20),
        stop=tenacity.stop_after_attempt(10),
        sleep=lambda _: None,
    )
    while True:
        with contextlib.suppress(Killed):
            return retrying(lambda: _SEND[version](emulator, number, next(faults)))


def _run_cycle_dag_nodes(emulator: Emulator, number: int, fault: str | None) -> list[str]:
    client = Client(_config(emulator))
    request = models.RunCycleDagNodesRequest(
        project_env="PROD",
        name=f"bench{number}",
        root_node_id=_NODE,
        include_node_ids=str(_NODE),
        start_biz_date=f"{day_of(number)} 00:00:00",
        end_biz_date=f"{day_of(number)} 00:00:00",
        parallelism=False,
    )
    reply = hurt(emulator, "RunCycleDagNodes", fault, lambda: client.run_cycle_dag_nodes(request))
    return [str(one) for one in reply.body.data]


def _create_workflow_instances(emulator: Emulator, number: int, fault: str | None) -> list[str]:
    client = Client2024(_config(emulator))
    day = models_2024.CreateWorkflowInstancesRequestPeriodsBizDates(
        start_biz_date=day_of(number), end_biz_date=day_of(number)
    )
    request = models_2024.CreateWorkflowInstancesRequest(
        project_id=emulator.workspace.project.id,
        env_type="Prod",
        type="SupplementData",
        workflow_id=1,
        name=f"bench{number}",
        periods=models_2024.CreateWorkflowInstancesRequestPeriods(biz_dates=[day]),
        default_run_properties=models_2024.CreateWorkflowInstancesRequestDefaultRunProperties(
            root_task_ids=[_NODE],
            include_task_ids=[_NODE],
            parallelism=1,
            analysis=models_2024.CreateWorkflowInstancesRequestDefaultRunPropertiesAnalysis(
                enabled=False, blocked=False
            ),
        ),
    )
    reply = hurt(
        emulator,
        "CreateWorkflowInstances",
        fault,
        lambda: client.create_workflow_instances(request),
    )
    asked = models_2024.GetCreateWorkflowInstancesResultRequest(
        operation_id=reply.body.operation_id
    )
    while True:
        result = client.get_create_workflow_instances_result(asked).body.result
        if result.status != "Creating":
            return [str(one) for one in result.workflow_instance_ids]
        emulator.admin.set_clock(step=1)


def _config(emulator: Emulator) -> Config:
    return Config(
        endpoint=emulator.endpoint,
        protocol="http",
        access_key_id="testid",
        access_key_secret="testsecret",  # noqa: S106 - of nobody
    )


#: One try of the official SDK, by version of the API.
_SEND = {V2020: _run_cycle_dag_nodes, V2024: _create_workflow_instances}


def measure(way: Way, version: str) -> Outcome:
    """Launches all in one way with one version of the API, on an emulator of its own."""
    with Emulator() as emulator:
        emulator.admin.set_switches({"visibilityDelay": VISIBLE_AFTER})
        held: set[str] = set()
        for number in range(LAUNCHES):
            held.update(way(emulator, version, number, schedule(number)))
            emulator.admin.set_clock(step=BETWEEN)
        made = emulator.launches()
        calls = len(emulator.requests())
    prefixes = [launch["name"].partition("_")[0] for launch in made]
    lost = [launch for launch in made if not held & {str(one) for one in launch["dagIds"]}]
    return Outcome(len(prefixes) - len(set(prefixes)), len(lost), calls)


def rows_of(name: str, way: Way, version: str) -> list[Row]:
    """Gives the figures of one way to launch, with one version of the API."""
    outcome = measure(way, version)
    whose = f"{name}, API {version}"
    faults = ", ".join(f"{percent}% {fault}" for fault, percent in FAULTS.items())
    reason = f"{LAUNCHES} launches, of whose sends fail: {faults}"
    target = "0" if way is ours else ""
    rows = []
    for figure, value in (
        ("duplicate launches", outcome.duplicates),
        ("launches that nobody holds the IDs of", outcome.lost),
    ):
        ok = value == 0 if way is ours else None
        rows.append(Row(f"{figure}: {whose}", value, "", target, ok, reason))
    calls = round(outcome.calls / LAUNCHES, 2)
    rows.append(Row(f"API calls a launch: {whose}", calls, "", reason="look-ups included"))
    return rows


def main() -> None:
    """Measures the three, side by side, with each version of the API."""
    ways: dict[str, Way] = {
        "pulumi_dataworks": ours,
        "official SDK, tenacity": with_tenacity,
        "official SDK, run again by hand": by_hand,
    }
    rows = [
        row
        for version in VERSIONS
        for name, way in ways.items()
        for row in rows_of(name, way, version)
    ]
    save(rows, COMMAND)


if __name__ == "__main__":
    main()
