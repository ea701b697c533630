"""A wait: what ends it, what does not, and what it does meanwhile."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta
from functools import partial

import pytest
from pulumi_dataworks import (
    DataWorksError,
    NotSent,
    Refused,
    ReplyLost,
    ServerFault,
    Throttled,
    WaitTimedOut,
)
from pulumi_dataworks._api.backend import Instance
from pulumi_dataworks._launch.process import Process

from tests.provider.follow._backends import START, Scripted, dag, instance, wait

RUNNING, DONE, FAILED = [dag(1, "RUNNING")], [dag(1, "SUCCESS")], [dag(1, "FAILURE")]


@pytest.mark.parametrize(
    "error",
    [
        Throttled("ListDags", "Throttling.User", "slower", 400, None),
        ServerFault("ListDags", "InternalError", "sorry", 500, None),
        ReplyLost("no reply"),
        NotSent("no connection"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_may_pass_does_not_end_a_wait(error: DataWorksError) -> None:
    done = wait(Scripted([RUNNING, *[error] * 20, DONE]))

    assert (done.error, done.ends) == (None, ["SUCCESS"])
    assert done.shown.warnings == [f"DataWorks can't be asked, and is asked again: {error}"]


def test_a_refusal_ends_it() -> None:
    refusal = Refused("ListDags", "Forbidden.Access", "not yours", 403, None)
    assert wait(Scripted([RUNNING, refusal])).error is refusal


@pytest.mark.parametrize(
    "gone", [[], Refused("ListDags", "DagNotFound", "no such DAG", 404, None)], ids=str
)
def test_history_that_is_purged_meanwhile_has_expired(gone: list[object]) -> None:
    done = wait(Scripted([RUNNING, gone]))  # type: ignore[list-item]
    assert (done.error, done.ends) == (None, ["EXPIRED"])


def test_what_is_not_shown_yet_is_waited_for() -> None:
    gone = Refused("ListDags", "DagNotFound", "no such DAG", 404, None)
    assert wait(Scripted([gone, [], gone, RUNNING, DONE])).ends == ["SUCCESS"]


def test_between_two_dates_nothing_runs_and_it_has_not_failed() -> None:
    failed, created = dag(1, "FAILURE"), dag(2, "CREATED")
    beside_a_running_group = [failed, created, dag(3, "RUNNING")]
    moved = [failed, dag(2, "SUCCESS"), dag(3, "CREATED")]
    api = Scripted([[failed, created, dag(3, "SUCCESS")], beside_a_running_group, moved, moved])
    assert wait(api).ends == ["FAILURE"]
    assert api.polls == 4


def test_one_ends_and_is_not_asked_for_again() -> None:
    quick, slow = Scripted([DONE]), Scripted([*[RUNNING] * 9, DONE])
    assert wait(quick, slow).ends == ["SUCCESS", "SUCCESS"]
    assert (quick.polls, slow.polls) == (1, 10)


def test_out_of_time_it_says_what_was_open() -> None:
    done = wait(Scripted([RUNNING]), Scripted([DONE]), timeout=60.0)
    assert isinstance(done.error, WaitTimedOut)
    assert str(done.error).splitlines()[0] == "after 1m 00s these had not ended:"
    assert "may_0: 0 of 1 dates done, 1 RUNNING" in str(done.error)
    assert "may_1" not in str(done.error)
    assert done.time.clock() == 60


@pytest.mark.parametrize("most", [0, 1, 3])
def test_failed_instances_are_restarted_so_often_and_no_others(most: int) -> None:
    listing = [instance(1, "SUCCESS"), instance(2, "FAILURE"), instance(3, "NOT_RUN")]
    api = Scripted([FAILED], lambda _: listing)
    assert wait(api, rerun_failed=most).ends == ["FAILURE"]
    assert api.restarted == ["2"] * most


def test_attempts_of_an_earlier_wait_count() -> None:
    api = Scripted([FAILED], lambda _: [instance(2, "FAILURE", reruns=2)])
    wait(api, rerun_failed=3)
    assert api.restarted == ["2"]


def test_what_is_paused_is_not_restarted_and_a_refused_restart_is_told() -> None:
    paused = Scripted([FAILED], lambda _: [instance(2, "FAILURE", task_type="PAUSE")])
    wait(paused, rerun_failed=3)
    assert paused.restarted == []

    refuses = Scripted([FAILED], lambda _: [instance(2, "FAILURE")], refuses_restarts=True)
    done = wait(refuses, rerun_failed=1)
    assert done.ends == ["FAILURE"]
    assert "instance 2 was not restarted: " in "".join(done.shown.warnings)


@pytest.mark.parametrize(
    ("waits", "told"),
    [
        ({"status": "WAIT_RESOURCE", "waits_since": START}, "has waited for a resource for 11m "),
        ({"status": "WAIT_TIME", "waits_since": START}, "has waited for its time for 11m "),
        (
            {"status": "WAIT_TIME", "scheduled": START + timedelta(hours=3)},
            "waits for its time, 2026-06-01 03:00 UTC, for another 3h 00m",
        ),
        ({"status": "WAIT_TIME", "scheduled": START + timedelta(minutes=5)}, ""),
        ({"status": "RUNNING", "waits_since": START}, ""),
    ],
)
def test_what_will_hang_is_warned_of_once(waits: dict[str, object], told: str) -> None:
    hanging = Instance("9", "79", "node_9", "1", "2026-05-01", **waits)  # type: ignore[arg-type]
    done = wait(Scripted([RUNNING], lambda _: [hanging]), warn_after=600.0, timeout=3600.0)
    assert len(done.shown.warnings) == (1 if told else 0)
    assert told in "".join(done.shown.warnings)


def test_the_longer_it_lasts_the_more_seldom_it_asks() -> None:
    slept = wait(Scripted([RUNNING]), timeout=86400.0).time.slept[:-1]
    assert slept == sorted(slept)
    assert (slept[0], slept[-1]) == (2, 300)
    assert len(slept) < 400


@pytest.mark.parametrize(("number", "max_qps"), [(1, 0.5), (8, 5), (100, 5), (100, 50)])
def test_it_takes_half_of_the_calls_an_account_has_at_most(number: int, max_qps: float) -> None:
    listed: list[str] = []

    def listings(dag_id: str) -> list[Instance]:
        listed.append(dag_id)
        return [instance(1, "RUNNING")]

    apis = [Scripted([RUNNING], listings) for _ in range(number)]
    done = wait(*apis, max_qps=max_qps, timeout=1000.0)
    polls = apis[0].polls
    for_each_poll = (sum(api.polls for api in apis) + len(listed)) / polls
    assert all(for_each_poll / pause <= max_qps / 2 for pause in done.time.slept[:-1])
    assert len(listed) <= 10 * polls


def test_waits_of_one_process_share_what_one_alone_would_take() -> None:
    process = Process()
    share = partial(process.share_of_a_wait, 4.0)
    with ExitStack() as waits:
        for _ in range(10):
            waits.enter_context(process.waiting())
        slept = wait(*[Scripted([RUNNING])] * 2, max_qps=share, timeout=200.0).time.slept[:-1]
        # Two calls for dates and two for instances a poll, ten waits: 40 calls at 2 a second.
        assert set(slept) == {20.0}
    assert share() == 4.0


def test_a_set_poll_interval_holds() -> None:
    done = wait(Scripted([*[RUNNING] * 5, DONE]), poll_interval=30.0)
    assert done.time.slept == [30.0] * 5
