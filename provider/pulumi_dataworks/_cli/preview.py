"""What a command reads of a preview: the answer of ``pulumi preview --json``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._api.settings import parse_duration
from .._declaration.completions import DEFAULT_TIMEOUT
from .._declaration.inputs import ALL
from .estimate import PastRun, past_run

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
class PreviewedWait:
    """A BackfillCompletion that the update waits in, and the names of the backfills it is for.

    ``timeout`` is empty where it is not known yet.
    """

    name: str
    backfills: list[str]
    timeout: str
    fails: bool
    reruns: int


@dataclass(frozen=True)
class Preview:
    """A preview: its stack, its backfills by name, what was warned of, and what failed.

    ``past`` are the runs that the stack's state remembers.
    """

    stack: str
    backfills: list[PreviewedBackfill]
    waits: list[PreviewedWait]
    past: list[PastRun]
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
    of_backfills = [step for step in steps if _type(step) == f"{_OURS}Backfill"]
    of_waits = [step for step in steps if _type(step) == f"{_OURS}BackfillCompletion"]
    found = [_backfill(step) for step in of_backfills]
    return Preview(
        stack=next((_stack(step) for step in steps), ""),
        backfills=sorted(
            (one for one in found if one is not None), key=lambda one: (one.verb == "", one.name)
        ),
        waits=[_wait(step) for step in of_waits if step["op"] in _LAUNCHES],
        past=_past(of_backfills, of_waits),
        warnings=_diagnostics(answer, "warning"),
        errors=_diagnostics(answer, "error"),
    )


def _backfill(step: Mapping[str, Any]) -> PreviewedBackfill | None:
    """One for each backfill: a replacement has further steps, which say nothing new."""
    verb = _VERBS.get(step["op"])
    if verb is None:
        return None
    return PreviewedBackfill(
        _name(step["urn"]),
        verb,
        _inputs(step, "oldState"),
        {} if verb == "remove" else _inputs(step, "newState"),
    )


def _wait(step: Mapping[str, Any]) -> PreviewedWait:
    state = step["newState"]
    inputs = state.get("inputs") or {}
    waited_for = (state.get("propertyDependencies") or {}).get("backfills") or ()
    timeout = inputs.get("timeout") or DEFAULT_TIMEOUT
    try:
        parse_duration(timeout)
    except ValueError:
        timeout = ""
    reruns = inputs.get("rerunFailed")
    return PreviewedWait(
        _name(step["urn"]),
        [_name(urn) for urn in waited_for],
        timeout,
        fails=inputs.get("onFailure") != "warn",
        reruns=int(reruns) if isinstance(reruns, (int, float)) else 0,
    )


def _past(
    backfills: Sequence[Mapping[str, Any]], waits: Sequence[Mapping[str, Any]]
) -> list[PastRun]:
    """Joins waits for a single backfill with that backfill, both as the state has them."""
    states = [(_name(step["urn"]), step.get("oldState") or {}) for step in backfills]
    known = {state.get("id"): (name, state.get("inputs") or {}) for name, state in states}
    found = []
    for step in waits:
        waited: Mapping[str, Any] = (step.get("oldState") or {}).get("outputs") or {}
        ids: Sequence[str] = waited.get("backfills") or []
        if len(ids) == 1 and ids[0] in known:
            found.append(past_run(*known[ids[0]], waited))
    return [one for one in found if one is not None]


def _inputs(step: Mapping[str, Any], state: str) -> Mapping[str, Any]:
    return (step.get(state) or {}).get("inputs") or {}


def _name(urn: object) -> str:
    return str(urn).rpartition("::")[2]


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
    name = _name(diagnostic.get("urn") or "").removesuffix("-launch")
    return f"{name}: {text}" if name and not name.startswith("pulumi") else text
