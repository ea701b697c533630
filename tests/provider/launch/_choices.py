"""Decisions that a test takes in every possible way, one run after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence


class Chooser:
    """Takes decisions: those of a script first, then the first option each time."""

    def __init__(self, script: Sequence[int] = (), faults: int = 0) -> None:
        self.taken: list[int] = []
        self.widths: list[int] = []
        self.faults = faults
        self._script = script

    def choose(self, options: Sequence[str]) -> str:
        """Chooses one of several things to do."""
        place = len(self.taken)
        index = self._script[place] if place < len(self._script) else 0
        self.taken.append(index)
        self.widths.append(len(options))
        return options[index]

    def fault(self, *faults: str) -> str | None:
        """Chooses whether one of these faults happens, while there are any left."""
        if self.faults == 0:
            return None
        chosen = self.choose(("", *faults))
        self.faults -= bool(chosen)
        return chosen or None


def every_script(run: Callable[[Chooser], None], faults: int) -> int:
    """Runs once with each sequence of choices, depth first; gives how many there are."""
    script: list[int] = []
    for count in range(1, 10_000_000):
        chooser = Chooser(script, faults)
        run(chooser)
        script = chooser.taken
        while script and script[-1] + 1 == chooser.widths[len(script) - 1]:
            script.pop()
        if not script:
            return count
        script[-1] += 1
    raise AssertionError("there is no end to it")
