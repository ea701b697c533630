"""What happens to the instances of a launch, as a pure function of its plan and of what was done.

There is no background thread: the whole future is worked out from the plan, the behaviour of
the nodes and the interventions so far, and the clock decides how much of it has come true.
All times are milliseconds of the emulator's clock.

Rules (sources: the documents of data backfill; where they are silent, the choice is named):

- DAGs of a lane run in order; the next one starts when the one before has succeeded.
- An instance starts when all instances that it waits for have succeeded.
- NOT_RUN, then WAIT_TIME until its schedule if that is ahead, WAIT_RESOURCE, RUNNING, and
  SUCCESS or FAILURE. Dry-runs succeed at once. Paused ones fail when they are scheduled.
- What waits for a failure stays NOT_RUN. A stopped instance shows FAILURE (a choice).
- A parked DAG does not open until it is started, even when its turn has come.
- A suspended instance keeps its status and does not start; a running one runs on (a choice).
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from ._workspace import Behaviour

DRY_RUNS = frozenset({"SKIP", "SKIP_UNCHOOSE", "SKIP_CYCLE"})
ACTIVE = frozenset({"WAIT_TIME", "WAIT_RESOURCE", "RUNNING"})
TERMINAL = frozenset({"SUCCESS", "FAILURE"})


@dataclass(frozen=True)
class Task:
    """An instance, as far as running it goes."""

    id: int
    dag: int
    node: int
    business_date: date
    cycle_time: int
    task_type: str


@dataclass(frozen=True)
class Run:
    """A launch to simulate: its tasks, the order of its DAGs in each lane, what waits for what."""

    start: int
    tasks: tuple[Task, ...]
    lanes: tuple[tuple[int, ...], ...]
    graph: Mapping[int, tuple[int, ...]]
    behaviours: Mapping[int, Behaviour]
    start_future: bool = False
    parked: bool = False


@dataclass(frozen=True)
class Change:
    """An intervention: on an instance, on a DAG (``start``), or on how a node runs (``behave``)."""

    at: int
    kind: str
    target: int
    behaviour: Behaviour | None = None


class Step(NamedTuple):
    """From this moment an instance has this status, in its so-many-th attempt."""

    at: int
    status: str
    attempt: int


@dataclass
class _State:
    task: Task
    parents: tuple[int, ...]
    steps: list[Step]
    status: str = "NOT_RUN"
    attempt: int = 1
    suspended: bool = False
    fails: bool = False
    # An event of another epoch is void: an intervention came between.
    epoch: int = 0


Timeline = dict[int, tuple[Step, ...]]


def dependencies(
    tasks: Sequence[Task], graph: Mapping[int, tuple[int, ...]]
) -> dict[int, tuple[int, ...]]:
    """The tasks of one DAG that each of its tasks waits for.

    A node with one instance a day waits for all instances of its parent. One with several waits
    for the parent's latest instance that is not scheduled after its own, else for the first.
    """
    by_node: dict[int, list[Task]] = {}
    for task in sorted(tasks, key=lambda task: task.cycle_time):
        by_node.setdefault(task.node, []).append(task)
    found: dict[int, tuple[int, ...]] = {}
    for task in tasks:
        waits: list[int] = []
        for parent in graph.get(task.node, ()):
            candidates = by_node.get(parent, [])
            if candidates and len(by_node[task.node]) > 1:
                earlier = [one for one in candidates if one.cycle_time <= task.cycle_time]
                candidates = earlier[-1:] or candidates[:1]
            waits.extend(one.id for one in candidates)
        found[task.id] = tuple(waits)
    return found


def simulate(run: Run, changes: Sequence[Change] = ()) -> Timeline:
    """Works out every step of every task. ``changes`` stand in the order in which they came."""
    return _Simulation(run, changes).result()


def status_at(steps: Sequence[Step], moment: int) -> Step:
    """The step that holds at a moment."""
    current = steps[0]
    for step in steps:
        if step.at > moment:
            break
        current = step
    return current


def dag_status(statuses: Sequence[str]) -> str:
    """The status of a DAG, from those of its instances.

    A DAG is RUNNING as long as anything in it is active; with a failure it becomes FAILURE
    when nothing is, whatever is still blocked behind the failure.
    """
    present = set(statuses)
    if present <= {"SUCCESS"}:
        return "SUCCESS"
    if present & ACTIVE:
        return "RUNNING"
    if "FAILURE" in present:
        return "FAILURE"
    return "CREATED" if present == {"NOT_RUN"} else "RUNNING"


class _Event(NamedTuple):
    at: int
    order: int
    kind: str  # "open" a DAG, "ready" for a task to start, "step" for its next status
    target: int
    epoch: int


class _Simulation:
    """Events lead to events, never to a deeper call: a launch may have thousands of dates."""

    def __init__(self, run: Run, changes: Sequence[Change]) -> None:
        self.run = run
        self.changes = changes
        self.behaviours = dict(run.behaviours)
        self.queue: list[_Event] = []
        self.count = 0
        self.opened: set[int] = set()
        self.due: set[int] = set()
        self.parked = {dag for lane in run.lanes for dag in lane} if run.parked else set()
        self.following = {dag: later for lane in run.lanes for dag, later in pairwise(lane)}
        self.by_dag: dict[int, list[_State]] = {dag: [] for lane in run.lanes for dag in lane}
        self.states: dict[int, _State] = {}
        self.children: dict[int, list[_State]] = {task.id: [] for task in run.tasks}
        self._lay_out()

    def _lay_out(self) -> None:
        tasks: dict[int, list[Task]] = {dag: [] for dag in self.by_dag}
        for task in self.run.tasks:
            tasks[task.dag].append(task)
        for dag, of_dag in tasks.items():
            waits = dependencies(of_dag, self.run.graph)
            for task in of_dag:
                first = Step(self.run.start, "NOT_RUN", 1)
                state = _State(task, waits[task.id], [first])
                self.states[task.id] = state
                self.by_dag[dag].append(state)
                for parent in state.parents:
                    self.children[parent].append(state)

    def result(self) -> Timeline:
        for lane in self.run.lanes:
            if lane:
                self._push(self.run.start, "open", lane[0])
        for change in self.changes:
            self._advance(change.at)
            self._apply(change)
        self._advance(None)
        return {task_id: tuple(state.steps) for task_id, state in self.states.items()}

    def _push(self, at: int, kind: str, target: int, epoch: int = 0) -> None:
        self.count += 1
        heapq.heappush(self.queue, _Event(at, self.count, kind, target, epoch))

    def _advance(self, until: int | None) -> None:
        while self.queue and (until is None or self.queue[0].at <= until):
            event = heapq.heappop(self.queue)
            if event.kind == "open":
                self._open(event.target, event.at)
                continue
            state = self.states[event.target]
            if event.kind == "ready":
                self._start_if_ready(state, event.at)
            elif state.epoch == event.epoch:
                self._step(state, event.at)

    def _open(self, dag: int, at: int) -> None:
        if dag in self.parked:
            self.due.add(dag)
            return
        self.opened.add(dag)
        for state in self.by_dag[dag]:
            self._start_if_ready(state, at)
        self._open_following(dag, at)

    def _open_following(self, dag: int, at: int) -> None:
        later = self.following.get(dag)
        # A DAG can succeed twice, by a restart in it: by then the next one is open.
        if later is None or later in self.opened:
            return
        if all(state.status == "SUCCESS" for state in self.by_dag[dag]):
            self._push(at, "open", later)

    def _start_if_ready(self, state: _State, at: int) -> None:
        if state.status != "NOT_RUN" or state.suspended or state.task.dag not in self.opened:
            return
        if all(self.states[parent].status == "SUCCESS" for parent in state.parents):
            self._start(state, at)

    def _start(self, state: _State, at: int) -> None:
        task = state.task
        if task.task_type in DRY_RUNS:
            self._enter(state, "SUCCESS", at)
        elif task.cycle_time > at and not self.run.start_future:
            self._enter(state, "WAIT_TIME", at, until=task.cycle_time)
        else:
            self._dispatch(state, at)

    def _dispatch(self, state: _State, at: int) -> None:
        if state.task.task_type == "PAUSE":
            self._enter(state, "FAILURE", at)
        else:
            wait = _ms(self._behaviour(state).queue_seconds)
            self._enter(state, "WAIT_RESOURCE", at, until=at + wait)

    def _step(self, state: _State, at: int) -> None:
        if state.status == "RUNNING":
            self._enter(state, "FAILURE" if state.fails else "SUCCESS", at)
        elif state.suspended:
            return
        elif state.status == "WAIT_TIME":
            self._dispatch(state, at)
        else:
            behaviour = self._behaviour(state)
            failure, day = behaviour.failure, state.task.business_date
            state.fails = failure is not None and failure.applies(day, state.attempt)
            self._enter(state, "RUNNING", at, until=at + _ms(behaviour.seconds))

    def _enter(self, state: _State, status: str, at: int, *, until: int | None = None) -> None:
        state.status = status
        state.steps.append(Step(at, status, state.attempt))
        if until is not None:
            self._push(until, "step", state.task.id, state.epoch)
        if status == "SUCCESS":
            for child in self.children[state.task.id]:
                self._push(at, "ready", child.task.id)
            self._open_following(state.task.dag, at)

    def _behaviour(self, state: _State) -> Behaviour:
        return self.behaviours.get(state.task.node) or Behaviour()

    def _apply(self, change: Change) -> None:
        if change.kind == "behave":
            if change.behaviour is not None:
                self.behaviours[change.target] = change.behaviour
            return
        if change.kind == "start":
            self._unpark(change.target, change.at)
            return
        state = self.states[change.target]
        if change.kind == "suspend":
            state.suspended = True
        elif change.kind == "resume":
            self._resume(state, change.at)
        elif change.kind == "restart":
            state.epoch += 1
            state.attempt += 1
            self._start(state, change.at)
        else:
            state.epoch += 1
            self._enter(state, "FAILURE" if change.kind == "stop" else "SUCCESS", change.at)

    def _unpark(self, dag: int, at: int) -> None:
        self.parked.discard(dag)
        if dag in self.due:
            self._push(at, "open", dag)

    def _resume(self, state: _State, at: int) -> None:
        if not state.suspended:
            return
        state.suspended = False
        if state.status == "NOT_RUN":
            self._start_if_ready(state, at)
        elif state.status in ("WAIT_TIME", "WAIT_RESOURCE"):
            state.epoch += 1
            self._start(state, at)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
