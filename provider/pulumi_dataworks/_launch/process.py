"""What the provider's process remembers, and the world it lives in.

A provider process lives for one run of the engine. It knows which tokens it has minted itself,
and when it last sent a launch: that is what makes a launch without a look-up safe.
"""

from __future__ import annotations

import random
import secrets
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .._api.rate import TokenBucket
from .._clock import utc_now

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
        self._settled: set[str] = set()
        self._claimed: dict[str, list[str]] = {}
        self._inputs: dict[str, dict[str, Any]] = {}
        self._kept: set[str] = set()
        self._known_past: set[str] = set()
        self._last_sent: dict[str, float] = {}
        self._quota = _RETRY_QUOTA
        self._buckets: dict[tuple[str, float], TokenBucket] = {}
        self._waits = 0

    def bucket(self, endpoint: str, max_qps: float) -> TokenBucket:
        """Gives the bucket that all calls of this process to an endpoint share."""
        with self._lock:
            key = (endpoint, max_qps)
            if key not in self._buckets:
                world = self.world
                self._buckets[key] = TokenBucket(max_qps, world.monotonic, world.sleep)
            return self._buckets[key]

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Counts a wait for backfills while it lasts."""
        with self._lock:
            self._waits += 1
        try:
            yield
        finally:
            with self._lock:
                self._waits -= 1

    def share_of_a_wait(self, max_qps: float) -> float:
        """Divides calls a second among the waits that there are now."""
        with self._lock:
            return max_qps / max(self._waits, 1)

    def minted(self, token: str) -> None:
        """Remembers that this process has minted a token, and has not sent its launch yet."""
        with self._lock:
            self._fresh.add(token)

    def is_fresh(self, token: str) -> bool:
        """Tells whether this process has minted a token and not sent its launch yet."""
        with self._lock:
            return token in self._fresh

    def no_longer_fresh(self, token: str) -> None:
        """Remembers, before the first send, that a token was used: `create` may be called again."""
        with self._lock:
            self._fresh.discard(token)

    def settle(self, token: str) -> None:
        """Remembers a launch that is accounted for, in Pulumi's state or to the user."""
        with self._lock:
            self._settled.add(token)

    def claim(self, token: str, ids: Collection[str]) -> None:
        """Remembers which IDs the launch of a token has: no other launch has them."""
        if ids:
            with self._lock:
                self._claimed[token] = list(ids)

    def settled(self) -> frozenset[str]:
        """Gives the tokens of the launches that are settled."""
        with self._lock:
            return frozenset(self._settled)

    def ids_of(self, token: str) -> list[str]:
        """Gives the IDs of a token's launch, as far as they are known here."""
        with self._lock:
            return list(self._claimed.get(token, ()))

    def ids_of_others(self, token: str) -> frozenset[str]:
        """Gives the IDs of the launches that are known to be those of other tokens."""
        with self._lock:
            others = (ids for other, ids in self._claimed.items() if other != token)
            return frozenset(one for ids in others for one in ids)

    def remember_inputs(self, urn: str, inputs: Mapping[str, Any]) -> None:
        """Remembers the recorded inputs of a resource, where the engine tells which one it is."""
        if urn:
            with self._lock:
                self._inputs[urn] = dict(inputs)

    def remembered_inputs(self, urn: str) -> dict[str, Any]:
        """Gives the recorded inputs of a resource; empty where none were seen in this process."""
        with self._lock:
            return dict(self._inputs.get(urn, ()))

    def keep(self, *tokens: str) -> None:
        """Remembers launches that the program still declares."""
        with self._lock:
            self._kept.update(tokens)

    def is_kept(self, token: str) -> bool:
        """Tells whether the program still declares a launch."""
        with self._lock:
            return token in self._kept

    def look_back(self, token: str, lineage: Collection[str]) -> None:
        """Remembers whether it was known, when a launch was prepared, what came before it."""
        with self._lock:
            if not self._settled.isdisjoint(lineage):
                self._known_past.add(token)

    def knows_what_was(self, token: str) -> bool:
        """Tells whether it was known what came before a launch."""
        with self._lock:
            return token in self._known_past

    def sent(self, token: str) -> None:
        """Remembers that the launch of a token was sent, and may be on its way until now."""
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

    def succeeded(self, *, after_retry: bool) -> None:
        """Gives the price of a retry that helped back, or else a little."""
        with self._lock:
            back = _RETRY_PRICE if after_retry else 1
            self._quota = min(self._quota + back, _RETRY_QUOTA)


#: The memory of this process.
PROCESS = Process()
