"""Instances that will hold a backfill up for long: waiting for a resource, or for their time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from .._api.backend import Instance
from .progress import duration


@dataclass(frozen=True)
class Hung:
    """An instance that waits longer than the limit, and why, in words."""

    instance: Instance
    reason: str


def hung(instances: Iterable[Instance], now: datetime, limit: float) -> list[Hung]:
    """Finds the instances that wait, or will have to, for longer than so many seconds."""
    found = []
    for one in instances:
        reason = _reason(one, now, timedelta(seconds=limit))
        if reason:
            found.append(Hung(one, reason))
    return found


def _reason(one: Instance, now: datetime, limit: timedelta) -> str:
    since = one.waits_since or now
    if one.status == "WAIT_RESOURCE" and now - since > limit:
        return f"has waited for a resource for {_duration(now - since)}"
    if one.status != "WAIT_TIME":
        return ""
    ahead = one.scheduled - max(now, since) if one.scheduled else timedelta(0)
    if one.scheduled and ahead > limit:
        due = f"{one.scheduled:%Y-%m-%d %H:%M} UTC"
        return f"waits for its time, {due}, for another {_duration(ahead)}"
    return f"has waited for its time for {_duration(now - since)}" if now - since > limit else ""


def _duration(span: timedelta) -> str:
    return duration(span.total_seconds())


def in_words(found: Hung) -> str:
    """Tells in one line what hangs."""
    one = found.instance
    return f"{one.node_name} ({one.node_id}) of {one.biz_date}, instance {one.id}, {found.reason}"
