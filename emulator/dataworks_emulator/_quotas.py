"""How many calls an account may make: per second for reads and writes, and in 24 hours.

Counted in real time. Source: the table of editions of the DataWorks OpenAPI.
"""

from __future__ import annotations

from collections import deque

from ._clock import Wall
from ._errors import GatewayError
from ._switches import Switches

_DAY = 24 * 3600.0


class Quotas:
    """Counts the calls that were let through."""

    def __init__(self, wall: Wall) -> None:
        self._wall = wall
        self._recent: dict[bool, deque[float]] = {False: deque(), True: deque()}
        self._today: deque[float] = deque()

    def spend(self, switches: Switches, *, write: bool) -> None:
        """Counts one call, or raises the error of the limit that it breaks."""
        now = self._wall()
        rate = switches.write_qps if write else switches.read_qps
        recent = self._recent[write]
        _drop(recent, now - 1.0)
        if rate is not None and len(recent) >= rate:
            raise GatewayError(
                429,
                "Throttling.User",
                "Request was denied due to user flow control.",
                retry_after=switches.retry_after,
            )
        _drop(self._today, now - _DAY)
        if switches.daily_calls is not None and len(self._today) >= switches.daily_calls:
            raise GatewayError(
                429,
                "Throttling.Api.Risk",
                "The number of calls of today has reached its limit.",
                retry_after=switches.retry_after,
            )
        recent.append(now)
        self._today.append(now)

    def forget(self) -> None:
        """Starts to count anew."""
        self._recent[False].clear()
        self._recent[True].clear()
        self._today.clear()


def _drop(moments: deque[float], before: float) -> None:
    while moments and moments[0] <= before:
        moments.popleft()
