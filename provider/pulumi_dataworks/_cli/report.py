"""Write a report on the backfills of a stack: one HTML file, which holds all that it needs.

A matrix of nodes by business dates for each backfill: planned, running, done, failed, dry-run.
With --preview, also what an update would launch. Asks DataWorks, one call for each date and
another for each hundred instances of it, and takes no lock of the stack.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path

from .._api.backend import Instance, is_gone
from .._clock import utc_now
from .._declaration.dates import business_dates
from .._declaration.plan import count_of, nodes_that_run
from .._exceptions import Refused
from .._follow.targets import Followed
from .preview import Preview, PreviewedBackfill, PreviewUnreadable, read_preview
from .report_page import page_of
from .screen import show_json
from .stack import DeclaredBackfill, add_stack_arguments, read_stack

PLANNED, RUNNING, DONE, FAILED, DRY_RUN = "planned", "running", "done", "failed", "dry-run"
_NEVER = datetime.min.replace(tzinfo=timezone.utc)
_NOT_BEGUN = frozenset(["NOT_RUN", "WAIT_TIME"])


@dataclass(frozen=True)
class Row:
    """A node, and by business date the number of its instances in each state."""

    node_id: str
    node_name: str
    cells: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Reported:
    """A backfill: its business dates, ``YYYY-MM-DD``, and its nodes, both in order.

    ``note`` says why there is no matrix, or what has to be known to read it.
    """

    name: str
    launch_name: str = ""
    environment: str = ""
    reason: str = ""
    console_url: str = ""
    dates: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    note: str = ""

    @property
    def counts(self) -> Counter[str]:
        """How many instances there are in each state."""
        counts: Counter[str] = Counter()
        for row in self.rows:
            for cell in row.cells.values():
                counts.update(cell)
        return counts


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's own options."""
    add_stack_arguments(parser)
    parser.add_argument(
        "--output", metavar="FILE", default="backfills.html", help="default: backfills.html"
    )
    parser.add_argument(
        "--preview", metavar="FILE", help="what `pulumi preview --json` printed: the plan, as well"
    )
    parser.add_argument("--json", action="store_true", help="print JSON, and write no file")


def run(options: argparse.Namespace) -> int:
    """Writes the report."""
    plan = _previewed(options.preview) if options.preview else None
    stack = read_stack(options)
    pairs = zip(stack.backfills, stack.followed(), strict=True)
    launched = [_launched(*pair) for pair in pairs]
    planned = [_planned(one) for one in plan.backfills if one.is_launched] if plan else []
    found = [*planned, *launched]
    if options.json:
        show_json([{**asdict(one), "counts": one.counts} for one in found])
        return 0
    page = page_of(options.stack or (plan.stack if plan else ""), found, utc_now())
    try:
        Path(options.output).write_text(page, "utf-8")
    except OSError as error:
        print(f"error: {options.output} can't be written: {error.strerror}", file=sys.stderr)
        return 1
    print(f"{options.output}: {count_of(len(found), 'backfill')}.")
    return 0


def _previewed(file: str) -> Preview:
    try:
        return read_preview(Path(file).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise PreviewUnreadable(f"{file} can't be read: {error}") from None


def _planned(backfill: PreviewedBackfill) -> Reported:
    """What an update would launch, from the declaration alone: one instance in each cell."""
    inputs = backfill.inputs
    reported = Reported(
        name=backfill.name,
        environment=_text(inputs.get("projectEnv")),
        reason=_text(inputs.get("reason")),
        note="to be launched by the update that was previewed; hourly nodes count once a date",
    )
    if not backfill.plan:
        note = "to be launched; what it runs is known when other resources are made"
        return replace(reported, note=note)
    dates = [day.isoformat() for day in business_dates(inputs)]
    states = dict.fromkeys(nodes_that_run(inputs), PLANNED)
    states |= dict.fromkeys(inputs.get("excludeNodeIds") or [], DRY_RUN)
    rows = [Row(node, "", {day: {state: 1} for day in dates}) for node, state in states.items()]
    return replace(reported, dates=dates, rows=rows)


def _launched(backfill: DeclaredBackfill, followed: Followed) -> Reported:
    state = backfill.outputs
    reported = Reported(
        name=backfill.name,
        launch_name=_text(state.get("launchName")),
        environment=_text(state.get("projectEnv")),
        reason=_text(state.get("reason")),
        console_url=_text(state.get("consoleUrl")),
    )
    if not followed.target.ids:
        return replace(reported, note="its IDs are not known: run `pulumi refresh`")
    try:
        instances = list(_instances(followed))
    except Refused as error:
        if not is_gone(error):
            raise
        return replace(reported, note="its history is no longer in DataWorks")
    dates = sorted({one.biz_date for one in instances})
    return replace(reported, dates=dates, rows=rows_of(instances))


def _instances(followed: Followed) -> Iterator[Instance]:
    handle = followed.api.handle(followed.target.generation, followed.target.ids)
    for dag in followed.api.dags(handle):
        yield from followed.api.instances(handle, dag.id)


def rows_of(instances: list[Instance]) -> list[Row]:
    """Counts instances by node and date, nodes in the order in which they are scheduled first."""
    ordered = sorted(instances, key=lambda one: (one.scheduled or _NEVER, one.node_id))
    cells: dict[tuple[str, str], dict[str, Counter[str]]] = {}
    for one in ordered:
        dates = cells.setdefault((one.node_id, one.node_name), {})
        dates.setdefault(one.biz_date, Counter())[state_of(one)] += 1
    return [
        Row(node, name, {day: dict(counts) for day, counts in dates.items()})
        for (node, name), dates in cells.items()
    ]


def state_of(instance: Instance) -> str:
    """Gives the state as people read it. A dry-run has none but that it is one."""
    if instance.task_type.startswith("SKIP"):
        return DRY_RUN
    if instance.status in _NOT_BEGUN:
        return PLANNED
    return {"SUCCESS": DONE, "FAILURE": FAILED}.get(instance.status, RUNNING)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
