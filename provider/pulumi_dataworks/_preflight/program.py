"""The declarations of one program, beside one another."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from .._declaration.plan import count_of, overlap


class Program:
    """Remembers what a program declares, as far as a process has seen it. Threads share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._declared: dict[str, tuple[Mapping[str, Any], bool]] = {}

    def overlaps(self, name: str, inputs: Mapping[str, Any], *, is_new: bool) -> list[str]:
        """Tells of the backfills that run a node of this one, too, on one of its dates.

        :param name: the backfill's resource.
        :param is_new: whether it is to be launched; what was launched before is let be.
        """
        with self._lock:
            others = [(one, *seen) for one, seen in self._declared.items() if one != name]
            self._declared[name] = (inputs, is_new)
        found = []
        for other, theirs, other_is_new in sorted(others, key=lambda item: item[0]):
            nodes, dates = overlap(inputs, theirs)
            if nodes and (is_new or other_is_new):
                first, second = sorted([name, other])
                found.append(
                    f"the backfills {first} and {second} of this program both run "
                    f"{_named(nodes)} on {count_of(dates, 'date')}: they would write the same data"
                )
        return found


def _named(nodes: list[str]) -> str:
    return f"node {nodes[0]}" if len(nodes) == 1 else f"{len(nodes)} nodes ({nodes[0]}, ...)"
