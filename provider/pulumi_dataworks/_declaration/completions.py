"""What a program declares of a wait for backfills, checked and in its normal form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pulumi.output import contains_unknowns
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from .._api.settings import parse_duration
from .inputs import Declaration
from .refusals import Problem, refusal

#: How it is waited: a change of these is recorded, and no call is made.
HOW_IT_WAITS = ("timeout", "pollInterval", "warnAfter", "onFailure", "rerunFailed")
DEFAULT_TIMEOUT = "24h"
DEFAULT_WARN_AFTER = "30m"
MOST_RERUNS = 10


def _duration(value: Any) -> str:
    text = f"{value:g}s" if isinstance(value, (int, float)) and value is not True else value
    try:
        if isinstance(text, str) and parse_duration(text) > 0:
            return text.strip()
    except ValueError:
        pass
    raise refusal(f"must be a duration like 90s, 30m, 6h or 1d; got {value!r}")


def _on_failure(value: Any) -> str:
    if value in ("fail", "warn"):
        return str(value)
    raise refusal(f"must be fail or warn; got {value!r}")


def _reruns(value: Any) -> int:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if is_number and 0 <= value <= MOST_RERUNS and value == int(value):
        return int(value)
    raise refusal(f"must be a whole number from 0 to {MOST_RERUNS}; got {value!r}")


class _Inputs(BaseModel):
    """How it is waited; each in its normal form."""

    model_config = ConfigDict(
        extra="forbid",
        alias_generator=to_camel,
        defer_build=True,  # most processes wait for nothing
    )

    timeout: Annotated[str | None, BeforeValidator(_duration)] = None
    poll_interval: Annotated[str | None, BeforeValidator(_duration)] = None
    warn_after: Annotated[str | None, BeforeValidator(_duration)] = None
    on_failure: Annotated[str | None, BeforeValidator(_on_failure)] = None
    rerun_failed: Annotated[int | None, BeforeValidator(_reruns)] = None


def normalize_wait(given: Mapping[str, Any]) -> Declaration:
    """Brings what tells how to wait into its normal form, and finds all that is wrong with it.

    :param given: by camelCase names; what is not known yet passes as it is.
    """
    present = {key: value for key, value in given.items() if value is not None}
    unknown = {key: value for key, value in present.items() if contains_unknowns(value)}
    known = {key: value for key, value in present.items() if key not in unknown}
    try:
        sound = _Inputs.model_validate(known).model_dump(by_alias=True, exclude_none=True)
    except ValidationError as error:
        problems = [
            Problem(str(one["loc"][0]), _told(one["type"], one["msg"]))
            for one in error.errors(include_url=False)
        ]
        return Declaration({**known, **unknown}, problems)
    return Declaration({**sound, **unknown})


def _told(kind: str, text: str) -> str:
    if kind == "extra_forbidden":
        return f"is no input; accepted are {', '.join(HOW_IT_WAITS)}"
    return text
