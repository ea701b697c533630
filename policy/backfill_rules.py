"""The rules themselves: from a backfill's properties to what is wrong, in the guard rails' words.

They import nothing of Pulumi's, so that they can be tested, and read, alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

#: When this process began: the engine starts it before anything is launched.
STARTED = datetime.now(timezone.utc).replace(microsecond=0)

_TIME = {"type": "string", "description": "ISO 8601, with its offset: 2026-11-10T00:00+08:00"}
FREEZE_WINDOWS: dict[str, Any] = {
    "windows": {
        "type": "array",
        "default": [],
        "items": {
            "type": "object",
            "required": ["from", "to"],
            "properties": {"from": _TIME, "to": _TIME, "because": {"type": "string"}},
        },
    },
    "projectEnvs": {"type": "array", "items": {"type": "string"}, "default": ["PROD"]},
}
REASON: dict[str, Any] = {
    "pattern": {
        "type": "string",
        "default": r"\S",
        "description": "a regular expression that is found in the reason, as ^OPS-[0-9]+",
    },
    "projectEnvs": {"type": "array", "items": {"type": "string"}, "default": ["PROD"]},
}

Properties = Mapping[str, Any]


@dataclass(frozen=True)
class Declared:
    """A backfill, the backfills that it depends on, and whether it waits for a completion."""

    properties: Properties
    after: Sequence[Properties] = ()
    waits: bool = False


def is_to_be_launched(properties: Properties, started: datetime = STARTED) -> bool:
    """Tells a launch of this preview or update from one that is recorded.

    In a preview the token of a launch to be made is not known yet. In an update it was made
    after this process began.
    """
    launch = known(properties, "launch")
    if not isinstance(launch, Mapping):
        return True
    born = _moment(known(launch, "born"))
    return born is None or born >= started


def frozen(
    properties: Properties, config: Mapping[str, Any], now: datetime | None = None
) -> Iterator[str]:
    """Names each freeze window that it is now.

    :raises ValueError: the config has a time that is none, or has no offset.
    """
    if not _is_in(properties, config):
        return
    at = now or datetime.now(timezone.utc)
    for window in config["windows"]:
        begin, end = _configured(window["from"]), _configured(window["to"])
        if begin <= at < end:
            because = f" ({window['because']})" if window.get("because") else ""
            yield (
                f"the backfill is beyond the policy freeze-windows: {at:%Y-%m-%d %H:%M} UTC; "
                f"no launches from {window['from']} to {window['to']}{because}"
            )


def without_reason(properties: Properties, config: Mapping[str, Any]) -> Iterator[str]:
    """Says that a reason is missing, or is not as it should be."""
    if not _is_in(properties, config):
        return
    reason, pattern = known(properties, "reason", ""), config["pattern"]
    if reason is None or re.search(pattern, str(reason)):
        return
    accepted = "any text" if pattern == REASON["pattern"]["default"] else f"text with {pattern}"
    shown = repr(reason) if reason else "none"
    yield f"reason is beyond the policy required-reason: {shown}; accepted is {accepted}"


def dev_before_prod(declared: Declared) -> Iterator[str]:
    """Says that a backfill in PROD does not wait for one in DEV."""
    if known(declared.properties, "projectEnv") != "PROD":
        return
    first = [one for one in declared.after if known(one, "projectEnv") == "DEV"]
    if first and declared.waits:
        return
    seen = "a launch in DEV, whose end it does not wait for" if first else "none in DEV before it"
    yield (
        f"projectEnv is beyond the policy dev-before-prod: {seen}; a backfill in PROD depends on "
        "a BackfillCompletion of one in DEV"
    )


def known(properties: Properties, key: str, absent: Any = None) -> Any:
    """Gives a property; ``absent`` where there is none, None where it is not known yet."""
    try:
        return properties[key]
    except KeyError:
        return absent
    except Exception as error:
        if type(error).__name__ != "UnknownValueError":  # the SDK's, for what is not known yet
            raise
        return None


def _is_in(properties: Properties, config: Mapping[str, Any]) -> bool:
    environment = known(properties, "projectEnv")
    return environment is None or environment in config["projectEnvs"]


def _configured(text: str) -> datetime:
    at = _moment(text)
    if at is None:
        raise ValueError(f"windows must have times as 2026-11-10T00:00+08:00; got {text!r}")
    return at


def _moment(value: Any) -> datetime | None:
    """Reads a moment with an offset; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        return None
    return at if at.tzinfo else None
