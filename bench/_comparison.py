"""What measurements that compare two programs have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bench._setting import Server, median, project
from bench.results import Row

#: As the peers do: no limit of calls, and no look at the workspace before.
FAST = {"dataworks:maxQps": "1000", "dataworks:preflight": "off"}
RUNS = 3


def up_anew(
    server: Server,
    peer: str,
    count: int,
    variables: Mapping[str, str] | None = None,
    arguments: Sequence[str] = (),
    delay_ms: float = 0,
) -> float:
    """Launches so many backfills in a new stack of an empty workspace; gives the seconds.

    Each reply of the API takes ``delay_ms``.
    """
    server.reset(delay_ms)
    config = FAST if peer == "ours" else {}
    with project(server, peer, config, variables) as made:
        seconds = made.up(count, *arguments)
    assert server.launches() == count, f"{peer} launched {server.launches()}"
    return seconds


def side_by_side(*compared: Callable[[], float]) -> list[float]:
    """Runs all in turn, so that a noisy minute falls on each; gives the medians."""
    rounds = [[run() for run in compared] for _ in range(RUNS)]
    return [median(of_one) for of_one in zip(*rounds, strict=True)]


def ratio(figure: str, ours: float, theirs: float, target: float, seconds_of: str) -> Row:
    """Compares seconds: a row that is as it should be up to ``target`` times theirs."""
    times = round(ours / theirs, 2)
    detail = f"{ours} s against {theirs} s of {seconds_of}; medians of {RUNS}, in turn"
    return Row(figure, times, "x", f"at most {target} x", times <= target, detail)
