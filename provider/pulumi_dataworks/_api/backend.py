"""What the providers need of a version of the API, and the values it answers with."""

from __future__ import annotations

from collections.abc import Collection, Mapping
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
    """

    ids: list[str]
    request_id: str | None = None
    statuses: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Seen:
    """A backfill as the API shows it now."""

    name: str
    kind: str
    project_id: str
    launched: Launched


class Backend(Protocol):
    """A version of the API. Another version is another file with a class like this."""

    def launch(self, inputs: Mapping[str, Any], launch_name: str) -> Launched:
        """Sends a launch, once. Whatever a successful reply holds, this does not raise."""

    def find(self, generation: Generation, others: Collection[str] = ()) -> Launched | None:
        """Looks for a launch by Name and birth; None where complete listings do not have it.

        :param others: IDs of launches that are not this one, whatever their Name.
        :raises IncompleteSearch: where they cannot be read to their end.
        """

    def look(self, launch_id: str, environment: str) -> Seen:
        """Looks at the backfill that one of its IDs belongs to."""

    def stop(self, launched: Launched, environment: str) -> tuple[int, int]:
        """Stops what has not ended; gives how many were stopped, and how many had ended."""

    def ran_nodes(self, seen: Seen, environment: str) -> set[str]:
        """Gives the nodes that a backfill has instances of."""
