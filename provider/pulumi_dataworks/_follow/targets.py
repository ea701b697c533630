"""Which backfills are followed, and what was last seen of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from .._api.backend import Backend, Dag, Handle, Instance
from .._launch.generations import Generation

OPEN = "OPEN"
SUCCESS = "SUCCESS"
FAILURE = "FAILURE"
EXPIRED = "EXPIRED"
#: Values of up to so many characters are in any text, and tell nothing.
_TELLS_NOTHING = 3
_LATEST = datetime.max.replace(tzinfo=timezone.utc)
_AT_REST = frozenset({SUCCESS, FAILURE, "CREATED"})


@dataclass(frozen=True)
class Target:
    """A backfill to follow: the resource's ID, its launch, and the IDs of its DAGs, if known.

    ``hidden`` are secret values that a log may hold, and that must not be shown.
    """

    resource_id: str
    generation: Generation
    ids: tuple[str, ...]
    hidden: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Target:
        """Reads a target as it stands in Pulumi's state."""
        return cls(
            resource_id=str(state["id"]),
            generation=Generation.of_backfill(state),
            ids=tuple(map(str, state.get("nodeIds") or ())),
            hidden=_values(state.get("nodeParams") or {}),
        )


def _values(node_params: Mapping[str, Any]) -> tuple[str, ...]:
    maps = [of_node for of_node in node_params.values() if isinstance(of_node, Mapping)]
    values = {str(value) for of_node in maps for value in of_node.values()}
    return tuple(sorted(one for one in values if len(one) > _TELLS_NOTHING))


@dataclass(frozen=True)
class Listing:
    """The instances of a DAG, when they were listed (the watcher's clock), its status then."""

    instances: list[Instance]
    at: float
    status: str


@dataclass
class Followed:
    """A target, and what was last seen of it.

    ``dags`` stand in the order of their dates. ``listings`` are the newest of each DAG that was
    listed. ``end`` is SUCCESS, FAILURE or EXPIRED once it has ended, until then OPEN. ``at_rest``
    is what it looked like when first nothing moved in it; ``failures`` counts calls in a row.
    """

    target: Target
    api: Backend
    handle: Handle | None = None
    dags: list[Dag] = field(default_factory=list)
    listings: dict[str, Listing] = field(default_factory=dict)
    end: str = OPEN
    at_rest: list[Dag] | None = None
    failures: int = 0

    @property
    def name(self) -> str:
        """The backfill's Name in DataWorks, by which people know it."""
        return self.handle.name if self.handle else self.target.generation.launch_name

    def failed_instances(self) -> list[Instance]:
        """The instances that have failed, as far as they were listed; the earliest first."""
        every = (row for listing in self.listings.values() for row in listing.instances)
        failed = [row for row in every if row.status == FAILURE]
        return sorted(failed, key=lambda one: (one.finished or _LATEST, one.biz_date, one.id))

    def instances_of(self, dag_id: str) -> list[Instance]:
        """The instances of a DAG when it was last listed; empty if it never was."""
        listing = self.listings.get(dag_id)
        return listing.instances if listing else []


def state_of(dags: list[Dag]) -> str:
    """Gives SUCCESS or FAILURE where nothing moves any more, else OPEN.

    Behind a failure, dates of the same group stay CREATED: they will not begin.
    """
    statuses = {dag.status for dag in dags}
    if statuses == {SUCCESS}:
        return SUCCESS
    return FAILURE if FAILURE in statuses and statuses <= _AT_REST else OPEN
