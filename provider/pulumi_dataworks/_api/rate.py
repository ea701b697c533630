"""How often the API may be called: a token bucket, shared by all callers of a process.

Source: the table of editions of the DataWorks OpenAPI. An account, with its RAM users, may call
5 times a second in Basic, Standard and Professional; Enterprise allows 50 reads and 20 writes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from .._declaration.versions import V2020, V2024

#: By version of the API: what the lowest edition allows that can launch with it. Version 2020-05-18
#: needs Enterprise, whose limit of writes is the lower one; 2024-05-18 needs Basic.
DEFAULT_MAX_QPS = {V2020: 20.0, V2024: 5.0}
_BURST = 0.05
#: Calls a second, however often calls are throttled.
_SLOWEST = 0.5
#: Where none is throttled, the rate comes back, doubled in so many seconds.
_DOUBLED_IN = 60.0
#: What is throttled within a second is so for one reason.
_ONE_REASON = 1.0


class TokenBucket:
    """Lets at most ``max_qps`` calls begin in any second, and spreads them.

    One in twenty of them (at least one) may come at once; the bucket fills at the rate of the rest.
    An account may be allowed less, or have other callers: what is throttled slows it down.

    :param clock: seconds, of any origin; :param sleep: waits for so many seconds.
    """

    def __init__(
        self,
        max_qps: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._capacity = max(1.0, max_qps * _BURST)
        self._full_rate = self._rate = max(max_qps - self._capacity, max_qps / 2)
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._tokens = self._capacity
        self._filled = clock()
        self._slowed = float("-inf")

    def take(self) -> None:
        """Waits until the next call may begin. Callers are served in the order of their coming."""
        with self._lock:
            self._fill()
            self._tokens -= 1
            pause = -self._tokens / self._rate
        if pause > 0:
            self._sleep(pause)

    def slow_down(self) -> None:
        """Halves the rate, since a call was throttled; within a minute it is what it was."""
        with self._lock:
            self._fill()
            if self._filled - self._slowed < _ONE_REASON:
                return
            self._slowed = self._filled
            self._rate = max(self._rate / 2, min(_SLOWEST, self._full_rate))

    def _fill(self) -> None:
        now = self._clock()
        elapsed = now - self._filled
        self._tokens = min(self._tokens + elapsed * self._rate, self._capacity)
        doublings = min(elapsed / _DOUBLED_IN, 64.0)
        self._rate = min(self._rate * 2**doublings, self._full_rate)
        self._filled = now
