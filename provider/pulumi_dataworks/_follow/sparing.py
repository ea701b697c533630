"""Lines that tell how far a wait is, where each stays: in a log, and not on a terminal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

_FIRST = 5
_SILENCE = 60.0


@dataclass
class Sparing:
    """Lets the first few lines pass, then one a minute.

    :param clock: seconds, of any origin.
    """

    clock: Callable[[], float]

    def __post_init__(self) -> None:
        self._passed = 0
        self._last = self.clock()

    def lets_pass(self) -> bool:
        """Tells whether a line is to be shown now; if so, it counts as shown."""
        now = self.clock()
        if self._passed >= _FIRST and now - self._last < _SILENCE:
            return False
        self._passed += 1
        self._last = now
        return True
