"""What it costs to wait for 100 backfills of 31 dates each, under a limit of 5 calls a second.

The wait is that of one BackfillCompletion, in a process of its own; the emulator is in another.
Its clock is scaled, so that the backfills end within a few polls.
"""

from __future__ import annotations

import os
import resource
import sys
import threading
import time
from secrets import token_hex

from pulumi_dataworks._follow.targets import Target
from pulumi_dataworks._follow.watch import Patience, Watch
from pulumi_dataworks._launch.generations import mint
from pulumi_dataworks._lifecycle.waiting import follow
from pulumi_dataworks._run import Run

from bench._setting import emulator
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
        run = Run({"dataworks:maxQps": "1000"}, _environment(server.url))
        targets = [_launch(run, server.url, number) for number in range(BACKFILLS)]
        server.admin("switches", {"readQps": 5, "writeQps": 5})
        before = len(server.calls())
        memory, began, show = _memory(), time.monotonic(), _Show()
        waiting = Run({}, _environment(server.url))
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
        calls = server.calls()[before:]
    throttled = sum(call["status"] == 429 for call in calls)
    rate = len(calls) / (time.monotonic() - began)
    ended = all(one.end == "SUCCESS" for one in followed)
    save(
        [
            Row("100 backfills of 31 dates: all ended well", int(ended), "", "1", ended),
            Row("100 backfills: calls a poll", round(len(calls) / show.polls, 1), "calls"),
            Row("100 backfills: polls", show.polls, "polls"),
            Row("100 backfills: calls a second", round(rate, 2), "1/s", "at most 5", rate <= 5),
            Row("100 backfills: throttled at 5 QPS", throttled, "calls", "0", throttled == 0),
            Row("100 backfills: most threads", show.threads, "threads", "1", show.threads == 1),
            Row("100 backfills: memory the wait adds", _memory() - memory, "MB"),
        ],
        COMMAND,
    )


def _launch(run: Run, endpoint: str, number: int) -> Target:
    inputs = {**INPUTS, "name": f"backfill-{number}"}
    generation = mint(inputs, 1, "cn-shanghai", endpoint, run.process.world.now(), token_hex)
    launched = run.api().launch(generation, inputs)
    return Target(generation.launch_name, generation, tuple(launched.ids))


def _environment(endpoint: str) -> dict[str, str]:
    return {
        **os.environ,
        "DATAWORKS_ENDPOINT": endpoint,
        "ALIBABA_CLOUD_REGION_ID": "cn-shanghai",
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "testid",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "testsecret",
    }


def _memory() -> int:
    """The most memory that this process has had, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (2**20 if sys.platform == "darwin" else 2**10)


if __name__ == "__main__":
    main()
