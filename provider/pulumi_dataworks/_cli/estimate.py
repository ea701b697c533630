"""How long a backfill will take, as far as a past run in the stack's state tells.

A past run is one that a BackfillCompletion waited for, it alone, and that succeeded. It compares
where it ran the same nodes, as many dates at a time; else nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from .._declaration.plan import count_of
from .._follow.progress import duration
from .._follow.targets import SUCCESS

_SAME_WORK = (
    "projectEnv",
    "rootNodeId",
    "includeNodeIds",
    "excludeNodeIds",
    "mode",
    "bizBeginTime",
    "bizEndTime",
)


@dataclass(frozen=True)
class PastRun:
    """A backfill that ran to its end: its inputs in the state, and the seconds that it took."""

    name: str
    inputs: Mapping[str, Any]
    seconds: float
    finished: str


@dataclass(frozen=True)
class Estimate:
    """The seconds that a backfill will take, and the past run that says so."""

    seconds: float
    basis: PastRun

    def __str__(self) -> str:
        dates = self.basis.inputs["plan"]["businessDates"]
        return (
            f"about {duration(self.seconds)}, as {count_of(dates['count'], 'date')} "
            f"({dates['first']} to {dates['last']}) of {self.basis.name} "
            f"took {duration(self.basis.seconds)}"
        )


def past_run(name: str, inputs: Mapping[str, Any], waited: Mapping[str, Any]) -> PastRun | None:
    """Gives the run of a backfill, from the outputs of the wait for it; None where they lack it.

    Instances of days that had not come when it began may have waited for them: such a run tells
    nothing of the next.
    """
    plan, seconds = inputs.get("plan"), waited.get("durationSeconds")
    if waited.get("finalStatus") != SUCCESS or not plan or not isinstance(seconds, (int, float)):
        return None
    if plan["scheduledOn"]["last"] > str(waited.get("startedAt"))[:10]:
        return None
    return PastRun(name, inputs, seconds, str(waited.get("finishedAt")))


def estimate_of(inputs: Mapping[str, Any], past: Iterable[PastRun]) -> Estimate | None:
    """Estimates by the latest past run that compares, by the number of dates one after another."""
    plan = inputs.get("plan")
    if not plan:
        return None
    alike = [one for one in past if _compares(one.inputs, inputs)]
    if not alike:
        return None
    basis = max(alike, key=lambda one: one.finished)
    return Estimate(basis.seconds * _turns(plan) / _turns(basis.inputs["plan"]), basis)


def _compares(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return one["plan"]["datesAtATime"] == other["plan"]["datesAtATime"] and all(
        one.get(key) == other.get(key) for key in _SAME_WORK
    )


def _turns(plan: Mapping[str, Any]) -> int:
    dates, at_a_time = int(plan["businessDates"]["count"]), int(plan["datesAtATime"])
    return ceil(dates / at_a_time)
