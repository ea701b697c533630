"""How often calls begin, on a clock of the test's own."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_dataworks._api.rate import TokenBucket


class Clock:
    """Sleeping moves it; nobody waits."""

    def __init__(self) -> None:
        self.now = 100.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def starts(max_qps: float, idle: list[float]) -> list[float]:
    """When each call begins; ``idle`` are the caller's own pauses before each."""
    clock = Clock()
    bucket = TokenBucket(max_qps, lambda: clock.now, clock.sleep)
    begun = []
    for pause in idle:
        clock.now += pause
        bucket.take()
        begun.append(clock.now)
    return begun


@given(
    max_qps=st.sampled_from([1.0, 2.0, 5.0, 7.5, 20.0, 50.0]),
    idle=st.lists(st.sampled_from([0.0, 0.0, 0.0, 0.01, 0.3, 5.0]), max_size=120),
)
def test_no_second_has_more_calls_than_allowed(max_qps: float, idle: list[float]) -> None:
    begun = starts(max_qps, idle)
    for first in begun:
        within = [one for one in begun if first <= one < first + 1 - 1e-9]
        assert len(within) <= max(1, max_qps)


@pytest.mark.parametrize(("max_qps", "seconds"), [(5.0, 24.75), (50.0, 97.5 / 47.5)])
def test_what_is_allowed_is_used(max_qps: float, seconds: float) -> None:
    begun = starts(max_qps, [0.0] * 100)
    assert begun[-1] - begun[0] == pytest.approx(seconds)


def calls_in(bucket: TokenBucket, clock: Clock, seconds: float) -> int:
    """How many calls one busy caller makes in so many seconds."""
    end, count = clock.now + seconds, 0
    while clock.now < end:
        bucket.take()
        count += 1
    return count


def test_what_is_throttled_slows_it_down_for_a_minute() -> None:
    clock = Clock()
    bucket = TokenBucket(20.0, lambda: clock.now, clock.sleep)
    at_full_rate = calls_in(bucket, clock, 10)
    bucket.slow_down()
    assert calls_in(bucket, clock, 10) == pytest.approx(at_full_rate * 0.53, abs=2)
    clock.now += 60
    assert calls_in(bucket, clock, 10) == pytest.approx(at_full_rate, abs=2)


def test_calls_that_are_throttled_together_slow_it_down_once() -> None:
    clock = Clock()
    bucket = TokenBucket(20.0, lambda: clock.now, clock.sleep)
    for _ in range(4):
        bucket.slow_down()
    assert calls_in(bucket, clock, 10) > 90


@given(
    max_qps=st.sampled_from([0.5, 2.0, 20.0, 50.0]),
    allowed=st.sampled_from([1, 3, 5, 12]),
)
def test_of_an_account_that_is_allowed_less_few_calls_are_throttled(
    max_qps: float, allowed: int
) -> None:
    clock = Clock()
    bucket = TokenBucket(max_qps, lambda: clock.now, clock.sleep)
    begun: list[float] = []
    throttled = 0
    for _ in range(1000):
        bucket.take()
        if len([one for one in begun[-allowed:] if one > clock.now - 1]) == allowed:
            throttled += 1
            bucket.slow_down()
        else:
            begun.append(clock.now)
    assert throttled <= 100


def test_threads_share_it() -> None:
    pauses: list[float] = []
    bucket = TokenBucket(5.0, lambda: 0.0, pauses.append)
    threads = [threading.Thread(target=bucket.take) for _ in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(pauses) == pytest.approx([0.25 * turn for turn in range(1, 9)])
