"""What is wrong with a declaration in its workspace, and what may surprise: from what was read.

An error where the launch would fail or run the wrong thing; a warning where it may surprise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from .._api.backend import Instance, Node
from .._declaration.dates import business_dates
from .._declaration.plan import count_of, nodes_that_run, plan_of
from .._declaration.refusals import Problem
from .lineage import Lineage
from .schedule import Schedule, Window, schedule_of
from .survey import EarlierBackfill, Facts

_CHINA = timezone(timedelta(hours=8))
_ENDED = ("SUCCESS", "FAILURE")
_MOST_LISTED = 20


@dataclass
class Findings:
    """What a preflight found. ``instances`` is their number, None where it can't be told.

    ``reruns`` tell of earlier backfills of the same nodes and dates.
    """

    errors: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    reruns: list[str] = field(default_factory=list)
    instances: int | None = None


@dataclass(frozen=True)
class _Case:
    """One declaration, with what was read of its nodes."""

    inputs: Mapping[str, Any]
    nodes: Mapping[str, Node]
    dates: Sequence[date]
    window: Window | None

    @property
    def root(self) -> str:
        return str(self.inputs["rootNodeId"])

    @property
    def running(self) -> list[str]:
        return nodes_that_run(self.inputs)

    @property
    def dry(self) -> list[str]:
        return list(self.inputs.get("excludeNodeIds") or [])

    @property
    def declared(self) -> list[str]:
        """The nodes that have instances, those that are dry-run included."""
        return [*self.running, *self.dry]

    def schedule(self, node: str) -> Schedule | None:
        return schedule_of(self.nodes[node].cron)

    def told(self, nodes: Iterable[str]) -> str:
        """Names nodes, as ``74324 (ods_trade_order_di)``."""
        named = [self.nodes.get(node) or Node(node, node) for node in nodes]
        return tell_nodes(named)


def findings_of(inputs: Mapping[str, Any], facts: Facts, now: datetime) -> Findings:
    """Finds what is wrong with inputs in normal form, all of them known.

    :param now: UTC.
    """
    found = Findings()
    case = _Case(inputs, facts.nodes or {}, business_dates(inputs), _window(inputs))
    found.warnings += _root_left_out(case)
    found.warnings += _in_the_future(case, now)
    if facts.nodes is None:
        return found
    found.errors += _missing(case, facts.project_id)
    if found.errors:
        return found
    found.errors += [*_paused(case), *_empty_window(case)]
    found.warnings += [*_dry_by_schedule(case), *_off_cycle(case), *_outside_window(case)]
    found.warnings += [*_hourly(case), *_unreadable(case)]
    if facts.lineage is not None:
        found.errors += _unrelated(case, facts.lineage)
        found.warnings += _lineage_warnings(case, facts.lineage)
    found.instances = _count(case)
    found.reruns += [text for one in facts.earlier or () if (text := _earlier(case, one))]
    return found


def describe(inputs: Mapping[str, Any], facts: Facts, found: Findings) -> str:
    """Says what would run: dates, nodes with their owners and schedules, instances."""
    summary = (plan_of(inputs) or {}).get("summary", "")
    nodes = facts.nodes or {}
    total = "" if found.instances is None else f" = {count_of(found.instances, 'instance')}"
    dry = inputs.get("excludeNodeIds") or []
    chosen = [*nodes_that_run(inputs), *dry]
    lines = [f"{summary}{total}"]
    for node_id in chosen[:_MOST_LISTED]:
        node = nodes[node_id]
        owner = f", owner {node.owner}" if node.owner else ""
        marked = ", dry-run" if node_id in dry else ""
        lines.append(f"  {node.id}  {node.name}{owner}, {tell_schedule(node)}{marked}")
    if len(chosen) > _MOST_LISTED:
        lines.append(f"  and {len(chosen) - _MOST_LISTED} more")
    return "\n".join(lines)


def tell_nodes(nodes: Sequence[Node]) -> str:
    """Names nodes, as ``74324 (ods_trade_order_di)``, the first of them where there are many."""
    texts = [f"{node.id} ({node.name})" if node.name != node.id else node.id for node in nodes]
    more = len(texts) - _MOST_LISTED
    return ", ".join(texts[:_MOST_LISTED]) + (f" and {more} more" if more > 0 else "")


def tell_schedule(node: Node) -> str:
    """Says when a node runs, as ``daily at 00:30``."""
    schedule = schedule_of(node.cron)
    if schedule is None:
        return f"schedule {node.cron or 'none'}"
    days = "daily" if schedule.days == ("*", "*", "*") else f"days {' '.join(schedule.days)}"
    if schedule.is_hourly:
        return f"{days}, {len(schedule.times)} times from {schedule.times[0]:%H:%M}"
    return f"{days} at {schedule.times[0]:%H:%M}"


def _window(inputs: Mapping[str, Any]) -> Window | None:
    if "bizBeginTime" not in inputs or "bizEndTime" not in inputs:
        return None
    return Window(
        time.fromisoformat(inputs["bizBeginTime"]), time.fromisoformat(inputs["bizEndTime"])
    )


def _missing(case: _Case, project_id: str) -> Iterator[Problem]:
    environment = case.inputs["projectEnv"]
    where = f"{environment} of workspace {project_id}" if project_id else str(environment)
    places = {
        "rootNodeId": [case.root],
        "includeNodeIds": case.inputs["includeNodeIds"],
        "excludeNodeIds": case.dry,
    }
    told: set[str] = set()
    for name, nodes in places.items():
        gone = [node for node in nodes if node not in case.nodes and node not in told]
        told.update(gone)
        if gone:
            verb = "does" if len(gone) == 1 else "do"
            nodes_word = "node" if len(gone) == 1 else "nodes"
            yield Problem(
                name, f"names {nodes_word} {', '.join(gone)}, which {verb} not exist in {where}"
            )


def _root_left_out(case: _Case) -> Iterator[str]:
    if case.root not in case.inputs["includeNodeIds"] and case.root not in case.dry:
        yield f"the root node {case.told([case.root])} is not included, so it is not run"


def _in_the_future(case: _Case, now: datetime) -> Iterator[str]:
    today = now.astimezone(_CHINA).date()
    ahead = [day for day in case.dates if day >= today]
    if ahead:
        at_once = case.inputs.get("startFutureInstanceImmediately")
        what = "run at once, before their data is there" if at_once else "wait for that day"
        some = _some_dates(ahead, case.dates)
        yield f"{some} scheduled after today, {today} (+08:00); their instances {what}"


def _paused(case: _Case) -> Iterator[Problem]:
    paused = [node for node in case.running if case.nodes[node].kind == "PAUSE"]
    if paused:
        yield Problem(
            "includeNodeIds",
            f"names paused nodes, whose instances fail when they are scheduled: "
            f"{case.told(paused)}. Leave them out, or exclude them: that makes them dry-runs",
        )


def _dry_by_schedule(case: _Case) -> Iterator[str]:
    skipped = [node for node in case.running if case.nodes[node].kind == "SKIP"]
    if skipped:
        yield f"set to dry-run in DataWorks, SUCCESS without running: {case.told(skipped)}"


def _off_cycle(case: _Case) -> Iterator[str]:
    for node in case.running:
        schedule = case.schedule(node)
        off = schedule.off_cycle(case.dates) if schedule else []
        if off:
            yield (
                f"{case.told([node])} runs on {len(case.dates) - len(off)} of "
                f"{count_of(len(case.dates), 'date')} only; on {_dates_in_words(off)} it is off "
                "its cycle, a dry-run: SUCCESS without running"
            )


def _empty_window(case: _Case) -> Iterator[Problem]:
    """Without an instance of the root, or of anything, DataWorks refuses the launch."""
    if case.window is None:
        return
    known = {node: schedule for node in case.declared if (schedule := case.schedule(node))}
    without = [node for node, one in known.items() if not one.within(case.window)]
    root_asked = case.root in without and case.root in case.inputs["includeNodeIds"]
    if root_asked or (without and len(without) == len(case.declared)):
        node = case.root if case.root in without else without[0]
        times = known[node].times
        yield Problem(
            "bizBeginTime",
            f"to bizEndTime {case.window.end} holds no instance of {case.told([node])}, which "
            f"runs {len(times)} times from {times[0]:%H:%M} to {times[-1]:%H:%M}",
        )


def _outside_window(case: _Case) -> Iterator[str]:
    if case.window is None:
        return
    for node in case.running:
        schedule = case.schedule(node)
        if schedule and not schedule.within(case.window) and node != case.root:
            yield (
                f"{case.told([node])} has no instance from {case.window.begin} to "
                f"{case.window.end}, so it does not run"
            )


def _hourly(case: _Case) -> Iterator[str]:
    if case.window is not None:
        return
    for node in case.running:
        schedule = case.schedule(node)
        if schedule and schedule.is_hourly:
            yield (
                f"{case.told([node])} runs {len(schedule.times)} times a day, and all of them "
                "are run: bizBeginTime and bizEndTime choose among them"
            )


def _unreadable(case: _Case) -> Iterator[str]:
    for node in case.declared:
        if case.schedule(node) is None:
            cron = case.nodes[node].cron
            why = f"its schedule can't be read ({cron})" if cron else "it has no schedule"
            yield f"{case.told([node])}: {why}, so that its instances are not counted"


def _unrelated(case: _Case, lineage: Lineage) -> Iterator[Problem]:
    included = [node for node in lineage.unrelated if node in case.running]
    if included:
        yield Problem(
            "includeNodeIds",
            f"names {case.told(included)}, not below the root {case.told([case.root])}",
        )


def _lineage_warnings(case: _Case, lineage: Lineage) -> Iterator[str]:
    excluded = [node for node in lineage.unrelated if node in case.dry]
    if excluded:
        yield (
            f"excluded, and not below the root {case.told([case.root])} anyhow: "
            f"{case.told(excluded)}"
        )
    if lineage.between:
        yield (
            f"left out in the middle of a chain: {tell_nodes(lineage.between)}. "
            f"{case.told(lineage.fed)} would compute on what they wrote before. Include them, or "
            "exclude them to say that this is meant"
        )
    if not lineage.complete:
        yield "there is too much above these nodes to check all that they depend on"


def _count(case: _Case) -> int | None:
    schedules = [case.schedule(node) for node in case.declared]
    known = [schedule for schedule in schedules if schedule is not None]
    if len(known) < len(schedules):
        return None
    return len(case.dates) * sum(len(schedule.within(case.window)) for schedule in known)


def _earlier(case: _Case, earlier: EarlierBackfill) -> str | None:
    """Tells of a backfill that runs, or has run, what is to run now."""
    status_of: dict[str, set[str]] = {}
    for one in earlier.instances:
        if _is_within(case, one):
            status_of.setdefault(one.biz_date, set()).add(one.status)
    wanted = {day.isoformat() for day in case.dates}
    dates = {day: statuses for day, statuses in status_of.items() if day in wanted}
    under_way = [day for day, statuses in dates.items() if not statuses <= {*_ENDED}]
    done = [day for day, statuses in dates.items() if statuses == {"SUCCESS"}]
    node = case.told([earlier.instances[0].node_id])
    at = earlier.created.astimezone(_CHINA) if earlier.created else None
    made = f", made {at:%Y-%m-%d %H:%M} (+08:00)," if at else ""
    name = f"the backfill {earlier.name or 'without a name'}{made}"
    total = count_of(len(case.dates), "date")
    if under_way:
        return f"{name} runs now, with {node} on {len(under_way)} of {total}"
    if done:
        return f"{name} has run {node} already, with success on {len(done)} of {total}"
    return None


def _is_within(case: _Case, instance: Instance) -> bool:
    schedule = case.schedule(instance.node_id) if instance.node_id in case.nodes else None
    if case.window is None or instance.scheduled is None or not (schedule and schedule.is_hourly):
        return True
    at = instance.scheduled.astimezone(_CHINA).time()
    return case.window.begin <= at <= case.window.end


def _some_dates(some: Sequence[date], of: Sequence[date]) -> str:
    verb = "is" if len(some) == 1 else "are"
    return f"{len(some)} of {count_of(len(of), 'date')} {verb}"


def _dates_in_words(dates: Sequence[date]) -> str:
    if len(dates) > 3:
        return f"{len(dates)} dates, {dates[0]} the first,"
    return ", ".join(day.isoformat() for day in dates)
