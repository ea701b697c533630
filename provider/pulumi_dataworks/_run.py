"""What the providers of one process work with: the settings, the API, the memory."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from . import _engine
from ._api.backend import Backend, Workspace
from ._api.settings import Settings, load_settings
from ._launch.process import PROCESS, Process
from ._launch.protocol import Launcher, Place
from ._preflight.program import Program
from ._preflight.survey import Survey

if TYPE_CHECKING:
    from ._api.client import Client


@dataclass
class Run:
    """One provider process on one configuration. Threads share it."""

    config: Mapping[str, str]
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    process: Process = field(default_factory=lambda: PROCESS)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._apis: dict[str, Backend] = {}
        self._client: Client | None = None
        self.survey = Survey(self.workspace, self.process.world.sleep)
        self.program = Program()

    def settings(self) -> Settings:
        """Reads the settings.

        :raises SettingsError: naming everything that is wrong with them.
        """
        return load_settings(self.config, self.environment)

    def api(self, version: str | None = None) -> Backend:
        """Gives a version of the API, with credentials; made once.

        :param version: that of a generation; None for the one that the stack is set to.
        :raises CredentialsNotFound: no source has any.
        """
        settings = self.settings()
        version = version or settings.api_version
        with self._lock:
            if version not in self._apis:
                self._apis[version] = self._make(version, settings)
            return self._apis[version]

    def workspace(self) -> Workspace:
        """Gives what tells of the workspace's nodes, with the same credentials.

        :raises CredentialsNotFound: no source has any.
        """
        from ._api.opening import open_workspace

        settings = self.settings()
        with self._lock:
            client = self._shared_client(settings)
        return open_workspace(settings.api_version, client, settings.project_id)

    def _make(self, version: str, settings: Settings) -> Backend:
        from ._api.opening import open_backend

        return open_backend(
            version,
            self._shared_client(settings),
            settings.project_id,
            assert_wanted=_engine.assert_launch_is_wanted,
            sleep=self.process.world.sleep,
            warn=_engine.warn,
        )

    def _shared_client(self, settings: Settings) -> Client:
        from ._api.opening import open_client

        if self._client is None:
            bucket = self.process.bucket(settings.endpoint, settings.max_qps)
            self._client = open_client(settings, self.config, self.environment, bucket)
        return self._client

    def launcher(self) -> Launcher:
        """Gives the launch protocol for this place."""
        settings = self.settings()
        self.api()
        return Launcher(
            api=lambda generation: self.api(generation.api_version),
            process=self.process,
            place=Place(settings.region, settings.endpoint),
            settle_window=settings.settle_window,
            assert_wanted=_engine.assert_launch_is_wanted,
            tell=_engine.tell,
        )
