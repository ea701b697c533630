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


class TokenBucket:
    """Lets at most ``max_qps`` calls begin in any second, and spreads them.

    One in twenty of them (at least one) may come at once; the bucket fills at the rate of the rest.

    :param clock: seconds, of any origin; :param sleep: waits for so many seconds.
    """

    def __init__(
        self,
        max_qps: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._capacity = max(1.0, max_qps * _BURST)
        self._rate = max(max_qps - self._capacity, max_qps / 2)
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._tokens = self._capacity
        self._filled = clock()

    def take(self) -> None:
        """Waits until the next call may begin. Callers are served in the order of their coming."""
        with self._lock:
            now = self._clock()
            self._tokens += (now - self._filled) * self._rate
            self._tokens = min(self._tokens, self._capacity) - 1
            self._filled = now
            pause = -self._tokens / self._rate
        if pause > 0:
            self._sleep(pause)
