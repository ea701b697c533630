"""What many backfills cost: unchanged ones, more and more of them, and what a user can do.

``python -m bench.many``
"""

from __future__ import annotations

from functools import partial

from bench._comparison import FAST, ratio, side_by_side, up_anew
from bench._setting import Project, Server, emulator, project
from bench.results import Row, save

COMMAND = "python -m bench.many"
MANY, MOST = 100, 400


def main() -> None:
    """Measures, and saves the figures."""
    with emulator() as server:
        save([*_unchanged(server), *_growth(server), *_remedies(server)], COMMAND)


def _unchanged(server: Server) -> list[Row]:
    server.reset()
    twice = f"the naive provider in a module, with as many resources ({2 * MOST})"
    with (
        project(server, "ours", FAST) as ours,
        project(server, "naive_module") as naive,
        project(server, "naive_alike") as alike,
    ):
        for made in (ours, naive, alike):
            made.up(MOST)
        rows = []
        for name, act in (("no-op up", Project.up), ("preview, unchanged,", Project.preview)):
            runs = [partial(act, made, MOST) for made in (ours, naive, alike)]
            mine, theirs, of_alike = side_by_side(*runs)
            rows += [
                ratio(f"{name} of {MOST}", mine, theirs, 1.15, twice),
                Row(
                    f"{name} of {MOST}, beside as many properties",
                    round(mine / of_alike, 2),
                    "x",
                    reason=f"{mine} s against {of_alike} s of the same, whose resources have as "
                    "many properties as ours: the SDK's program pays for each",
                ),
            ]
    return rows


def _growth(server: Server) -> list[Row]:
    rows = []
    for count in (10, MANY, MOST):
        ours = up_anew(server, "ours", count)
        naive = up_anew(server, "naive_module", count)
        times = round(ours / naive, 2)
        detail = (
            f"{ours / count * 1000:.0f} ms against {naive / count * 1000:.0f} ms a backfill; "
            "one run each"
        )
        rows.append(
            Row(f"engine's cost at {count}", times, "x", "at most 1.15 x", times <= 1.15, detail)
        )
    return rows


def _remedies(server: Server) -> list[Row]:
    """What a user can do where the engine's saving of the state is what takes the time."""
    whole = up_anew(server, "ours", MOST)
    no_copies = {"PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "true"}
    without = up_anew(server, "ours", MOST, no_copies)
    parts = sum(up_anew(server, "ours", MANY) for _ in range(MOST // MANY))
    four = up_anew(server, "ours", MOST, arguments=("--parallel", "4"))
    detail = f"one stack of {MOST}, as it is: {whole:.3g} s; one run each"
    return [
        Row(f"up of {MOST}: {text}", round(seconds / whole, 2), "x", reason=detail)
        for text, seconds in (
            (f"as {MOST // MANY} stacks of {MANY}, one after the other", parts),
            ("PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS=true", without),
            ("--parallel 4 (the engine's own choice is four for each core)", four),
        )
    ]


if __name__ == "__main__":
    main()
