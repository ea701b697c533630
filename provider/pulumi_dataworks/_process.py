"""What the provider's process remembers, and the world it lives in.

A provider process lives for one run of the engine. It knows which tokens it has minted itself,
and when it last sent a launch: that is what makes a launch without a look-up safe.
"""

from __future__ import annotations

import random
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from ._signing import utc_now


_RETRY_QUOTA = 500
_RETRY_PRICE = 5


@dataclass
class World:
    """Clock, sleep and randomness, injected so that tests never wait. Times are seconds."""

    now: Callable[[], datetime] = utc_now
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random
    random_hex: Callable[[int], str] = secrets.token_hex


@dataclass
class Process:
    """The memory of one provider process."""

    world: World = field(default_factory=World)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._started = self.world.monotonic()
        self._fresh: set[str] = set()
        self._last_sent: dict[str, float] = {}
        self._quota = _RETRY_QUOTA

    def minted(self, token: str) -> None:
        """Remembers that this process has minted a token, and has not sent its launch yet."""
        with self._lock:
            self._fresh.add(token)

    def take_fresh(self, token: str) -> bool:
        """Tells whether a token is fresh, and makes it stale: the engine may call create again."""
        with self._lock:
            fresh = token in self._fresh
            self._fresh.discard(token)
            return fresh

    def sending(self, token: str) -> None:
        """Remembers when the launch of a token was last sent."""
        with self._lock:
            self._last_sent[token] = self.world.monotonic()

    def quiet_for(self, token: str) -> float:
        """Gives the seconds since anything could have sent this token's launch.

        Before this process began, an earlier one may have sent it.
        """
        with self._lock:
            since = max(self._started, self._last_sent.get(token, self._started))
        return self.world.monotonic() - since

    def may_retry(self) -> bool:
        """Takes the price of a retry from the quota that all launches of this process share.

        As in botocore: it is filled again by successes, so that many backfills do not hammer an
        endpoint that is sick.
        """
        with self._lock:
            if self._quota < _RETRY_PRICE:
                return False
            self._quota -= _RETRY_PRICE
            return True

    def succeeded(self) -> None:
        """Gives a little of the quota back."""
        with self._lock:
            self._quota = min(self._quota + 1, _RETRY_QUOTA)
