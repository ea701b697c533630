"""What the providers of one process work with: the settings, the API, the memory."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from . import _engine
from ._api.backend import Backend
from ._api.client import Client
from ._api.credentials import find_credentials
from ._api.settings import Settings, load_settings
from ._api.v2020 import Api2020
from ._launch.generations import FIRST_VERSION
from ._launch.process import PROCESS, Process
from ._launch.protocol import Launcher, Place


@dataclass
class Run:
    """One provider process on one configuration. Threads share it."""

    config: Mapping[str, str]
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    process: Process = field(default_factory=lambda: PROCESS)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._apis: dict[str, Backend] = {}

    def settings(self) -> Settings:
        """Reads the settings.

        :raises SettingsError: naming everything that is wrong with them.
        """
        return load_settings(self.config, self.environment)

    def api(self, version: str = FIRST_VERSION) -> Backend:
        """Gives a version of the API, with credentials; made once.

        :raises CredentialsNotFound: no source has any.
        """
        with self._lock:
            if version not in self._apis:
                settings = self.settings()
                credentials = find_credentials(self.config, self.environment)
                bucket = self.process.bucket(settings.endpoint, settings.max_qps)
                client = Client(settings, credentials, wait_turn=bucket.take)
                self._apis[version] = Api2020(client, settings.project_id)
            return self._apis[version]

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
