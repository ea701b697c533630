"""What a command reads of a preview: the answer of ``pulumi preview --json``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._declaration.inputs import ALL

_OURS = "pulumi-python:dynamic/dataworks:"
_LAUNCHES = {"create": "launch", "replace": "launch again"}
_VERBS = {**_LAUNCHES, "update": "record", "delete": "remove", "same": ""}


class PreviewUnreadable(Exception):
    """What was given is not the answer of ``pulumi preview --json``."""


@dataclass(frozen=True)
class PreviewedBackfill:
    """What a preview says of one backfill.

    ``verb`` is "launch", "launch again", "record", "remove", or empty where nothing changes;
    ``before`` and ``inputs`` are its inputs, of the state and of the program, each empty where
    there are none.
    """

    name: str
    verb: str
    before: Mapping[str, Any]
    inputs: Mapping[str, Any]

    @property
    def is_launched(self) -> bool:
        """Whether the update launches it."""
        return self.verb in _LAUNCHES.values()

    @property
    def plan(self) -> Mapping[str, Any]:
        """What it would run; what it ran, where it is removed. Empty where that is not known."""
        plan = (self.inputs or self.before).get("plan")
        return plan if isinstance(plan, Mapping) else {}

    @property
    def changes(self) -> list[str]:
        """The names of the inputs that differ."""
        if not self.before or not self.inputs:
            return []
        return [key for key in ALL if self.before.get(key) != self.inputs.get(key)]


@dataclass(frozen=True)
class Preview:
    """A preview: its stack, its backfills by name, what was warned of, and what failed."""

    stack: str
    backfills: list[PreviewedBackfill]
    warnings: list[str]
    errors: list[str]


def read_preview(text: str) -> Preview:
    """Reads the answer of ``pulumi preview --json``, of one that failed as well.

    :raises PreviewUnreadable: it is something else.
    """
    try:
        answer = json.loads(text)
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or not {"steps", "diagnostics", "changeSummary"} & set(answer):
        raise PreviewUnreadable("this is not what `pulumi preview --json` prints")
    steps = answer.get("steps") or []
    found = [_backfill(step) for step in steps if _type(step) == f"{_OURS}Backfill"]
    return Preview(
        stack=next((_stack(step) for step in steps), ""),
        backfills=sorted(
            (one for one in found if one is not None), key=lambda one: (one.verb == "", one.name)
        ),
        warnings=_diagnostics(answer, "warning"),
        errors=_diagnostics(answer, "error"),
    )


def _backfill(step: Mapping[str, Any]) -> PreviewedBackfill | None:
    """One for each backfill: a replacement has further steps, which say nothing new."""
    verb = _VERBS.get(step["op"])
    if verb is None:
        return None
    return PreviewedBackfill(
        str(step["urn"]).rpartition("::")[2],
        verb,
        _inputs(step, "oldState"),
        {} if verb == "remove" else _inputs(step, "newState"),
    )


def _inputs(step: Mapping[str, Any], state: str) -> Mapping[str, Any]:
    return (step.get(state) or {}).get("inputs") or {}


def _type(step: Mapping[str, Any]) -> str:
    return str(step["urn"]).split("::")[2].rpartition("$")[2]


def _stack(step: Mapping[str, Any]) -> str:
    return str(step["urn"]).split("::")[0].rpartition(":")[2]


def _diagnostics(answer: Mapping[str, Any], severity: str) -> list[str]:
    """Gives each message once, with the name of the resource that it belongs to."""
    every: Sequence[Mapping[str, Any]] = answer.get("diagnostics") or ()
    found = [_message(one) for one in every if one.get("severity") == severity]
    return list(dict.fromkeys(found))


def _message(diagnostic: Mapping[str, Any]) -> str:
    text = str(diagnostic.get("message", "")).strip()
    text = text.removeprefix("warning: ").removeprefix("error: ")
    name = str(diagnostic.get("urn") or "").rpartition("::")[2].removesuffix("-launch")
    return f"{name}: {text}" if name and not name.startswith("pulumi") else text
