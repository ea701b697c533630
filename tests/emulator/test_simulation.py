"""Rules that hold for every launch, whatever its nodes, dates, failures and clock."""

from __future__ import annotations

import time
from datetime import date, timedelta
from itertools import product

import pytest
from dataworks_emulator import Emulator
from dataworks_emulator._simulation import (
    ACTIVE,
    TERMINAL,
    Run,
    Step,
    Task,
    Timeline,
    dag_status,
    dependencies,
    simulate,
    status_at,
)
from dataworks_emulator._workspace import Behaviour, Failure
from hypothesis import given
from hypothesis import strategies as st

from tests.emulator._callers import Sdk
from tests.emulator._warehouse import CLEAN, LOAD, REPORT, WAREHOUSE

FIRST = date(2026, 5, 1)
TYPES = ("NORMAL", "NORMAL", "NORMAL", "SKIP", "PAUSE", "SKIP_UNCHOOSE")


@st.composite
def runs(draw: st.DrawFn) -> Run:
    """A launch of up to 5 nodes, each of which may wait for those before it, over up to 6 dates."""
    nodes = list(range(1, draw(st.integers(1, 5)) + 1))
    dags = list(range(100, 100 + draw(st.integers(1, 6))))
    lanes = draw(st.integers(1, len(dags)))
    graph = {
        node: tuple(draw(st.sets(st.sampled_from(nodes[:index])))) if index else ()
        for index, node in enumerate(nodes)
    }
    kinds = {node: draw(st.sampled_from(TYPES)) for node in nodes}
    tasks = [
        Task(
            id=dag * 10 + node,
            dag=dag,
            node=node,
            business_date=FIRST + timedelta(days=dag - 100),
            cycle_time=draw(st.sampled_from([0, 0, 5000])),
            task_type=kinds[node],
        )
        for dag, node in product(dags, nodes)
    ]
    behaviours = {node: draw(behaviour()) for node in nodes}
    chosen = tuple(tuple(dags[lane::lanes]) for lane in range(lanes))
    return Run(1000, tuple(tasks), chosen, graph, behaviours, draw(st.booleans()))


@st.composite
def behaviour(draw: st.DrawFn) -> Behaviour:
    dates = draw(st.sampled_from([None, (FIRST,), (FIRST + timedelta(days=1),)]))
    fails = draw(st.sampled_from([False, False, True]))
    return Behaviour(
        seconds=draw(st.integers(0, 5)),
        queue_seconds=draw(st.integers(0, 2)),
        failure=Failure(business_dates=dates) if fails else None,
    )


def begun(steps: tuple[Step, ...]) -> int | None:
    """When an instance left NOT_RUN."""
    return next((step.at for step in steps if step.status != "NOT_RUN"), None)


def parents(run: Run) -> dict[int, tuple[int, ...]]:
    found: dict[int, tuple[int, ...]] = {}
    for dag in {task.dag for task in run.tasks}:
        found |= dependencies([task for task in run.tasks if task.dag == dag], run.graph)
    return found


def moments(timeline: Timeline) -> list[int]:
    return sorted({step.at for steps in timeline.values() for step in steps})


@given(runs())
def test_nothing_begins_before_what_it_waits_for_has_succeeded(run: Run) -> None:
    timeline = simulate(run)
    for task, waits in parents(run).items():
        start = begun(timeline[task])
        for parent in waits:
            if start is not None:
                assert status_at(timeline[parent], start).status == "SUCCESS"


@given(runs())
def test_no_more_dates_at_once_than_allowed_and_in_order(run: Run) -> None:
    timeline = simulate(run)
    by_dag = {
        dag: [timeline[task.id] for task in run.tasks if task.dag == dag]
        for lane in run.lanes
        for dag in lane
    }
    for moment in moments(timeline):
        active = {
            dag
            for dag, rows in by_dag.items()
            if {status_at(steps, moment).status for steps in rows} & ACTIVE
        }
        assert len(active) <= len(run.lanes)
        for lane in run.lanes:
            assert len(active & set(lane)) <= 1
            statuses = [dag_status([status_at(s, moment).status for s in by_dag[d]]) for d in lane]
            later = statuses[next((i for i, s in enumerate(statuses) if s != "SUCCESS"), 99) + 1 :]
            assert set(later) <= {"CREATED"}


@given(runs())
def test_everything_ends_or_stands_behind_a_failure(run: Run) -> None:
    last = {task: steps[-1].status for task, steps in simulate(run).items()}
    assert set(last.values()) <= TERMINAL | {"NOT_RUN"}
    waits, lane_of = parents(run), {dag: lane for lane in run.lanes for dag in lane}
    for task in run.tasks:
        if last[task.id] != "NOT_RUN":
            continue
        lane = lane_of[task.dag]
        before = [t.id for t in run.tasks if t.dag in lane[: lane.index(task.dag)]]
        assert any(last[one] != "SUCCESS" for one in (*waits[task.id], *before))
    if "NOT_RUN" in last.values():
        assert "FAILURE" in last.values()


@given(runs())
def test_a_status_follows_the_one_before(run: Run) -> None:
    order = ["NOT_RUN", "WAIT_TIME", "WAIT_RESOURCE", "RUNNING", "SUCCESS", "FAILURE"]
    for steps in simulate(run).values():
        places = [order.index(step.status) for step in steps]
        assert places == sorted(set(places))
        assert [step.at for step in steps] == sorted(step.at for step in steps)


@pytest.mark.parametrize("scale", [0.5, 3.0, 100.0])
def test_a_scaled_clock_changes_nothing_but_time(scale: float) -> None:
    plain, scaled = _story(1.0), _story(scale)
    assert plain == scaled
    assert [statuses for _, statuses in plain][-1] == ["FAILURE", "NOT_RUN", "SUCCESS"]


def _story(scale: float) -> list[tuple[int, list[str]]]:
    """The statuses at every third second of the emulator's clock; time is the test's own."""
    wall = [float(int(time.time()))]  # signatures go by it
    with Emulator(WAREHOUSE, wall=lambda: wall[0]) as emulator:
        emulator.admin.set_clock(scale=scale)
        emulator.admin.set_node(CLEAN, failure={"message": "x"})
        Sdk(emulator.endpoint).launch(LOAD, CLEAN, REPORT)
        [launch] = emulator.launches()
        began, found = wall[0], []
        for second in range(0, 30, 3):
            wall[0] = began + (second + 0.4) / scale  # between two steps
            [board] = emulator.admin.board()["launches"]
            moved = round((emulator.admin.clock()["now"] - launch["createTime"]) / 1000)
            found.append((moved, sorted(n["cells"][0]["status"] for n in board["nodes"])))
    return found


def test_the_sdk_reads_the_same_at_the_same_instant(emulator: Emulator, sdk: Sdk) -> None:
    emulator.admin.set_node(CLEAN, failure={"business_dates": ["2020-05-21"]})
    dags = sdk.launch(LOAD, CLEAN, REPORT, days=3)
    for _ in range(12):
        [board] = emulator.admin.board()["launches"]
        for index, dag in enumerate(dags):
            rows = {one["NodeId"]: one["Status"] for one in sdk.instances(dag_id=dag)}
            assert rows == {n["id"]: n["cells"][index]["status"] for n in board["nodes"]}
            told = sdk.data("GetDag", dag_id=dag)["Status"]
            assert told == dag_status(list(rows.values()))
            [listed] = [
                one
                for one in sdk.data("ListDags", op_seq=board["opSeq"])["Dags"]
                if one["DagId"] == dag
            ]
            assert listed["Status"] == told
        emulator.admin.set_clock(step=7)
