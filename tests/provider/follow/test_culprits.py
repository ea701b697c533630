"""What a person reads of backfills that failed, and of how far they are."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from pulumi_dataworks import ServerFault
from pulumi_dataworks._api.backend import Handle, Instance
from pulumi_dataworks._follow.culprits import failure_text
from pulumi_dataworks._follow.progress import estimate, progress_of
from pulumi_dataworks._follow.sparing import Sparing
from pulumi_dataworks._follow.targets import Followed, Listing, Target

from tests.provider.follow._backends import START, Scripted, Time, dag, following, instance


def failed(hidden: tuple[str, ...] = ()) -> Followed:
    """Five instances of the first date failed, two wait behind them, and so does a date."""
    one = following(Scripted([]), hidden=hidden)
    one.handle = Handle("1", "may", "10001", "PROD")
    one.dags = [dag(1, "FAILURE"), dag(2, "CREATED"), dag(3, "SUCCESS")]
    one.end = "FAILURE"
    rows = [instance(n, "FAILURE", finished=START + timedelta(minutes=n)) for n in (5, 3, 4, 2, 1)]
    rows += [instance(6, "NOT_RUN"), instance(7, "NOT_RUN"), instance(8, "SUCCESS")]
    one.listings = {"1": Listing(rows, 0.0, "FAILURE")}
    return one


def log_of(_: Followed, __: Handle, one: Instance) -> str:
    return "\n".join([*(f"line {n}" for n in range(20)), f"ERROR in {one.id}: key=pa55word-x"])


def test_the_first_that_failed_are_named_and_the_rest_is_counted() -> None:
    head, *rest = failure_text([failed()], log_of).splitlines()

    assert head == (
        "may failed: 1 date of 3, 5 instances. "
        "Blocked behind them: 2 instances and 1 date not begun"
    )
    assert rest[0] == (
        "  node_1 (node 71), business date 2026-05-01, instance 1: FAILURE "
        "at 2026-06-01 00:01:00 UTC"
    )
    assert rest[8] == "    | ERROR in 1: key=pa55word-x"
    named = [line.split()[0] for line in rest if line.startswith("  node")]
    assert named == ["node_1", "node_2", "node_3"]
    assert rest[-1] == "  and 2 more failed instances"


def test_secret_values_are_masked_the_longest_first() -> None:
    text = failure_text([failed(hidden=("pa55word", "pa55word-x"))], log_of)
    assert "ERROR in 1: key=[secret]" in text.splitlines()[9]
    assert "pa55" not in text
    assert "-x" not in text


def test_values_to_hide_are_those_of_parameters_that_tell_something() -> None:
    launch = following(Scripted([])).target.generation.to_state()
    node_params = {"1": {"key": "pa55word", "n": "7"}, "2": {"region": "east"}}
    target = Target.from_state({"id": "x", "launch": launch, "nodeParams": node_params})
    assert set(target.hidden) == {"pa55word", "east"}
    assert "pa55word" not in repr(target)


def test_a_log_that_cannot_be_read_hides_no_culprit() -> None:
    def unreadable(*_: object) -> str:
        raise ServerFault("GetInstanceLog", "InternalError", "sorry", 500, None)

    text = failure_text([failed()], unreadable)
    assert "node_1 (node 71)" in text
    assert "its log can't be read: GetInstanceLog: InternalError" in text


def test_instances_that_were_not_listed_are_no_counts() -> None:
    one = following(Scripted([]))
    one.dags = [dag(1, "RUNNING"), dag(2, "CREATED"), dag(3, "SUCCESS")]
    rows = [instance(1, "SUCCESS"), instance(2, "RUNNING")]
    one.listings = {"1": Listing(rows, 0.0, "RUNNING")}
    assert progress_of([one]).counted == {"SUCCESS": 1, "RUNNING": 1}


@given(st.floats(0.02, 0.99), st.floats(1, 1e6))
def test_at_a_steady_pace_the_estimate_is_right(done: float, elapsed: float) -> None:
    remaining = estimate([(0.0, 0.0), (elapsed, done)])
    assert remaining is not None
    assert abs(remaining - (elapsed / done - elapsed)) <= 1e-6 * elapsed / done


def test_without_progress_nothing_is_estimated() -> None:
    assert estimate([(0.0, 0.0)]) is None
    assert estimate([(0.0, 0.3), (60.0, 0.31)]) is None


def test_lines_that_stay_are_few() -> None:
    time = Time()
    sparing = Sparing(time.clock)
    shown = []
    for _ in range(600):
        shown += [time.clock()] if sparing.lets_pass() else []
        time.slept.append(2.0)
    assert shown[:5] == [0, 2, 4, 6, 8]
    assert all(later - before >= 60 for before, later in pairwise(shown[4:]))
    assert len(shown) <= 25
