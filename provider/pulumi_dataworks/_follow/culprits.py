"""What made backfills fail, in words: nodes, dates, instances, the ends of their logs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from .._api.backend import Handle, Instance
from .._declaration.plan import count_of
from .._exceptions import DataWorksError
from .targets import EXPIRED, FAILURE, SUCCESS, Followed

#: So many failed instances are told with their logs, and their count says how many more there are.
TOLD = 3
_LINES = 8
_WIDTH = 300
_MASK = "[secret]"

ReadLog = Callable[[Followed, Handle, Instance], str]


def failure_text(followed: Sequence[Followed], read_log: ReadLog) -> str:
    """Tells what failed: which instances, when, the ends of their logs, what waits behind them.

    :param read_log: gives the log of an instance.
    """
    hidden = {value for one in followed for value in one.target.hidden}
    read = partial(_read_masked, hidden, read_log)
    return "\n".join(_backfill(one, read) for one in followed if one.end in (FAILURE, EXPIRED))


def failed_instances(followed: Sequence[Followed]) -> list[dict[str, Any]]:
    """Gives the failed instances as an output of a resource: IDs as text, times as ISO 8601 UTC."""
    return [
        {
            "backfill": one.name,
            "instanceId": failed.id,
            "nodeId": failed.node_id,
            "nodeName": failed.node_name,
            "bizDate": failed.biz_date,
            "status": failed.status,
            "finishedAt": failed.finished.isoformat() if failed.finished else None,
        }
        for one in followed
        if one.end != SUCCESS
        for failed in one.failed_instances()
    ]


def _backfill(one: Followed, read_log: ReadLog) -> str:
    if one.end == EXPIRED:
        return (
            f"{one.name} has expired: DataWorks keeps no history of it any more, so whether it "
            "ended well can't be told"
        )
    failed = one.failed_instances()
    dates = [dag for dag in one.dags if dag.status == FAILURE]
    what = f"{count_of(len(dates), 'date')} of {len(one.dags)}, {count_of(len(failed), 'instance')}"
    lines = [f"{one.name} failed: {what}. {_blocked(one)}"]
    lines += [_culprit(one, instance, read_log) for instance in failed[:TOLD]]
    more = len(failed) - TOLD
    if more > 0:
        lines.append(f"  and {count_of(more, 'more failed instance')}")
    unlisted = [dag.biz_date for dag in dates if dag.id not in one.listings]
    if unlisted:
        lines.append(f"  not looked into: {count_of(len(unlisted), 'more failed date')}")
    return "\n".join(lines)


def _blocked(one: Followed) -> str:
    waiting = sum(
        row.status == "NOT_RUN"
        for dag in one.dags
        if dag.status == FAILURE
        for row in one.instances_of(dag.id)
    )
    dates = sum(dag.status == "CREATED" for dag in one.dags)
    if not waiting and not dates:
        return "Nothing is blocked behind them"
    parts = [count_of(waiting, "instance")] if waiting else []
    parts += [f"{count_of(dates, 'date')} not begun"] if dates else []
    return f"Blocked behind them: {' and '.join(parts)}"


def _culprit(one: Followed, instance: Instance, read_log: ReadLog) -> str:
    when = f" at {instance.finished:%Y-%m-%d %H:%M:%S} UTC" if instance.finished else ""
    paused = " (the node is paused)" if instance.task_type == "PAUSE" else ""
    head = (
        f"  {instance.node_name} (node {instance.node_id}), business date {instance.biz_date}, "
        f"instance {instance.id}: {instance.status}{when}{paused}"
    )
    return "\n".join([head, *(f"    | {line}" for line in _tail(one, instance, read_log))])


def _tail(one: Followed, instance: Instance, read_log: ReadLog) -> list[str]:
    if one.handle is None:
        return []
    try:
        lines = read_log(one, one.handle, instance).splitlines()
    except DataWorksError as error:
        return [f"its log can't be read: {error}"]
    told = [line.rstrip() for line in lines if line.strip()][-_LINES:]
    return [line if len(line) <= _WIDTH else f"{line[:_WIDTH]}…" for line in told]


def _read_masked(
    hidden: Iterable[str], read_log: ReadLog, one: Followed, handle: Handle, instance: Instance
) -> str:
    return masked(read_log(one, handle, instance), hidden)


def masked(log: str, hidden: Iterable[str]) -> str:
    """Gives a log without secret values."""
    for value in sorted(hidden, key=len, reverse=True):  # one may be a part of another
        log = log.replace(value, _MASK)
    return log
