"""The emulator's clock: real time that can be scaled, stepped and frozen.

Schedules, statuses and the delay of visibility go by this clock. Signatures, nonces and rates
go by real time, since the client's side of them does.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

Wall = Callable[[], float]


@dataclass(frozen=True)
class ClockState:
    """At real second ``since`` the clock showed ``shown`` ms; from there it runs at ``scale``."""

    since: float
    shown: int
    scale: float

    def at(self, wall: float) -> int:
        """What the clock shows at a real second: milliseconds since 1970 UTC."""
        return self.shown + int((wall - self.since) * 1000 * self.scale)


class Clock:
    """A clock that never goes back. ``wall`` gives real seconds since 1970 UTC."""

    def __init__(self, wall: Wall = time.time, state: ClockState | None = None) -> None:
        self.wall = wall
        now = wall()
        self.state = state or ClockState(now, int(now * 1000), 1.0)

    def now(self) -> int:
        """Milliseconds since 1970 UTC, as this clock sees them."""
        return self.state.at(self.wall())

    def scale(self, factor: float) -> None:
        """Lets the clock run ``factor`` times as fast as real time; 0 freezes it."""
        if factor < 0:
            raise ValueError("a clock does not run backwards")
        wall = self.wall()
        self.state = ClockState(wall, self.state.at(wall), factor)

    def step(self, seconds: float) -> None:
        """Moves the clock forward."""
        if seconds < 0:
            raise ValueError("a clock does not run backwards")
        self.state = replace(self.state, shown=self.state.shown + round(seconds * 1000))
