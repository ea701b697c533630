"""What it costs to wait for 100 backfills of 31 dates each, under a limit of 5 calls a second.

The wait is that of one BackfillCompletion, in a process of its own; the emulator is in another.
Its clock is slowed down, so that the backfills last for several polls. Between polls are 2 seconds,
not the half a minute and more that such a wait would leave: so the limit is what holds it back.
"""

from __future__ import annotations

import resource
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from pulumi_dataworks._follow.targets import Target
from pulumi_dataworks._follow.watch import Patience, Watch
from pulumi_dataworks._launch.generations import mint
from pulumi_dataworks._lifecycle.waiting import follow
from pulumi_dataworks._run import Run

from bench._setting import Server, emulator, environment
from bench.results import Row, save

COMMAND = "python -m bench.following"
BACKFILLS = 100
INPUTS = {
    "projectEnv": "PROD",
    "rootNodeId": "74324",
    "includeNodeIds": ["74324", "74325"],
    "startBizDate": "2026-05-01",
    "endBizDate": "2026-05-31",
    "parallelism": True,
}


class _Show:
    """Notes how often it was polled, and the most threads."""

    def __init__(self) -> None:
        self.polls = self.threads = 0

    def progress(self, text: str) -> None:
        self.polls += 1
        self.threads = max(self.threads, threading.active_count())
        print(text, file=sys.stderr)

    line = progress

    def warn(self, text: str) -> None:
        print(f"warning: {text}", file=sys.stderr)


def main() -> None:
    """Launches, waits, and writes the figures down."""
    with emulator() as server:
        told = _wait(server, {"dataworks:maxQps": "5"})
        left = _wait(server, {})
    calls, seconds, show = told.calls, told.seconds, told.show
    rate, throttled = len(calls) / seconds, told.throttled
    slowed = "dataworks:maxQps left at 20: what is throttled slows the calls down"
    save(
        [
            Row("100 backfills of 31 dates: all ended well", int(told.ended), "", "1", told.ended),
            Row("100 backfills: calls a poll", round(len(calls) / show.polls, 1), "calls"),
            Row("100 backfills: polls", show.polls, "polls"),
            Row("100 backfills: calls a second", round(rate, 2), "1/s", "at most 5", rate <= 5),
            Row("100 backfills: throttled at 5 QPS", throttled, "calls", "0", throttled == 0),
            Row(
                "100 backfills: throttled at 5 QPS, not told of it",
                left.throttled,
                "calls",
                reason=f"{slowed}; of {len(left.calls)} calls in {left.seconds:.0f} s",
            ),
            Row("100 backfills: most threads", show.threads, "threads", "1", show.threads == 1),
            Row("100 backfills: memory the wait adds", told.memory, "MB"),
        ],
        COMMAND,
    )


@dataclass(frozen=True)
class _Waited:
    """How a wait went."""

    ended: bool
    calls: list[dict[str, Any]]
    seconds: float
    show: _Show
    memory: int

    @property
    def throttled(self) -> int:
        return sum(call["status"] == 429 for call in self.calls)


def _wait(server: Server, config: Mapping[str, str]) -> _Waited:
    """Waits for 100 new backfills, of an account that may call 5 times a second."""
    server.reset()
    run = Run({"dataworks:maxQps": "1000"}, environment(server))
    targets = [_launch(run, server.url, number) for number in range(BACKFILLS)]
    server.admin("switches", {"readQps": 5, "writeQps": 5})
    server.admin("clock", {"scale": 0.04})
    before = len(server.calls())
    memory, began, show = _memory(), time.monotonic(), _Show()
    waiting = Run(config, environment(server))
    world = waiting.process.world
    max_qps = waiting.settings().max_qps
    followed = follow(waiting, targets)
    Watch(
        followed,
        Patience(timeout=1200),
        show,
        world.monotonic,
        world.now,
        lambda: max_qps,
        pause=lambda _: time.sleep(2),
    ).run()
    ended = all(one.end == "SUCCESS" for one in followed)
    seconds = time.monotonic() - began
    return _Waited(ended, server.calls()[before:], seconds, show, _memory() - memory)


def _launch(run: Run, endpoint: str, number: int) -> Target:
    inputs = {**INPUTS, "name": f"backfill-{number}"}
    generation = mint(inputs, 1, "cn-shanghai", endpoint, run.process.world.now(), token_hex)
    launched = run.api().launch(generation, inputs)
    return Target(generation.launch_name, generation, tuple(launched.ids))


def _memory() -> int:
    """The most memory that this process has had, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (2**20 if sys.platform == "darwin" else 2**10)


if __name__ == "__main__":
    main()
