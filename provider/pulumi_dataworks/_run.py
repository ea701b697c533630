"""What the providers of one process work with: the settings, the client, the memory."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from . import _api_2020, _engine, _instances_2020
from ._api_2020 import Launched
from ._client import Client
from ._credentials import find_credentials
from ._generations import Generation
from ._launch import Launcher, Place
from ._process import PROCESS, Process
from ._settings import Settings, load_settings


class Api(Protocol):
    """What the providers need of a version of the API."""

    def launch(self, inputs: Mapping[str, Any], launch_name: str) -> Launched:
        """Sends a launch, once."""

    def find(self, generation: Generation) -> Launched | None:
        """Looks for a launch; None where complete listings do not have it."""

    def look(self, launch_id: str, environment: str) -> Seen:
        """Looks at the backfill that one of its IDs belongs to."""

    def stop(self, seen: Launched, environment: str) -> tuple[int, int]:
        """Stops what has not ended; gives how many were stopped, and how many had ended."""

    def ran_nodes(self, seen: Seen, environment: str) -> set[str]:
        """Gives the nodes that a backfill has instances of."""


@dataclass(frozen=True)
class Seen:
    """A backfill as the API shows it now."""

    name: str
    kind: str
    project_id: str
    launched: Launched


@dataclass(frozen=True)
class Api2020:
    """Version 2020-05-18 of the API."""

    client: Client
    project_id: str | None

    def launch(self, inputs: Mapping[str, Any], launch_name: str) -> Launched:
        """Calls RunCycleDagNodes, once."""
        return _api_2020.launch(self.client, inputs, launch_name)

    def find(self, generation: Generation) -> Launched | None:
        """Looks for the launch of a generation through the instances of its nodes."""
        return _api_2020.find(
            self.client, generation.launch_name, generation.born, generation.runs, self.project_id
        )

    def look(self, launch_id: str, environment: str) -> Seen:
        """Calls GetDag and ListDags."""
        dag = _api_2020.get_dag(self.client, launch_id, environment)
        return Seen(
            name=str(dag.get("Name", "")),
            kind=str(_instances_2020.plain_word(dag.get("Type", ""))),
            project_id=str(dag.get("ProjectId", self.project_id or "")),
            launched=_api_2020.whole(self.client, dag, environment),
        )

    def stop(self, seen: Launched, environment: str) -> tuple[int, int]:
        """Stops the instances of a backfill that have not ended."""
        project = self.look(seen.ids[0], environment).project_id
        return _instances_2020.stop_backfill(self.client, environment, project, seen.ids)

    def ran_nodes(self, seen: Seen, environment: str) -> set[str]:
        """Lists the instances of one of a backfill's DAGs: each has the same nodes."""
        dag_id = seen.launched.ids[0]
        rows = _instances_2020.instances_of(self.client, environment, seen.project_id, dag_id)
        return {str(row.get("NodeId")) for row in rows}


@dataclass
class Run:
    """One provider process on one configuration. Threads share it."""

    config: Mapping[str, str]
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    process: Process = field(default_factory=lambda: PROCESS)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._api: Api | None = None

    def settings(self) -> Settings:
        """Reads the settings.

        :raises SettingsError: naming everything that is wrong with them.
        """
        return load_settings(self.config, self.environment)

    def api(self) -> Api:
        """Gives the API, with credentials; made once.

        :raises CredentialsNotFound: no source has any.
        """
        with self._lock:
            if self._api is None:
                settings = self.settings()
                credentials = find_credentials(self.config, self.environment)
                self._api = Api2020(Client(settings, credentials), settings.project_id)
            return self._api

    def launcher(self) -> Launcher:
        """Gives the launch protocol for this place."""
        settings = self.settings()
        return Launcher(
            api=self.api(),
            process=self.process,
            place=Place(settings.region, settings.endpoint),
            settle_window=settings.settle_window,
            assert_wanted=_engine.assert_launch_is_wanted,
            tell=_engine.tell,
        )
