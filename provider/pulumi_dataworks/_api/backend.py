"""What the providers need of a version of the API, and the values it answers with."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from .._exceptions import DataWorksError
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
    """A backfill as the API shows it now."""

    name: str
    kind: str
    project_id: str
    launched: Launched


class Backend(Protocol):
    """A version of the API. Another version is another file with a class like this.

    A generation says what it is about: the launch's Name and birth, environment, nodes and dates.
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
        """Looks at the backfill that these IDs, or this one, belong to."""

    def stop(self, generation: Generation, launched: Launched) -> tuple[int, int]:
        """Stops what has not ended; gives how many were stopped, and how many had ended."""

    def ran_nodes(self, generation: Generation, seen: Seen) -> set[str]:
        """Gives the nodes that a backfill has instances of."""
