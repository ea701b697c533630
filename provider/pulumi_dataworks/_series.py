"""A long range, or several, launched chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Literal

import pulumi
from pydantic_core import PydanticCustomError
from typing_extensions import Unpack

from ._completion import BackfillCompletion
from ._declaration.arguments import BackfillArgs, BackfillSeriesArgsDict, Date
from ._declaration.chunks import DateRange, cut
from ._declaration.dates import biz_date
from ._declaration.values import to_input
from ._exceptions import DeclarationError
from ._resources import Backfill

_OWN = ("start_biz_date", "end_biz_date", "biz_dates", "name", "adopt_dag_id")


class BackfillSeries(pulumi.ComponentResource):
    """Backfills of one range of business dates after the other, each waiting for those before.

    ::

        year = dataworks.BackfillSeries(
            "orders",
            ranges=[("2025-01-01", "2025-12-31")],
            chunk="month",
            project_env="PROD",
            root_node_id=74324,
        )

    The first chunk that fails stops the series; the next `pulumi up` goes on from there. Each chunk
    is a `Backfill` of its own, named after its dates, and launched once: a chunk added later
    launches only itself. So extend a series by another range, ``[..., ("2026-01-01",
    "2026-01-07")]``: a range that is made longer has a longer last chunk, which is launched anew.

    :param ranges: first and last business date of each, both included; they must not overlap.
    :param chunk: ``day``, ``week`` (from Monday), ``month`` (default), ``year``, a number of days,
        or None for a chunk each range.
    :param launch_order: ``ascending`` (default) or ``descending``: which dates come first.
    :param at_once: how many chunks may run side by side, at least 1 (default).
    :param timeout: how long to wait for each chunk, such as ``6h``; default ``24h``.
    :param on_failure: ``fail`` (default), or ``warn``: go on with the next chunk.
    :param rerun_failed: how often a failed instance is restarted, 0 (default) to 10.
    :param inputs: those of a `Backfill`, but for its dates, ``name`` and ``adopt_dag_id``.
    :raises DeclarationError: inputs that no engine needs to be asked about.
    """

    chunks: Mapping[str, Backfill]
    """The backfills, by their dates: ``2025-01-01-2025-01-31``, in the order of their launch."""

    completions: Mapping[str, BackfillCompletion]
    """What waits for each of them, by the same dates."""

    def __init__(
        self,
        resource_name: str,
        *,
        ranges: Sequence[tuple[Date, Date]],
        chunk: Literal["day", "week", "month", "year"] | int | None = "month",
        launch_order: Literal["ascending", "descending"] = "ascending",
        at_once: int = 1,
        timeout: pulumi.Input[str] | None = None,
        on_failure: pulumi.Input[str] | None = None,
        rerun_failed: pulumi.Input[int] | None = None,
        opts: pulumi.ResourceOptions | None = None,
        **inputs: Unpack[BackfillSeriesArgsDict],
    ) -> None:
        planned = _planned(resource_name, ranges, chunk, launch_order, at_once, inputs)
        super().__init__("dataworks:index:BackfillSeries", resource_name, None, opts)
        backfills: dict[str, Backfill] = {}
        completions: dict[str, BackfillCompletion] = {}
        done: list[BackfillCompletion] = []
        for dates in planned:
            before = done[len(done) - at_once :][:1] if len(done) >= at_once else []
            name = f"{resource_name}-{dates}"
            backfill = Backfill(
                name,
                BackfillArgs(**inputs, start_biz_date=dates.first, end_biz_date=dates.last),
                pulumi.ResourceOptions(parent=self, depends_on=before),
            )
            completion = BackfillCompletion(
                f"{name}-done",
                backfills=backfill,
                timeout=timeout,
                on_failure=on_failure,
                rerun_failed=rerun_failed,
                opts=pulumi.ResourceOptions(parent=self),
            )
            done.append(completion)
            backfills[str(dates)], completions[str(dates)] = backfill, completion
        self.chunks, self.completions = backfills, completions
        self.register_outputs({"nodeIds": self.node_ids})

    @property
    def node_ids(self) -> pulumi.Output[dict[str, list[str]]]:
        """The IDs that each chunk's launch returned, by the chunk's dates."""
        return pulumi.Output.all(**{dates: one.node_ids for dates, one in self.chunks.items()})


def _planned(
    resource_name: str,
    ranges: Sequence[tuple[Date, Date]],
    chunk: str | int | None,
    launch_order: str,
    at_once: int,
    inputs: Mapping[str, Any],
) -> list[DateRange]:
    problems = [f"{key} is not for a series" for key in _OWN if inputs.get(key) is not None]
    if launch_order not in ("ascending", "descending"):
        problems.append(f"launch_order must be ascending or descending; got {launch_order!r}")
    if isinstance(at_once, bool) or at_once < 1:
        problems.append(f"at_once must be a whole number, at least 1; got {at_once!r}")
    chunks: list[DateRange] = []
    try:
        chunks = cut([DateRange(*map(_date, one)) for one in _pairs(ranges)], chunk)
    except PydanticCustomError as error:
        problems.append(f"ranges: a date {error.message()}")
    except ValueError as error:
        problems.append(f"ranges: {error}" if "chunk must" not in str(error) else str(error))
    if problems:
        raise DeclarationError(f"series {resource_name!r}: {'; '.join(problems)}")
    return chunks if launch_order == "ascending" else chunks[::-1]


def _pairs(ranges: Any) -> Iterable[Any]:
    if not isinstance(ranges, Sequence) or isinstance(ranges, str) or not ranges:
        raise ValueError("must be a list of pairs, a first and a last business date each")
    for one in ranges:
        if not isinstance(one, Sequence) or isinstance(one, str) or len(one) != 2:
            raise ValueError(f"must be pairs, a first and a last business date; got {one!r}")
    return ranges


def _date(value: Any) -> date:
    return date.fromisoformat(biz_date(to_input("startBizDate", value)))
