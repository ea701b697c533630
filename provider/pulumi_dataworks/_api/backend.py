"""What the providers need of a version of the API, and the values it answers with."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from .._exceptions import ApiError, DataWorksError
from .._launch.generations import Generation


class IncompleteSearch(DataWorksError):
    """A listing could not be read to its end, so that "not found" proves nothing."""


@dataclass(frozen=True)
class Launched:
    """A backfill that DataWorks has: the IDs of its DAGs, one per business date, sorted.

    ``statuses`` maps a business date, ``YYYY-MM-DD``, to CREATED, RUNNING, SUCCESS or FAILURE.
    ``parked`` says that it was prepared and has not been started: nothing of it has run.
    """

    ids: list[str]
    request_id: str | None = None
    statuses: Mapping[str, str] = field(default_factory=dict)
    parked: bool = False


@dataclass(frozen=True)
class Seen:
    """A backfill as the API shows it now. ``environment`` is PROD or DEV."""

    name: str
    kind: str
    project_id: str
    environment: str
    launched: Launched


@dataclass(frozen=True)
class Handle:
    """How a backfill is asked for. ``key`` means something to the version alone that made it."""

    key: str
    name: str
    project_id: str
    environment: str


@dataclass(frozen=True)
class Dag:
    """One business date, ``YYYY-MM-DD``, of a backfill. Times are UTC, None where it has none.

    ``status`` is CREATED, RUNNING, SUCCESS or FAILURE.
    """

    id: str
    biz_date: str
    status: str
    started: datetime | None = None
    finished: datetime | None = None


@dataclass(frozen=True)
class Instance:
    """One run of a node for a business date. Times are UTC, None where it has none.

    ``status`` is one of the API's words of 2020: NOT_RUN, WAIT_TIME, WAIT_RESOURCE, RUNNING,
    CHECKING, CHECKING_CONDITION, WAIT_TRIGGER, SUCCESS, FAILURE. ``task_type`` is NORMAL, PAUSE,
    SKIP or another. ``scheduled`` is when it is due; ``waits_since`` when its present wait, for
    time or for a resource, began. ``reruns`` counts its attempts before the present one.
    """

    id: str
    node_id: str
    node_name: str
    dag_id: str
    biz_date: str
    status: str
    task_type: str = "NORMAL"
    scheduled: datetime | None = None
    waits_since: datetime | None = None
    finished: datetime | None = None
    created: datetime | None = None
    reruns: int = 0


@dataclass(frozen=True)
class Node:
    """A scheduled node. ``cron`` means the day after the business date; it may be empty.

    ``kind`` is NORMAL, PAUSE (instances fail when they are scheduled) or SKIP (dry-runs).
    """

    id: str
    name: str
    owner: str = ""
    cron: str = ""
    kind: str = "NORMAL"
    project_id: str = ""


@dataclass(frozen=True)
class Neighbour:
    """A node next to another one. ``same_cycle`` is False where it is another day's instance."""

    node: Node
    same_cycle: bool = True


Control = Literal["stop", "restart", "suspend", "resume", "set_success"]


class Backend(Protocol):
    """A version of the API. Another version is another file with a class like this.

    A generation says what it is about: the launch's Name and birth, environment, nodes and dates.
    All raise `DataWorksError` where the API cannot be asked, or says no.
    """

    def launch(self, generation: Generation, inputs: Mapping[str, Any]) -> Launched:
        """Sends a launch, once. Whatever a successful reply holds, this does not raise.

        What `find` found parked is started; nothing is prepared beside it.
        """

    def find(self, generation: Generation, others: Collection[str] = ()) -> Launched | None:
        """Looks for a launch by Name and birth; None where complete listings do not have it.

        :param others: IDs of launches that are not this one, whatever their Name.
        :raises IncompleteSearch: where they cannot be read to their end.
        """

    def look(self, generation: Generation, ids: Sequence[str]) -> Seen:
        """Looks at the backfill of a generation, of which these IDs, or this one, are known."""

    def look_around(self, generation: Generation, dag_id: str) -> Seen:
        """Looks at the backfill that a DAG belongs to, which may be of other dates."""

    def stop(self, generation: Generation, launched: Launched) -> tuple[int, int]:
        """Stops what has not ended; gives how many were stopped, and how many had ended."""

    def ran_nodes(self, generation: Generation, seen: Seen) -> set[str]:
        """Gives the nodes that a backfill has instances of."""

    def handle(self, generation: Generation, ids: Sequence[str]) -> Handle:
        """Finds the backfill that these IDs, or this one, belong to, to follow it. One call."""

    def dags(self, handle: Handle) -> list[Dag]:
        """Lists a backfill's DAGs, in the order of their dates. One call, however many."""

    def instances(self, handle: Handle, dag_id: str) -> Iterator[Instance]:
        """Lists the instances of a DAG. One call for each hundred.

        :raises IncompleteSearch: the listing cannot be read to its end.
        """

    def log(self, handle: Handle, instance_id: str) -> str:
        """Gives the log of an instance's present attempt."""

    def control(self, handle: Handle, action: Control, instance_id: str) -> None:
        """Stops, restarts, suspends or resumes an instance, or sets its success. One call.

        :raises Refused: its status does not allow that.
        """


def is_gone(error: ApiError) -> bool:
    """Tells that DataWorks has no such backfill, from that it refuses to say."""
    refused = error.http_status in (401, 403) or "auth" in error.code.lower()
    return not refused and not error.code.startswith(
        ("Invalid", "Missing", "Signature", "Forbidden")
    )


class Workspace(Protocol):
    """What a version of the API tells of the nodes of a workspace, and of their backfills.

    All raise `DataWorksError` where the API cannot be asked, or says no.
    """

    @property
    def project_id(self) -> str | None:
        """The workspace's ID, None where nodes tell it."""

    def nodes(self, environment: str, project_id: str, name: str | None = None) -> list[Node]:
        """Lists the nodes of an environment, or those with a text in their name.

        One call for each hundred. At 10,000 nodes the list is cut.
        """

    def node(self, environment: str, node_id: str) -> Node | None:
        """Gives one node; None where the environment has none of that ID. One call."""

    def parents(self, environment: str, node_id: str) -> list[Neighbour]:
        """Gives the nodes directly above a node. One call."""

    def children(self, environment: str, node_id: str) -> list[Neighbour]:
        """Gives the nodes directly below a node. One call."""

    def backfilled(
        self, environment: str, project_id: str, node_id: str, first: str, last: str
    ) -> list[Instance]:
        """Lists instances that backfills made of a node, newest first: some hundreds at most.

        :param first, last: business dates, ``YYYY-MM-DD``, both included.
        """

    def name_of(self, environment: str, dag_id: str) -> str:
        """Gives the Name of the backfill that a DAG belongs to. One call."""
