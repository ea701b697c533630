"""How far each launch has come: simulated when asked for, kept until something intervenes."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ._clock import Clock
from ._simulation import (
    TERMINAL,
    Change,
    Run,
    Step,
    Task,
    Timeline,
    dag_status,
    simulate,
    status_at,
)
from ._store import Row, Store
from ._workspace import Behaviour, Workspace

_KEPT = 512


@dataclass(frozen=True)
class DagTimes:
    """A DAG as it stands: its status, and when it started, finished and last moved, if it has."""

    status: str
    started: int | None
    finished: int | None
    modified: int | None


@dataclass(frozen=True)
class View:
    """The instances of a launch at a moment of the emulator's clock."""

    now: int
    timeline: Timeline
    by_dag: Mapping[int, Sequence[int]]
    parked: Collection[int] = frozenset()
    """DAGs that nobody has started."""

    def steps(self, instance_id: int) -> tuple[Step, ...]:
        """The steps of an instance that have come true, earliest first."""
        steps = self.timeline[instance_id]
        return tuple(step for step in steps if step.at <= self.now) or steps[:1]

    def status(self, instance_id: int) -> str:
        """The status of an instance."""
        return status_at(self.timeline[instance_id], self.now).status

    def dag(self, dag_id: int) -> DagTimes:
        """A DAG's status and times, derived from its instances."""
        steps = [self.steps(instance_id) for instance_id in self.by_dag.get(dag_id, ())]
        status = dag_status([one[-1].status for one in steps])
        moments = [step.at for one in steps for step in one if step.status != "NOT_RUN"]
        if not moments:
            return DagTimes(status, None, None, None)
        last = max(moments)
        started = None if dag_id in self.parked else min(moments)
        return DagTimes(status, started, last if status in TERMINAL else None, last)


@dataclass(frozen=True)
class _Kept:
    newest_change: int
    timeline: Timeline
    by_dag: Mapping[int, Sequence[int]]
    parked: Collection[int]


class Progress:
    """What becomes of all launches, and the interventions that bend it."""

    def __init__(self, store: Store, clock: Clock, workspace: Workspace) -> None:
        self._store = store
        self._clock = clock
        self._workspace = workspace
        self._launches: OrderedDict[int, _Kept] = OrderedDict()

    def view(self, op_seq: int) -> View:
        """A launch as it stands now."""
        kept = self._keep(op_seq)
        return View(self._clock.now(), kept.timeline, kept.by_dag, kept.parked)

    def intervene(self, kind: str, op_seq: int, instance_id: int) -> None:
        """Stops, restarts, suspends, resumes an instance, or sets its success, as of now."""
        self._record(kind, op_seq, instance_id, None)

    def start(self, op_seq: int, dag_id: int) -> None:
        """Starts a DAG that is parked."""
        self._record("start", op_seq, dag_id, None)

    def behave(self, node_id: int, behaviour: Behaviour) -> None:
        """Changes how runs of a node go that begin from now on, in launches of old too."""
        self._record("behave", None, node_id, behaviour.model_dump_json())

    def behaviours(self) -> dict[int, Behaviour]:
        """How each node behaves now."""
        found = {node.id: node.behaviour for node in self._workspace.nodes}
        for row in self._store.rows(
            "SELECT target, behaviour FROM changes WHERE kind = 'behave' ORDER BY seq"
        ):
            found[row["target"]] = Behaviour.model_validate_json(row["behaviour"])
        return found

    def forget(self) -> None:
        """Drops what is kept, after the store has been emptied."""
        self._launches.clear()

    def _record(self, kind: str, op_seq: int | None, target: int, behaviour: str | None) -> None:
        row = {
            "op_seq": op_seq,
            "at": self._clock.now(),
            "kind": kind,
            "target": target,
            "behaviour": behaviour,
        }
        self._store.insert("changes", [row])

    def _keep(self, op_seq: int) -> _Kept:
        newest = self._store.number(
            "SELECT max(seq) FROM changes WHERE op_seq = ? OR op_seq IS NULL", (op_seq,)
        )
        kept = self._launches.get(op_seq)
        if kept is None or kept.newest_change != newest:
            kept = self._simulate(op_seq, newest)
            self._launches[op_seq] = kept
        self._launches.move_to_end(op_seq)
        if len(self._launches) > _KEPT:
            self._launches.popitem(last=False)
        return kept

    def _simulate(self, op_seq: int, newest_change: int) -> _Kept:
        launch = self._store.row("SELECT created, plan FROM launches WHERE op_seq = ?", (op_seq,))
        if launch is None:
            raise LookupError(f"no launch {op_seq}")
        plan = json.loads(launch["plan"])
        lanes: dict[int, list[int]] = {}
        for row in self._store.rows(
            "SELECT dag_id, lane FROM dags WHERE op_seq = ? ORDER BY dag_id", (op_seq,)
        ):
            lanes.setdefault(row["lane"], []).append(row["dag_id"])
        tasks = tuple(map(_task, self._instances(op_seq)))
        by_dag: dict[int, list[int]] = {}
        for task in tasks:
            by_dag.setdefault(task.dag, []).append(task.id)
        run = Run(
            start=launch["created"],
            tasks=tasks,
            lanes=tuple(tuple(dags) for _, dags in sorted(lanes.items())),
            graph={int(node): tuple(waits) for node, waits in plan["graph"].items()},
            behaviours=_behaviours(plan["behaviours"]),
            start_future=plan["startFuture"],
            parked=plan.get("parked", False),
        )
        changes = list(map(_change, self._changes(op_seq, plan["changesBefore"])))
        started = {change.target for change in changes if change.kind == "start"}
        parked = by_dag.keys() - started if run.parked else ()
        return _Kept(newest_change, simulate(run, changes), by_dag, frozenset(parked))

    def _instances(self, op_seq: int) -> list[Row]:
        return self._store.rows(
            "SELECT * FROM instances WHERE op_seq = ? ORDER BY instance_id", (op_seq,)
        )

    def _changes(self, op_seq: int, after: int) -> Iterable[Row]:
        return self._store.rows(
            "SELECT * FROM changes WHERE (op_seq = ? OR op_seq IS NULL) AND seq > ? ORDER BY seq",
            (op_seq, after),
        )


def _task(row: Row) -> Task:
    return Task(
        id=row["instance_id"],
        dag=row["dag_id"],
        node=row["node_id"],
        business_date=date.fromisoformat(row["bizdate"]),
        cycle_time=row["cycle_time"],
        task_type=row["task_type"],
    )


def _change(row: Row) -> Change:
    text = row["behaviour"]
    behaviour = None if text is None else Behaviour.model_validate_json(text)
    return Change(row["at"], row["kind"], row["target"], behaviour)


def _behaviours(stored: Mapping[str, object]) -> dict[int, Behaviour]:
    return {int(node): Behaviour.model_validate(value) for node, value in stored.items()}
