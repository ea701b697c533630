"""Turn a preview into one comment for a pull request, as Markdown.

Reads what `pulumi preview --json` printed, from a file or from standard input. The first line is a
mark that stays the same, by which a comment of an earlier commit is found and changed.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import combinations
from pathlib import Path

from .._declaration.dates import business_dates, ranges_of
from .._declaration.inputs import MAY_HOLD_SECRETS
from .._declaration.plan import count_of, overlap
from .estimate import PastRun, estimate_of
from .preview import Preview, PreviewedBackfill, PreviewedWait, PreviewUnreadable, read_preview

#: GitHub takes 65,536 characters, GitLab a million.
LONGEST = 60_000
_MOST_COLUMNS = 31
_MARKUP = frozenset("\\`*_[]<>|@#!&~$")
_NEW, _AGAIN = "●", "↻"  # a date that runs, one that ran before


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's own options."""
    parser.add_argument(
        "file", metavar="FILE", nargs="?", default="-", help="the preview; default: standard input"
    )


def run(options: argparse.Namespace) -> int:
    """Prints the comment. Also of a preview that failed: then it says why."""
    print(comment_of(read_preview(_given(options.file))))
    return 0


def _given(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
    except (OSError, ValueError) as error:
        raise PreviewUnreadable(f"{file} can't be read: {error}") from None


def comment_of(preview: Preview) -> str:
    """Writes the comment."""
    parts = [
        f"<!-- pulumi-dataworks {preview.stack} -->",
        _heading(preview),
        *_list("The preview failed, so nothing can be applied", map(_text, preview.errors)),
        *_table_of_backfills([one for one in preview.backfills if one.verb], preview.past),
        *_matrix([one for one in preview.backfills if one.is_launched]),
        *_list("Then the update waits", map(_wait, preview.waits)),
        *_list("What changed", map(_changes, _changed(preview))),
        *_list("The same nodes for the same dates, twice", _collisions(preview)),
        *_list("Warnings", map(_text, preview.warnings)),
    ]
    text = "\n\n".join(parts)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}\n\n(too long to be shown whole)"


def _heading(preview: Preview) -> str:
    counts = Counter(one.verb for one in preview.backfills)
    named = (
        ("launch", "to launch"),
        ("launch again", "to launch again"),
        ("record", "changed without a launch"),
        ("remove", "removed"),
        ("", "unchanged"),
    )
    told = [f"{counts[verb]} {words}" for verb, words in named if counts[verb]]
    stack = f" of `{_code(preview.stack)}`" if preview.stack else ""
    return f"### Backfills{stack}: {', '.join(told) or 'none'}"


def _table_of_backfills(
    backfills: Sequence[PreviewedBackfill], past: Sequence[PastRun]
) -> list[str]:
    if not backfills:
        return []
    head = ("", "backfill", "where", "business dates", "what", "runs again")
    return [_table(head, [_row(one, past) for one in backfills])]


def _row(backfill: PreviewedBackfill, past: Sequence[PastRun]) -> list[str]:
    plan, inputs = backfill.plan, backfill.inputs or backfill.before
    reason = inputs.get("reason")
    estimate = estimate_of(inputs, past) if backfill.is_launched else None
    what = [
        str(plan.get("summary") or "known when the resources that it depends on are made"),
        *([_text(str(estimate))] if estimate else []),
        *([f"“{_text(reason)}”"] if isinstance(reason, str) else []),
    ]
    again = (plan.get("change") or {}).get("summary", "") if backfill.is_launched else ""
    if backfill.verb == "remove":
        what, again = [str(plan.get("onDelete") or "")], ""
    return [
        f"**{backfill.verb}**",
        f"`{_code(backfill.name)}`",
        f"{_plain(inputs.get('projectEnv'))} {_plain(inputs.get('rootNodeId'))}",
        "<br>".join(_range(*one) for one in ranges_of(inputs)) if plan else "",
        "<br>".join(what),
        _text(again),
    ]


def _range(first: date, last: date) -> str:
    return f"{first}" if first == last else f"{first} to {last}"


def _wait(wait: PreviewedWait) -> str:
    names = ", ".join(f"`{_code(name)}`" for name in wait.backfills)
    told = [
        f"for the end of {names or 'its backfills'}",
        f"at most {wait.timeout}" if wait.timeout else "",
        f"what failed is restarted, {count_of(wait.reruns, 'time')} at most" if wait.reruns else "",
        "a failure fails the update" if wait.fails else "a failure is a warning only",
    ]
    return f"`{_code(wait.name)}`: {'; '.join(filter(None, told))}"


def _matrix(backfills: Sequence[PreviewedBackfill]) -> list[str]:
    """A row for each backfill, and a column for each date; by month where dates are many."""
    known = [one for one in backfills if one.plan]
    if not known:
        return []
    every = sorted({day for one in known for day in business_dates(one.inputs)})
    daily = len(every) <= _MOST_COLUMNS
    columns = list(dict.fromkeys(_column(day, daily=daily) for day in every))
    if len(columns) > _MOST_COLUMNS:
        return []
    rows = [[f"`{_code(one.name)}`", *_cells(one, columns, daily=daily)] for one in known]
    legend = f"{_NEW} runs, {_AGAIN} ran in the launch before and runs again"
    unit = "" if daily else "; the numbers are those of dates"
    return [_table(["", *columns], rows), f"<sub>{legend}{unit}</sub>"]


def _cells(backfill: PreviewedBackfill, columns: Sequence[str], *, daily: bool) -> list[str]:
    before = set(business_dates(backfill.before)) if _runs_nodes_again(backfill) else set()
    counts: dict[str, Counter[str]] = {column: Counter() for column in columns}
    for day in business_dates(backfill.inputs):
        counts[_column(day, daily=daily)][_AGAIN if day in before else _NEW] += 1
    if daily:
        return ["".join(counts[column]) for column in columns]
    return [" ".join(f"{n}{mark}" for mark, n in sorted(counts[c].items())) for c in columns]


def _runs_nodes_again(backfill: PreviewedBackfill) -> bool:
    if not (backfill.before.get("plan") and backfill.inputs.get("plan")):
        return False
    return bool(overlap(backfill.before, backfill.inputs)[0])


def _column(day: date, *, daily: bool) -> str:
    return day.strftime("%m-%d") if daily else day.strftime("%Y-%m")


def _changed(preview: Preview) -> list[PreviewedBackfill]:
    return [one for one in preview.backfills if one.changes]


def _changes(backfill: PreviewedBackfill) -> str:
    before, inputs = backfill.before, backfill.inputs
    told = [_change(key, before.get(key), inputs.get(key)) for key in backfill.changes]
    return f"`{_code(backfill.name)}`: {', '.join(told)}"


def _change(key: str, before: object, after: object) -> str:
    """Never tells the value of what may be a secret."""
    if key in MAY_HOLD_SECRETS:
        return f"{key} (not shown: it may hold secrets)"
    return f"{key} {_plain(before)} → {_plain(after)}"


def _collisions(preview: Preview) -> list[str]:
    """Pairs of which at least one is launched; what is in other stacks is not known here."""
    known = [one for one in preview.backfills if one.inputs.get("plan")]
    found = []
    for one, other in combinations(known, 2):
        nodes, dates = overlap(one.inputs, other.inputs)
        if dates and (one.is_launched or other.is_launched):
            found.append(
                f"`{_code(one.name)}` and `{_code(other.name)}`: {count_of(dates, 'date')}, "
                f"nodes {', '.join(nodes[:10])}{' and more' if len(nodes) > 10 else ''}"
            )
    return found


def _list(title: str, lines: Iterable[str]) -> list[str]:
    items = [f"- {line.replace(chr(10), ' ')}" for line in lines]
    return ["\n".join([f"**{title}**", "", *items])] if items else []


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _plain(value: object) -> str:
    """Shows an input in code style; nothing where it is absent or not plain."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        value = ", ".join(value)
    if isinstance(value, bool):
        value = str(value).lower()
    if isinstance(value, (str, int, float)):
        return f"`{_code(str(value))}`"
    return "(none)" if value is None else "(not shown)"


def _code(text: str) -> str:
    """Makes text fit for a code span within a table."""
    return text.replace("`", "'").replace("|", "¦").replace("\n", " ")


def _text(text: str) -> str:
    """Makes text that somebody wrote harmless: no markup, no mention, no end of a cell."""
    shown = (f"&#{ord(one)};" if one in _MARKUP else one for one in text)
    return "".join(shown).replace("\n", " ")
