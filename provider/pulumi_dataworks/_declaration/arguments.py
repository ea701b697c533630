"""The inputs of the resources, typed for those who write programs."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from typing_extensions import Required, TypedDict

NodeId = int | str
Date = str | datetime.date
Time = str | datetime.time
NodeParams = str | Mapping[str, pulumi.Input[str | int | float]]
# Keys are node IDs, int or str. A Mapping is invariant in its key, so a union would refuse dicts.
ParamsByNode = Mapping[Any, pulumi.Input[NodeParams]]


class BizDates(TypedDict):
    """A range of business dates, both ends included."""

    start_biz_date: pulumi.Input[Date]
    end_biz_date: pulumi.Input[Date]


class BackfillSeriesArgsDict(TypedDict, total=False):
    """The inputs that the backfills of a series have in common, as a dict.

    A change of what runs is a new launch; a change of how it runs holds for the next launch.
    Every input may be an Output of another resource.
    """

    project_env: Required[pulumi.Input[str]]
    """What runs: ``PROD`` or ``DEV``."""

    root_node_id: Required[pulumi.Input[NodeId]]
    """What runs: the node that the backfill starts from. 64 bits, as an int or digits."""

    include_node_ids: pulumi.Input[Sequence[pulumi.Input[NodeId]] | str]
    """What runs: the nodes to run, the root among them. Default: the root alone."""

    exclude_node_ids: pulumi.Input[Sequence[pulumi.Input[NodeId]] | str]
    """What runs: nodes to dry-run: they turn SUCCESS without running."""

    biz_begin_time: pulumi.Input[Time]
    """What runs: of hourly nodes, the first time of day, ``HH:MM[:SS]``, +08:00."""

    biz_end_time: pulumi.Input[Time]
    """What runs: of hourly nodes, the last time of day, after the first, at most ``23:59:59``."""

    node_params: pulumi.Input[ParamsByNode]
    """What runs: parameters by node ID, for nodes that are included. No white space in a value."""

    triggers: pulumi.Input[Sequence[Any]]
    """What runs: any values; a changed one launches again. Adding or removing them does not."""

    parallelism: pulumi.Input[bool]
    """How it runs: whether dates run side by side. Default: False, one after the other."""

    concurrent_runs: pulumi.Input[int]
    """How it runs: groups of dates side by side, 2 to 10, with parallelism. Default: DataWorks'."""

    start_future_instance_immediately: pulumi.Input[bool]
    """How it runs: whether instances of the future start at once. Default: DataWorks'."""

    alert_type: pulumi.Input[str]
    """How it runs: when to alert: ``SUCCESS``, ``FAILURE``, ``SUCCESS_FAILURE``."""

    alert_notice_type: pulumi.Input[str]
    """How it runs: how to alert: ``SMS``, ``MAIL``, ``SMS_MAIL``; with an alert type."""

    name_prefix: pulumi.Input[str]
    """Local: what a made Name begins with, at most 115 characters. Default: the resource's name."""

    on_destroy: pulumi.Input[str]
    """Local: what happens when the resource is destroyed: ``leave`` (default) or ``stop``."""

    reason: pulumi.Input[str]
    """Local: why it is run, for those who review it. Version 2024-05-18 gets it as a comment."""

    api_version: pulumi.Input[str]
    """Local: ``2020-05-18`` or ``2024-05-18`` of the API. Default: the stack's, else 2020-05-18."""

    mode: pulumi.Input[str]
    """What runs: how nodes are chosen. ``ManualSelection`` (default) and ``General``: those that
    are included; ``AllDownstream``: the root and all below it; ``Chain``: all on the way from the
    root to the other node that is included. Version 2024-05-18."""

    order: pulumi.Input[str]
    """How it runs: by date, ``Asc`` (DataWorks' default) or ``Desc``. Version 2024-05-18."""

    priority: pulumi.Input[int]
    """How it runs: 1 to 11, the highest. Version 2024-05-18, whose documents say that it is heeded
    for manually triggered and event-triggered workflows only."""

    tags: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    """How it runs: tags of its workflow instances, by key. Version 2024-05-18."""


class BackfillArgsDict(BackfillSeriesArgsDict, total=False):
    """The inputs of a backfill, as a dict: those of RunCycleDagNodes, and a few of our own.

    With those below come all of `BackfillSeriesArgsDict`.
    """

    start_biz_date: Required[pulumi.Input[Date]]
    """What runs: the first business date, ``YYYY-MM-DD``; scheduled on the day after, +08:00."""

    end_biz_date: Required[pulumi.Input[Date]]
    """What runs: the last business date, itself included."""

    name: pulumi.Input[str]
    """What runs: the backfill's Name, sent as it is, at most 128 characters. Default: made."""

    adopt_dag_id: pulumi.Input[NodeId]
    """Local: the ID of a backfill launched elsewhere, taken over instead of a launch."""

    biz_dates: pulumi.Input[Sequence[pulumi.Input[BizDates | Mapping[str, Any]]]]
    """What runs: of the dates from first to last these, at most 7 ranges. Version 2024-05-18."""


@dataclass(kw_only=True)
class BackfillArgs:
    """The inputs of a backfill, as an object; each is explained at `BackfillArgsDict`."""

    project_env: pulumi.Input[str]
    root_node_id: pulumi.Input[NodeId]
    start_biz_date: pulumi.Input[Date]
    end_biz_date: pulumi.Input[Date]
    include_node_ids: pulumi.Input[Sequence[pulumi.Input[NodeId]] | str] | None = None
    exclude_node_ids: pulumi.Input[Sequence[pulumi.Input[NodeId]] | str] | None = None
    biz_begin_time: pulumi.Input[Time] | None = None
    biz_end_time: pulumi.Input[Time] | None = None
    node_params: pulumi.Input[ParamsByNode] | None = None
    name: pulumi.Input[str] | None = None
    triggers: pulumi.Input[Sequence[Any]] | None = None
    parallelism: pulumi.Input[bool] | None = None
    concurrent_runs: pulumi.Input[int] | None = None
    start_future_instance_immediately: pulumi.Input[bool] | None = None
    alert_type: pulumi.Input[str] | None = None
    alert_notice_type: pulumi.Input[str] | None = None
    name_prefix: pulumi.Input[str] | None = None
    on_destroy: pulumi.Input[str] | None = None
    reason: pulumi.Input[str] | None = None
    adopt_dag_id: pulumi.Input[NodeId] | None = None
    api_version: pulumi.Input[str] | None = None
    biz_dates: pulumi.Input[Sequence[pulumi.Input[BizDates | Mapping[str, Any]]]] | None = None
    mode: pulumi.Input[str] | None = None
    order: pulumi.Input[str] | None = None
    priority: pulumi.Input[int] | None = None
    tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None
