"""What a launch costs on Pulumi's engine, beside naive dynamic providers.

``python -m bench.launching``: every peer launches the same backfills on the same emulator.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bench._comparison import FAST, RUNS, ratio, side_by_side, up_anew
from bench._setting import Server, emulator, median, project
from bench.results import Row, save

COMMAND = "python -m bench.launching"
MANY = 100


def main() -> None:
    """Measures, and saves the figures."""
    with emulator() as server:
        rows = [*_against_naive(server), *_with_delay(server), *_calls(server), _state(server)]
    save(rows, COMMAND)


def _against_naive(server: Server) -> list[Row]:
    twice = f"the naive provider in a module, with as many resources ({2 * MANY})"
    ours, naive = side_by_side(
        lambda: up_anew(server, "ours", MANY), lambda: up_anew(server, "naive_module", MANY)
    )
    rows = [ratio(f"up of {MANY} new backfills", ours, naive, 1.15, twice)]
    for peer, text in (
        ("naive_single", "naive provider in a module, one resource each"),
        ("naive_main", "naive provider in the program itself, one resource each"),
    ):
        seconds = median([up_anew(server, peer, MANY) for _ in range(RUNS)])
        rows.append(Row(f"up of {MANY}: {text}", seconds, "s", reason=f"ours: {ours} s"))
    return rows


def _with_delay(server: Server) -> list[Row]:
    rows = []
    for delay in (20, 200):
        ours = up_anew(server, "ours", MANY, delay_ms=delay)
        naive = up_anew(server, "naive_module", MANY, delay_ms=delay)
        detail = f"{ours:.3g} s against {naive:.3g} s of the naive provider; one run each"
        times = round(ours / naive, 2)
        rows.append(Row(f"up of {MANY}, {delay} ms a reply", times, "x", reason=detail))
    return rows


def _calls(server: Server) -> list[Row]:
    count = 10
    server.reset()
    with project(server, "ours", FAST) as made:
        made.up(count)
        created = len(server.calls())
        made.up(count)
        unchanged = len(server.calls()) - created
        made.run("refresh", "--yes", "--skip-preview", "--stack", "bench", count=count)
        refreshed = len(server.calls()) - created - unchanged
    figures = (("create", created, 1), ("no-op up", unchanged, 0), ("refresh", refreshed, 2))
    return [
        Row(f"API calls a backfill: {name}", calls / count, "", str(want), calls == want * count)
        for name, calls, want in figures
    ]


def _state(server: Server) -> Row:
    server.reset()
    count = 10
    with project(server, "ours", FAST) as made:
        made.up(count)
        resources = made.state()["checkpoint"]["latest"]["resources"]
    own = [one for one in resources if "dynamic/dataworks" in one["type"]]
    traces = ("stackTrace", "sourcePosition")
    bare = [{key: value for key, value in one.items() if key not in traces} for one in own]
    size, with_traces = _kibibytes(bare) / count, _kibibytes(own) / count
    share = f"{100 - 100 * size / with_traces:.0f}%"
    reason = (
        f"as compact JSON; with the engine's own traces {with_traces:.2f} KiB, so they are {share}"
    )
    target = "under 4 KiB for 31 dates"
    size = round(size, 2)
    return Row("state a backfill, token included", size, "KiB", target, size < 4, reason)


def _kibibytes(resources: Sequence[Mapping[str, Any]]) -> float:
    return sum(len(json.dumps(one, separators=(",", ":"))) for one in resources) / 1024


if __name__ == "__main__":
    main()
