"""The emulator inside a process: for tests."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from ._admin import Admin
from ._app import Application
from ._clock import Wall
from ._server import Server, address, listen
from ._store import Store
from ._workspace import SAMPLE, Workspace, load_workspace


class Emulator:
    """A DataWorks on a loopback port, served by a thread of this process.

    ::

        with Emulator() as emulator:
            client = Client(Config(endpoint=emulator.endpoint, protocol="http", ...))

    :param workspace: a workspace, or the path of a workspace file; the shipped sample if None.
    :param database: the path of an SQLite file, which outlives the emulator; memory if None.
    :param wall: real seconds since 1970 UTC, for tests that bring their own time.

    After the fault "exit" the server is gone as a killed process would be; ``start`` brings it
    back on the same port with the same database.
    """

    def __init__(
        self,
        workspace: Workspace | Path | str | None = None,
        database: Path | str | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        wall: Wall = time.time,
    ) -> None:
        loaded = workspace if isinstance(workspace, Workspace) else load_workspace(workspace)
        self._store = Store(database)
        self._application = Application(loaded, self._store, wall, self._vanish)
        self._host, self._port = host, port
        self._server: Server | None = None
        self._thread: threading.Thread | None = None
        self.workspace = loaded
        self.url = ""
        self.admin.workspace_file = (
            "" if isinstance(workspace, Workspace) else str(workspace or SAMPLE)
        )

    @property
    def admin(self) -> Admin:
        """Everything that the admin API can do."""
        return self._application.admin

    @property
    def endpoint(self) -> str:
        """Host and port, as the official SDK wants its endpoint."""
        return self.url.removeprefix("http://")

    def start(self) -> Emulator:
        """Starts to serve; returns itself."""
        if self._thread is not None:
            self.stop()
        opened = listen(self._host, self._port)
        self._port = opened.getsockname()[1]
        self.url = address(opened)
        ready = threading.Event()
        self._server = Server(self._application, ready.set)
        self._thread = threading.Thread(
            target=self._server.run, args=([opened],), name="dataworks-emulator", daemon=True
        )
        self._thread.start()
        if not ready.wait(10):
            raise RuntimeError("the emulator did not start within 10 seconds")
        return self

    def stop(self) -> None:
        """Stops to serve; the database keeps what it has."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join()
        self._server = self._thread = None

    def close(self) -> None:
        """Stops for good."""
        self.stop()
        self._store.close()

    def launches(self) -> list[dict[str, Any]]:
        """Every launch, oldest first."""
        return self.admin.launches()

    def requests(self) -> list[dict[str, Any]]:
        """Every call, oldest first."""
        return self.admin.requests()

    def reset(self) -> None:
        """Forgets everything but the workspace."""
        self.admin.reset()

    def __enter__(self) -> Emulator:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _vanish(self) -> None:
        if self._server is not None:
            self._server.should_exit = self._server.force_exit = True
