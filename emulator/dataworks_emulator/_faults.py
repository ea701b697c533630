"""Rules that say which calls go wrong, and how.

A rule waits for calls of its operation whose parameters match; it lets ``after`` of them pass
and then plays its fault ``times`` times. Rules and their counts live in the database, so that a
process that was stopped by a rule does not stop again at the next start.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, field_validator
from pydantic.alias_generators import to_camel

from ._store import Store
from ._switches import DataShape

# The kinds, and on which side of the commit each stands when its name does not say so.
KINDS: dict[str, str] = {
    "drop": "after",
    "stall": "before",
    "hold": "after",
    "exit": "after",
    "html_502": "before",
    "json_500": "before",
    "json_503": "before",
    "throttle": "before",
    "throttle_417": "before",
    "forbidden": "before",
    "business_error": "before",
    "redirect": "before",
    "reply": "before",
    "truncate": "after",
    "drip": "after",
    "data": "after",
}
_REPLY_ONLY = ("truncate", "drip", "data")


class Rule(BaseModel):
    """One rule. ``fault`` is a kind, with ``_before_commit`` or ``_after_commit`` behind it."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True
    )

    operation: str = "*"
    fault: str
    after: int = Field(default=0, ge=0)
    times: int | None = Field(default=1, ge=1)
    match: dict[str, str] = Field(default_factory=dict)
    """Texts that parameters must contain, as in ``{"Name": "orders"}``."""
    seconds: float = Field(default=30.0, ge=0)
    """How long a stall lasts, or a whole drip; real time."""
    code: str | None = None
    message: str = "A fault was asked for."
    status: int | None = Field(default=None, ge=200, le=599)
    retry_after: int | None = Field(default=None, ge=0)
    """Milliseconds in the header x-acs-retry-after; none without it."""
    shape: DataShape = "missing"
    body: str = ""
    content_type: str = "text/plain"
    location: str = "/elsewhere"

    @field_validator("fault")
    @classmethod
    def _fault_is_known(cls, value: str) -> str:
        kind, side = _split(value)
        if kind not in KINDS:
            raise ValueError(f"unknown fault {value!r}; known: {', '.join(KINDS)}")
        if kind in _REPLY_ONLY and side == "before":
            raise ValueError(f"{kind} changes a reply, so it stands after the commit")
        return value

    @property
    def kind(self) -> str:
        """What happens."""
        return _split(self.fault)[0]

    @property
    def before_commit(self) -> bool:
        """Whether it happens before the operation takes effect."""
        return _split(self.fault)[1] == "before"

    def concerns(self, action: str, parameters: Mapping[str, str]) -> bool:
        """Whether a call counts for this rule."""
        return self.operation in ("*", action) and all(
            text in parameters.get(name, "") for name, text in self.match.items()
        )


class Faults:
    """The rules of a database."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, rule: Rule) -> int:
        """Adds a rule behind the others; returns its ID."""
        return self._store.insert("faults", [{"rule": rule.model_dump_json(by_alias=True)}])

    def load(self, path: Path | str) -> None:
        """Adds the rules of a file (YAML or JSON, a list), once for each content of the file."""
        text = Path(path).read_text(encoding="utf-8")
        digest = hashlib.sha256(text.encode()).hexdigest()
        rules = TypeAdapter(list[Rule]).validate_python(yaml.safe_load(text) or [])
        with self._store.transaction():
            if self._store.meta("faults_file") != digest:
                self._store.set_meta("faults_file", digest)
                for rule in rules:
                    self.add(rule)

    def listed(self) -> list[dict[str, Any]]:
        """All rules, with the calls that each has seen and how often it was played."""
        return [
            {
                "id": row["id"],
                **json.loads(row["rule"]),
                "seen": row["seen"],
                "applied": row["applied"],
            }
            for row in self._store.rows("SELECT * FROM faults ORDER BY id")
        ]

    def remove(self, rule_id: int | None = None) -> int:
        """Removes one rule, or all; returns how many."""
        if rule_id is None:
            return self._store.write("DELETE FROM faults")
        return self._store.write("DELETE FROM faults WHERE id = ?", (rule_id,))

    def due(self, action: str, parameters: Mapping[str, str]) -> Rule | None:
        """Counts a call for every rule that it concerns; returns the first rule that is due."""
        chosen: Rule | None = None
        with self._store.transaction():
            for row in self._store.rows("SELECT * FROM faults ORDER BY id"):
                rule = Rule.model_validate_json(row["rule"])
                if not rule.concerns(action, parameters):
                    continue
                open_ = rule.times is None or row["applied"] < rule.times
                plays = chosen is None and open_ and row["seen"] >= rule.after
                if plays:
                    chosen = rule
                self._store.write(
                    "UPDATE faults SET seen = seen + 1, applied = applied + ? WHERE id = ?",
                    (int(plays), row["id"]),
                )
        return chosen


@dataclass(frozen=True)
class _Held:
    action: str
    request_id: str
    before_commit: bool
    loop: asyncio.AbstractEventLoop
    released: asyncio.Event


def _held(action: str, request_id: str, *, before_commit: bool) -> _Held:
    return _Held(action, request_id, before_commit, asyncio.get_running_loop(), asyncio.Event())


class Holds:
    """Calls that wait: for a release, for the end of a stall, for the end of the server."""

    def __init__(self) -> None:
        self._held: dict[int, _Held] = {}
        self._stalled: set[_Held] = set()
        self._count = 0

    async def hold(self, action: str, request_id: str, *, before_commit: bool) -> None:
        """Waits until the call is released."""
        held = _held(action, request_id, before_commit=before_commit)
        self._count += 1
        number = self._count
        self._held[number] = held
        try:
            await held.released.wait()
        finally:
            self._held.pop(number, None)

    async def stall(self, seconds: float) -> None:
        """Waits, but not beyond the end of the server."""
        held = _held("", "", before_commit=False)
        self._stalled.add(held)
        try:
            await asyncio.wait_for(held.released.wait(), seconds)
        except asyncio.TimeoutError:
            pass
        finally:
            self._stalled.discard(held)

    def listed(self) -> list[dict[str, object]]:
        """The calls that are held now."""
        return [
            {
                "id": number,
                "action": held.action,
                "requestId": held.request_id,
                "when": "before_commit" if held.before_commit else "after_commit",
            }
            for number, held in list(self._held.items())
        ]

    def release(self, number: int | None = None) -> int:
        """Lets one held call go on, or all; returns how many. Any thread may call it."""
        chosen = [held for key, held in list(self._held.items()) if number is None or key == number]
        for held in chosen:
            held.loop.call_soon_threadsafe(held.released.set)
        return len(chosen)

    def end(self) -> None:
        """Lets everything go on: the server ends."""
        self.release()
        for held in list(self._stalled):
            held.loop.call_soon_threadsafe(held.released.set)


def _split(fault: str) -> tuple[str, str]:
    for side in ("before", "after"):
        if fault.endswith(f"_{side}_commit"):
            return fault.removesuffix(f"_{side}_commit"), side
    return fault, KINDS.get(fault, "before")
