"""What a launch costs on Pulumi's engine, beside what people do today.

``python -m bench.launching``: every peer launches the same backfills on the same emulator.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bench._opentofu import OpenTofu, ensure_opentofu
from bench._setting import PEERS, Project, Server, emulator, environment, median, project
from bench.results import Row, save

COMMAND = "python -m bench.launching"
#: As the peers do: no limit of calls, and no look at the workspace before.
FAST = {"dataworks:maxQps": "1000", "dataworks:preflight": "off"}
RUNS = 3
MANY, MOST = 100, 400


def main() -> None:
    """Measures, and saves the figures."""
    with emulator() as server:
        rows = [*_against_naive(server), *_against_scripts(server), *_unchanged(server)]
        rows += [*_growth(server), *_calls(server), _state(server)]
    save(rows, COMMAND)


def _up_anew(server: Server, peer: str, count: int) -> float:
    server.reset()
    config = FAST if peer == "ours" else {}
    with project(server, peer, config) as made:
        seconds = made.up(count)
    assert server.launches() == count, f"{peer} launched {server.launches()}"
    return seconds


def _side_by_side(first: Callable[[], float], second: Callable[[], float]) -> tuple[float, float]:
    """Runs both in turn, so that a noisy minute falls on both; gives the medians."""
    pairs = [(first(), second()) for _ in range(RUNS)]
    return median([pair[0] for pair in pairs]), median([pair[1] for pair in pairs])


def _ratio(figure: str, ours: float, theirs: float, target: float, seconds_of: str) -> Row:
    ratio = round(ours / theirs, 2)
    detail = f"{ours} s against {theirs} s of {seconds_of}; medians of {RUNS}, in turn"
    return Row(figure, ratio, "x", f"at most {target} x", ratio <= target, detail)


def _against_naive(server: Server) -> list[Row]:
    twice = f"the naive provider in a module, with as many resources ({2 * MANY})"
    ours, naive = _side_by_side(
        lambda: _up_anew(server, "ours", MANY), lambda: _up_anew(server, "naive_module", MANY)
    )
    rows = [_ratio(f"up of {MANY} new backfills", ours, naive, 1.15, twice)]
    for peer, text in (
        ("naive_single", "naive provider in a module, one resource each"),
        ("naive_main", "naive provider in the program itself, one resource each"),
    ):
        seconds = median([_up_anew(server, peer, MANY) for _ in range(RUNS)])
        rows.append(Row(f"up of {MANY}: {text}", seconds, "s", reason=f"ours: {ours} s"))
    return rows


def _against_scripts(server: Server) -> list[Row]:
    command = "pulumi-command's plugin is published in no registry that could be reached"
    rows = [Row(f"up of {MANY}: pulumi-command", "not measured", "", reason=command)]
    tofu = ensure_opentofu()
    if tofu is None:
        return [*rows, Row(f"apply of {MANY}: OpenTofu", "not measured", "", reason="no Go here")]
    ours = median([_up_anew(server, "ours", MANY) for _ in range(RUNS)])
    scripts = median([_apply(server, tofu, MANY) for _ in range(RUNS)])
    text = "OpenTofu's terraform_data running a script on the official SDK"
    return [*rows, _ratio(f"up of {MANY}, against scripts", ours, scripts, 0.25, text)]


def _apply(server: Server, tofu: OpenTofu, count: int) -> float:
    server.reset()
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(PEERS / "main.tf", folder)
        variables = {"amount": count, "python": sys.executable, "script": PEERS / "sdk_script.py"}
        seconds = tofu.apply(Path(folder), variables, environment(server))
    assert server.launches() == count, f"the scripts launched {server.launches()}"
    return seconds


def _unchanged(server: Server) -> list[Row]:
    server.reset()
    twice = f"the naive provider in a module, with as many resources ({2 * MOST})"
    with (
        project(server, "ours", FAST) as ours,
        project(server, "naive_module") as naive,
    ):
        ours.up(MOST)
        naive.up(MOST)
        rows = []
        for name, act in (("no-op up", Project.up), ("preview, unchanged,", Project.preview)):
            mine, theirs = _side_by_side(partial(act, ours, MOST), partial(act, naive, MOST))
            rows.append(_ratio(f"{name} of {MOST}", mine, theirs, 1.15, twice))
    return rows


def _growth(server: Server) -> list[Row]:
    rows = []
    for count in (10, MANY, MOST):
        ours = _up_anew(server, "ours", count)
        naive = _up_anew(server, "naive_module", count)
        ratio = round(ours / naive, 2)
        detail = (
            f"{ours / count * 1000:.0f} ms against {naive / count * 1000:.0f} ms a backfill; "
            "one run each"
        )
        rows.append(
            Row(f"engine's cost at {count}", ratio, "x", "at most 1.15 x", ratio <= 1.15, detail)
        )
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
    whole = sum(len(json.dumps(one, indent=4)) for one in own) / count
    traces = ("stackTrace", "sourcePosition")
    bare = sum(
        len(json.dumps({key: value for key, value in one.items() if key not in traces}))
        for one in own
    )
    size = round(bare / count / 1024, 2)
    share = f"{100 - 100 * bare / count / whole:.0f}% of it is indentation and the engine's traces"
    reason = f"as the file backend writes it, {whole / 1024:.1f} KiB: {share}"
    target = "under 4 KiB for 31 dates"
    return Row("state a backfill, token included", size, "KiB", target, size < 4, reason)


if __name__ == "__main__":
    main()
