"""What has not ended, in words: for a wait that ran out of time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from .targets import OPEN, SUCCESS, Followed

_BACKFILLS, _DATES, _INSTANCES = 10, 5, 3


def still_open(followed: Sequence[Followed]) -> str:
    """Tells what was still open: for each backfill its first few dates, with what runs in them."""
    openings = [one for one in followed if one.end == OPEN]
    lines = [_backfill(one) for one in openings[:_BACKFILLS]]
    more = len(openings) - _BACKFILLS
    if more > 0:
        lines.append(f"  and {more} more backfills")
    return "\n".join(lines)


def _backfill(one: Followed) -> str:
    if not one.dags:
        return f"  {one.name}: DataWorks shows no date of it yet"
    counts = Counter(dag.status for dag in one.dags)
    done = counts.pop(SUCCESS, 0)
    others = "".join(f", {number} {status}" for status, number in sorted(counts.items()))
    head = f"  {one.name}: {done} of {len(one.dags)} dates done{others}"
    rest = [dag for dag in one.dags if dag.status != SUCCESS]
    rest.sort(key=lambda dag: dag.status == "CREATED")
    lines = [f"    {dag.biz_date} {dag.status}{_instances(one, dag.id)}" for dag in rest[:_DATES]]
    if len(rest) > _DATES:
        lines.append(f"    and {len(rest) - _DATES} more dates")
    return "\n".join([head, *lines])


def _instances(one: Followed, dag_id: str) -> str:
    rows = [row for row in one.instances_of(dag_id) if row.status not in (SUCCESS, "NOT_RUN")]
    told = ", ".join(f"{row.node_name} ({row.node_id}) {row.status}" for row in rows[:_INSTANCES])
    return f": {told}" if told else ""
