"""What a launch makes: DAGs by business date, instances by schedule, dry-runs, lanes."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from dataworks_emulator import Emulator, load_workspace

from tests.emulator._callers import CHINA, WEDNESDAY, Json, Sdk, day, midnight, raw_launch
from tests.emulator._warehouse import (
    CLEAN,
    DRAFT,
    EIGHT_HOURLY,
    HOURLY,
    LOAD,
    PAUSED,
    REPORT,
    SKIPPED,
    WEEKLY,
)


def clock_times(instances: list[Json], node: int) -> list[str]:
    """When the instances of a node are scheduled, in China, earliest first."""
    found = sorted(one["CycTime"] for one in instances if one["NodeId"] == node)
    return [f"{datetime.fromtimestamp(at / 1000, CHINA):%m-%d %H:%M}" for at in found]


def statuses(sdk: Sdk) -> dict[int, str]:
    return {one["NodeId"]: one["Status"] for one in sdk.instances()}


def running(sdk: Sdk, dags: list[int]) -> list[str]:
    return [sdk.data("GetDag", dag_id=dag)["Status"] for dag in dags]


def test_one_dag_for_each_business_date_both_ends_included(sdk: Sdk) -> None:
    dags = [sdk.data("GetDag", dag_id=one) for one in sdk.launch(days=3)]
    assert [dag["Bizdate"] for dag in dags] == [
        midnight(WEDNESDAY + timedelta(days=n)) for n in range(3)
    ]
    assert len({dag["OpSeq"] for dag in dags}) == 1


def test_a_name_is_never_de_duplicated(sdk: Sdk, emulator: Emulator) -> None:
    first, second = sdk.launch(name="twice"), sdk.launch(name="twice")
    assert not set(first) & set(second)
    assert [launch["name"] for launch in emulator.launches()] == ["twice", "twice"]
    assert len({launch["opSeq"] for launch in emulator.launches()}) == 2


def test_instances_are_scheduled_on_the_day_after_in_china(sdk: Sdk) -> None:
    sdk.launch(LOAD, CLEAN)
    assert clock_times(sdk.instances(), LOAD) == ["05-21 00:05"]
    assert clock_times(sdk.instances(), CLEAN) == ["05-21 00:30"]
    assert {one["Bizdate"] for one in sdk.instances()} == {midnight(WEDNESDAY)}


def test_an_hourly_node_runs_within_the_window_of_hours_both_ends_included(sdk: Sdk) -> None:
    sdk.launch(HOURLY, EIGHT_HOURLY, biz_begin_time="04:10:00", biz_end_time="16:00:00")
    assert clock_times(sdk.instances(), HOURLY) == ["05-21 04:10", "05-21 08:10", "05-21 12:10"]
    assert clock_times(sdk.instances(), EIGHT_HOURLY) == ["05-21 08:00", "05-21 16:00"]


def test_the_window_leaves_a_daily_node_alone(sdk: Sdk) -> None:
    sdk.launch(LOAD, biz_begin_time="12:00:00", biz_end_time="13:00:00")
    assert clock_times(sdk.instances(), LOAD) == ["05-21 00:05"]


def test_a_root_that_is_not_included_has_no_instance_and_order_holds_across_it(
    sdk: Sdk, emulator: Emulator
) -> None:
    sdk.launch(LOAD, include_node_ids=f"{REPORT},{HOURLY}")
    assert {one["NodeId"] for one in sdk.instances()} == {REPORT, HOURLY}
    emulator.reset()
    sdk.launch(LOAD, include_node_ids=f"{LOAD},{REPORT}")
    assert statuses(sdk) == {LOAD: "WAIT_RESOURCE", REPORT: "NOT_RUN"}


def test_what_does_not_run_is_a_dry_run_and_what_is_paused_fails(
    sdk: Sdk, emulator: Emulator
) -> None:
    chosen = (LOAD, CLEAN, WEEKLY, SKIPPED, PAUSED)
    sdk.launch(*chosen, exclude_node_ids=str(CLEAN))
    emulator.admin.set_clock(step=11)
    found = {
        one["NodeId"]: (one["TaskType"], one["Status"], "BeginRunningTime" in one)
        for one in sdk.instances()
    }
    assert found == {
        LOAD: ("NORMAL(0)", "SUCCESS", True),
        CLEAN: ("SKIP_UNCHOOSE(4)", "SUCCESS", False),
        WEEKLY: ("SKIP_CYCLE(5)", "SUCCESS", False),
        SKIPPED: ("SKIP(3)", "SUCCESS", False),
        PAUSED: ("PAUSE(2)", "FAILURE", False),
    }


def test_a_weekly_node_runs_on_its_day(sdk: Sdk) -> None:
    sdk.launch(WEEKLY, days=7)
    normal = [one["Bizdate"] for one in sdk.instances() if one["TaskType"] == "NORMAL(0)"]
    # Business date Sunday is scheduled on Monday.
    assert normal == [midnight(WEDNESDAY + timedelta(days=4))]


def test_what_is_scheduled_ahead_waits_for_its_time_unless_told_not_to(
    sdk: Sdk, emulator: Emulator
) -> None:
    today = datetime.fromtimestamp(emulator.admin.clock()["now"] / 1000, CHINA).date()
    dates: Json = {"start_biz_date": day(today), "end_biz_date": day(today)}
    sdk.launch(**dates)
    emulator.admin.set_clock(step=60)
    assert statuses(sdk) == {LOAD: "WAIT_TIME"}
    sdk.launch(**dates, start_future_instance_immediately=True)
    emulator.admin.set_clock(step=5)
    assert [one["Status"] for one in sdk.instances()] == ["RUNNING", "WAIT_TIME"]
    emulator.admin.set_clock(step=25 * 3600)
    assert [one["Status"] for one in sdk.instances()] == ["SUCCESS", "SUCCESS"]


@pytest.mark.parametrize(
    ("parameters", "at_once"),
    [
        ({"parallelism": False}, 1),
        ({"parallelism": False, "concurrent_runs": 3}, 1),
        ({"parallelism": True, "concurrent_runs": 3}, 3),
        ({"parallelism": True, "concurrent_runs": 10}, 5),
        ({"parallelism": True}, 5),
    ],
)
def test_so_many_business_dates_run_at_once(
    sdk: Sdk, emulator: Emulator, parameters: Json, at_once: int
) -> None:
    dags = sdk.launch(days=5, **parameters)
    counts = []
    while "RUNNING" in (now := running(sdk, dags)):
        counts.append(now.count("RUNNING"))
        emulator.admin.set_clock(step=11)
    assert counts[0] == at_once
    assert sum(counts) == 5
    assert now == ["SUCCESS"] * 5


def test_later_dates_of_a_lane_wait_behind_a_failure(sdk: Sdk, emulator: Emulator) -> None:
    emulator.admin.set_node(LOAD, failure={"businessDates": ["2020-05-20"]})
    dags = sdk.launch(LOAD, CLEAN, days=3, parallelism=True, concurrent_runs=2)
    emulator.admin.set_clock(step=300)
    assert running(sdk, dags) == ["FAILURE", "SUCCESS", "CREATED"]


def test_node_params_replace_the_parameters_of_a_node(sdk: Sdk) -> None:
    sdk.launch(LOAD, CLEAN, node_params=f'{{"{CLEAN}": "limit=5"}}')
    found = {one["NodeId"]: one["ParamValues"] for one in sdk.instances()}
    assert found == {LOAD: "bizdate=$bizdate", CLEAN: "limit=5"}


def test_environments_know_nothing_of_each_other(sdk: Sdk) -> None:
    [dag] = sdk.launch(LOAD, CLEAN, DRAFT, project_env="DEV")
    assert sdk.instances() == []
    assert len(sdk.instances(project_env="DEV")) == 3
    assert sdk.body("GetDag", dag_id=dag)["ErrorCode"] == "1101080020"


def test_a_refused_launch_leaves_nothing(sdk: Sdk, emulator: Emulator) -> None:
    raw_launch(emulator, {"IncludeNodeIds": "4"})
    assert sdk.instances() == emulator.launches() == []


def test_every_node_of_the_shipped_workspace_can_be_launched() -> None:
    with Emulator() as emulator:
        emulator.admin.set_clock(scale=0)
        for node in load_workspace().nodes:
            environment = node.environments[0]
            launched = {"ProjectEnv": environment, "RootNodeId": node.id, "IncludeNodeIds": node.id}
            response = raw_launch(emulator, launched)
            assert response.json()["Success"] is True, node.name
