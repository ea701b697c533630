"""A DataWorks that answers a wait as a test says, and the time that passes meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any, cast

from pulumi_dataworks._api.backend import Backend, Dag, Handle, Instance
from pulumi_dataworks._exceptions import DataWorksError, Refused
from pulumi_dataworks._follow.targets import Followed, Target
from pulumi_dataworks._follow.watch import Patience, Watch
from pulumi_dataworks._launch.generations import Generation

START = datetime(2026, 6, 1, tzinfo=timezone.utc)
Answer = Sequence[Dag] | DataWorksError


def dag(number: int, status: str) -> Dag:
    """A DAG whose ID is its day in May."""
    return Dag(str(number), f"2026-05-{number:02}", status)


def instance(number: int, status: str, day: int = 1, **more: Any) -> Instance:
    return Instance(
        str(number), f"7{number}", f"node_{number}", str(day), f"2026-05-{day:02}", status, **more
    )


@dataclass
class Time:
    """The time that a wait sees: it passes while the wait sleeps, and not else."""

    slept: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return sum(self.slept)

    def now(self) -> datetime:
        return START + timedelta(seconds=self.clock())


@dataclass
class Scripted:
    """Gives at each poll the next answer, and the last one for ever."""

    answers: list[Answer]
    listings: Callable[[str], list[Instance]] = lambda _: []
    refuses_restarts: bool = False
    polls: int = 0
    restarted: list[str] = field(default_factory=list)

    def handle(self, generation: Generation, ids: Sequence[str]) -> Handle:
        return Handle(ids[0], generation.launch_name, "10001", "PROD")

    def dags(self, _: Handle) -> list[Dag]:
        answer = self.answers[min(self.polls, len(self.answers) - 1)]
        self.polls += 1
        if isinstance(answer, DataWorksError):
            raise answer
        return list(answer)

    def instances(self, _: Handle, dag_id: str) -> Iterator[Instance]:
        return iter(self.listings(dag_id))

    def control(self, _: Handle, action: str, instance_id: str) -> None:
        assert action == "restart"
        if self.refuses_restarts:
            raise Refused("RestartInstance", "Invalid.Instance.Status", "no", 400, None)
        self.restarted.append(instance_id)


def following(api: Scripted, name: str = "may", hidden: tuple[str, ...] = ()) -> Followed:
    runs = {"projectEnv": "PROD"}
    generation = Generation(1, "t", name, START, "cn-shanghai", "", "", {}, runs)
    return Followed(Target(name, generation, ("1",), hidden), cast(Backend, api))


@dataclass
class Shown:
    """What a wait has shown."""

    progressed: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def progress(self, text: str) -> None:
        self.progressed.append(text)

    def line(self, text: str) -> None:
        self.lines.append(text)

    def warn(self, text: str) -> None:
        self.warnings.append(text)


@dataclass
class Wait:
    """A wait that has come to its end, or raised ``error``."""

    followed: list[Followed]
    time: Time
    shown: Shown
    error: DataWorksError | None

    @property
    def ends(self) -> list[str]:
        return [one.end for one in self.followed]


def wait(*apis: Scripted, max_qps: float | Callable[[], float] = 5.0, **how: Any) -> Wait:
    """Waits for what these answer."""
    followed = [following(api, f"may_{number}") for number, api in enumerate(apis)]
    time, shown = Time(), Shown()
    patience = Patience(**{"timeout": 86400.0, **how})
    rate = max_qps if callable(max_qps) else lambda: max_qps
    watch = Watch(followed, patience, shown, time.clock, time.now, rate, time.slept.append)
    try:
        watch.run()
    except DataWorksError as error:
        return Wait(followed, time, shown, error)
    return Wait(followed, time, shown, None)
