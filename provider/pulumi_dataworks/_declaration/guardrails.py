"""Guard rails: what a stack's config allows its backfills to be, as ``dataworks:guardrails``.

They hold for new and changed declarations. What was launched before a rail was lowered stays.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from .plan import count_of, plan_of
from .refusals import Problem, face, refusal

KEY = "dataworks:guardrails"
_ENVIRONMENTS = ("PROD", "DEV")


def _limit(value: Any) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return value
    raise refusal(f"must be a whole number from 1; got {face(value)}")


def _environments(value: Any) -> list[str]:
    if isinstance(value, list) and value and all(item in _ENVIRONMENTS for item in value):
        return value
    raise refusal(f"must be a list of PROD and DEV; got {json.dumps(value)}")


def _reruns(value: Any) -> str:
    if value in ("allow", "refuse"):
        return str(value)
    raise refusal(f"must be allow or refuse; got {face(value)}")


class Guardrails(BaseModel):
    """The rails of a stack. One that is left out does not limit anything.

    ``max_business_dates`` and ``max_instances`` are for each backfill; instances count dry-runs,
    too. ``reruns`` says whether dates that were launched already may be launched again.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        alias_generator=to_camel,
        defer_build=True,  # most stacks have none
    )

    max_business_dates: Annotated[int | None, BeforeValidator(_limit)] = None
    max_instances: Annotated[int | None, BeforeValidator(_limit)] = None
    project_envs: Annotated[list[str] | None, BeforeValidator(_environments)] = None
    reruns: Annotated[Literal["allow", "refuse"], BeforeValidator(_reruns)] = "allow"

    @property
    def allow_reruns(self) -> bool:
        """Whether dates that were launched may be launched again."""
        return self.reruns == "allow"


#: Made without the validator, which is then not built.
NO_RAILS = Guardrails.model_construct()


def parse_guardrails(text: str) -> tuple[Guardrails, list[str]]:
    """Reads the rails from the JSON text that a config value arrives as, and what is wrong in it.

    :return: no rails at all where something is wrong.
    """
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        accepted = ", ".join(_accepted())
        return NO_RAILS, [f"{KEY} must be an object with some of {accepted}; got {text!r}"]
    try:
        return Guardrails.model_validate(value), []
    except ValidationError as error:
        return NO_RAILS, [_told(item) for item in error.errors(include_url=False)]


def beyond(rails: Guardrails, inputs: Mapping[str, Any]) -> list[Problem]:
    """Names each rail that a declaration in normal form is beyond, with value and limit."""
    return list(_beyond(rails, inputs))


def _beyond(rails: Guardrails, inputs: Mapping[str, Any]) -> Iterator[Problem]:
    environment, accepted = inputs.get("projectEnv"), rails.project_envs
    if accepted is not None and environment in _ENVIRONMENTS and environment not in accepted:
        yield Problem(
            "projectEnv",
            f"is beyond the guard rail projectEnvs: {environment}; the limit is "
            f"{' and '.join(accepted)}",
        )
    plan = plan_of(inputs)
    if plan is None:
        return
    dates, nodes = plan["businessDates"]["count"], sum(plan["nodes"].values())
    if rails.max_business_dates is not None and dates > rails.max_business_dates:
        yield Problem(
            "endBizDate",
            f"is beyond the guard rail maxBusinessDates: {count_of(dates, 'business date')}, from "
            f"{inputs['startBizDate']} on; the limit is {rails.max_business_dates}",
        )
    too_many = beyond_instances(rails, dates * nodes, "at least ")
    if too_many is not None:
        yield too_many


def beyond_instances(rails: Guardrails, instances: int, how_sure: str = "") -> Problem | None:
    """Tells that a backfill has more instances than it may have.

    :param how_sure: ``at least`` where only dates and nodes were counted: an hourly node has more.
    """
    if rails.max_instances is None or instances <= rails.max_instances:
        return None
    return Problem(
        "",
        f"the backfill is beyond the guard rail maxInstances: {how_sure}"
        f"{count_of(instances, 'instance')}; the limit is {rails.max_instances}",
    )


def beyond_reruns(rails: Guardrails, what: str) -> Problem | None:
    """Refuses what would run again, where the rails have it so."""
    if rails.allow_reruns:
        return None
    return Problem(
        "", f"the backfill is beyond the guard rail reruns: {what}; the limit is none (refuse)"
    )


def _told(item: Mapping[str, Any]) -> str:
    key = f"{KEY}.{item['loc'][0]}"
    if item["type"] == "extra_forbidden":
        return f"{key} is no guard rail; accepted are {', '.join(_accepted())}"
    return f"{key} {item['msg']}"


def _accepted() -> list[str]:
    return [to_camel(name) for name in Guardrails.model_fields]
