"""The log of calls: one JSON object a line, for those who have to find out what was called when.

A line has ``time`` (ISO 8601, UTC), ``action``, ``version``, ``ms`` (to the reply's last byte),
``attempt`` (2 for the first repetition of the same call), ``status`` (HTTP; null without a reply),
``code`` (of the API's error), ``error`` (this package's, if any) and ``requestId``. It has no
parameters, hence no secrets.
"""

from __future__ import annotations

import json
import logging
import threading
from collections import Counter
from collections.abc import Callable, Hashable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._exceptions import ApiError, DataWorksError

if TYPE_CHECKING:
    from collections.abc import Iterator

LOGGER = logging.getLogger("pulumi_dataworks.api")


@dataclass
class Line:
    """What becomes known of a call while it is made."""

    status: int | None = None
    request_id: str | None = None


@dataclass
class CallLog:
    """Writes to the logger ``pulumi_dataworks.api``, at debug level, and to a file if set."""

    path: Path | None
    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    _attempts: Counter[Hashable] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def call(self, action: str, version: str, identity: Hashable) -> Iterator[Line]:
        """Times what is done within, and writes its line, however it ends.

        :param identity: tells a repetition of the same call from another call.
        """
        line, started, time = Line(), self.monotonic(), self.now()
        with self._lock:
            self._attempts[identity] += 1
            attempt = self._attempts[identity]
        failure: DataWorksError | None = None
        try:
            yield line
        except DataWorksError as error:
            failure = error
            raise
        finally:
            if failure is None:
                with self._lock:
                    self._attempts.pop(identity, None)
            self._write(
                {
                    "time": time.isoformat(timespec="milliseconds"),
                    "action": action,
                    "version": version,
                    "ms": round((self.monotonic() - started) * 1000, 1),
                    "attempt": attempt,
                    "status": line.status,
                    "code": failure.code if isinstance(failure, ApiError) else None,
                    "error": type(failure).__name__ if failure else None,
                    "requestId": line.request_id or getattr(failure, "request_id", None),
                }
            )

    def _write(self, values: dict[str, Any]) -> None:
        text = json.dumps(values)
        LOGGER.debug(text)
        if self.path is None:
            return
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(f"{text}\n")
        except OSError as error:  # a full disk must not lose a launch
            LOGGER.warning("dataworks:logFile cannot be written: %s", error)
