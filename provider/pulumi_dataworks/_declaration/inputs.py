"""What a program declares of a backfill, checked and in its normal form.

One pure function, `normalize`, serves the constructor's side, the launch token and the backfill,
so that another spelling or order of the same declaration is never a difference.

Source of the rules: RunCycleDagNodes of the DataWorks API, version 2020-05-18, and
CreateWorkflowInstances of version 2024-05-18. What only one of them can is in `versions`.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pulumi.output import contains_unknowns
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from .dates import biz_date, biz_date_ranges, biz_time
from .node_params import params_by_node
from .nodes import node_id, node_ids
from .refusals import Problem, face, refusal
from .together import problems_together, surprises
from .versions import DEFAULT_MODE, MODES, VERSIONS

#: A change of one of these is a new launch.
WHAT_RUNS = (
    "projectEnv",
    "rootNodeId",
    "includeNodeIds",
    "excludeNodeIds",
    "startBizDate",
    "endBizDate",
    "bizBeginTime",
    "bizEndTime",
    "bizDates",
    "mode",
    "nodeParams",
    "name",
    "triggers",
    "replacementTrigger",
)
#: Of these a new value is a new launch; adding or removing them is none.
RUN_AGAIN = ("triggers", "replacementTrigger")
#: A change of one of these holds for the next launch.
HOW_IT_RUNS = (
    "parallelism",
    "concurrentRuns",
    "startFutureInstanceImmediately",
    "alertType",
    "alertNoticeType",
    "order",
    "priority",
    "tags",
)
#: These change no launch. Only the reason is sent, as a comment, where the API takes one.
LOCAL = ("namePrefix", "onDestroy", "reason", "adoptDagId", "apiVersion")
ALL = (*WHAT_RUNS, *HOW_IT_RUNS, *LOCAL)
#: What a program may declare. The replacement trigger is a resource option.
INPUTS = tuple(key for key in ALL if key != "replacementTrigger")
REQUIRED = ("projectEnv", "rootNodeId", "startBizDate", "endBizDate")

#: Pulumi prints the value of a property that fails its check. These may hold secrets.
MAY_HOLD_SECRETS = frozenset({"nodeParams", "triggers", "replacementTrigger"})

LONGEST_NAME = 128
#: Of a launch name: the underscore and the token after the prefix.
SUFFIX_LENGTH = 13
LONGEST_PREFIX = LONGEST_NAME - SUFFIX_LENGTH


@dataclass(frozen=True)
class Declaration:
    """Inputs in their normal form, unknown ones as they came, and what was found in them."""

    inputs: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def _one_of(*accepted: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        for word in accepted:
            if value == word:
                return word
        raise refusal(f"must be {' or '.join(accepted)}; got {face(value)}")

    return check


def _groups(value: Any) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 2 <= value <= 10:
        return value
    raise refusal(f"must be a whole number from 2 to 10; got {face(value)}")


def _priority(value: Any) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 11:
        return value
    raise refusal(f"must be a whole number from 1 to 11, the highest; got {face(value)}")


def _tags(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise refusal(f"must be a map from key to value; got {face(value)}")
    bad = [key for key, item in value.items() if not key or not isinstance(item, str)]
    if bad:
        raise refusal(f"must have keys and values of text; got another at {', '.join(bad)!r}")
    return {key: value[key] for key in sorted(value)}


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise refusal(f"must be true or false; got {face(value)}")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise refusal(f"must be text; got {face(value)}")


def _named(longest: int) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if not isinstance(value, str) or not value.strip():
            raise refusal(f"must be text of 1 to {longest} characters; got {face(value)}")
        if len(value) > longest:
            raise refusal(
                f"must have at most {longest} characters, so that the backfill's Name has at most "
                f"{LONGEST_NAME}; got {len(value)}"
            )
        if not value.isprintable() or value != value.strip():
            raise refusal("must be printable text without white space at its ends")
        return value

    return check


def _include(value: Any) -> list[str]:
    ids = node_ids(value)
    if not ids:
        raise refusal("must name at least one node; leave it out to run the root node alone")
    return ids


def _triggers(value: Any) -> Any:
    if isinstance(value, list):
        return value
    raise refusal("must be a list")


_Ids = list[str]


class _Inputs(BaseModel):
    """The form of each input by itself. What they must be together is in `together`."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel)

    project_env: Annotated[str | None, BeforeValidator(_one_of("PROD", "DEV"))] = None
    root_node_id: Annotated[str | None, BeforeValidator(node_id)] = None
    include_node_ids: Annotated[_Ids | None, BeforeValidator(_include)] = None
    exclude_node_ids: Annotated[_Ids | None, BeforeValidator(node_ids)] = None
    start_biz_date: Annotated[str | None, BeforeValidator(biz_date)] = None
    end_biz_date: Annotated[str | None, BeforeValidator(biz_date)] = None
    biz_begin_time: Annotated[str | None, BeforeValidator(biz_time)] = None
    biz_end_time: Annotated[str | None, BeforeValidator(biz_time)] = None
    node_params: Annotated[dict[str, dict[str, str]] | None, BeforeValidator(params_by_node)] = None
    name: Annotated[str | None, BeforeValidator(_named(LONGEST_NAME))] = None
    triggers: Annotated[list[Any] | None, BeforeValidator(_triggers)] = None
    replacement_trigger: Any = None
    parallelism: Annotated[bool | None, BeforeValidator(_boolean)] = None
    concurrent_runs: Annotated[int | None, BeforeValidator(_groups)] = None
    start_future_instance_immediately: Annotated[bool | None, BeforeValidator(_boolean)] = None
    alert_type: Annotated[
        str | None, BeforeValidator(_one_of("SUCCESS", "FAILURE", "SUCCESS_FAILURE"))
    ] = None
    alert_notice_type: Annotated[
        str | None, BeforeValidator(_one_of("SMS", "MAIL", "SMS_MAIL"))
    ] = None
    name_prefix: Annotated[str | None, BeforeValidator(_named(LONGEST_PREFIX))] = None
    on_destroy: Annotated[str | None, BeforeValidator(_one_of("leave", "stop"))] = None
    reason: Annotated[str | None, BeforeValidator(_text)] = None
    adopt_dag_id: Annotated[str | None, BeforeValidator(node_id)] = None
    biz_dates: Annotated[list[dict[str, str]] | None, BeforeValidator(biz_date_ranges)] = None
    mode: Annotated[str | None, BeforeValidator(_one_of(DEFAULT_MODE, *MODES))] = None
    order: Annotated[str | None, BeforeValidator(_one_of("Asc", "Desc"))] = None
    priority: Annotated[int | None, BeforeValidator(_priority)] = None
    tags: Annotated[dict[str, str] | None, BeforeValidator(_tags)] = None
    api_version: Annotated[str | None, BeforeValidator(_one_of(*VERSIONS))] = None


def normalize(given: Mapping[str, Any]) -> Declaration:
    """Brings the inputs of a backfill into their normal form, and finds all that is wrong.

    :param given: inputs by their camelCase names; values that are not known yet pass as they are.
    :return: the inputs in normal form (those that are wrong as they came), every problem, and
        warnings about what is allowed and may surprise.
    """
    present = {key: value for key, value in given.items() if value is not None}
    unknown = {key: value for key, value in present.items() if contains_unknowns(value)}
    known = {key: value for key, value in present.items() if key not in unknown}
    sound, problems = _each(known)
    problems += [Problem(key, _no_input(key)) for key in unknown if key not in ALL]
    wrong = {problem.property for problem in problems}
    bad = {key: value for key, value in known.items() if key in wrong}
    problems += [Problem(key, _missing(key)) for key in REQUIRED if key not in present]
    _fill_defaults(sound, present)
    problems += problems_together(sound, present.keys())
    warnings = [] if problems else list(surprises(sound))
    return Declaration({**bad, **sound, **unknown}, problems, warnings)


def _each(known: dict[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """Checks each input by itself; gives the sound ones in normal form."""
    try:
        return _dumped(_Inputs.model_validate(known)), []
    except ValidationError as error:
        found = error.errors(include_url=False)
    problems = [_problem(str(item["loc"][0]), item["type"], item["msg"]) for item in found]
    wrong = {problem.property for problem in problems}
    good = {key: value for key, value in known.items() if key not in wrong}
    return _dumped(_Inputs.model_validate(good)), problems


def _dumped(model: _Inputs) -> dict[str, Any]:
    return model.model_dump(by_alias=True, exclude_none=True)


def _problem(key: str, kind: str, text: str) -> Problem:
    return Problem(key, _no_input(key) if kind == "extra_forbidden" else text)


def _no_input(key: str) -> str:
    near = difflib.get_close_matches(to_camel(key), INPUTS, n=1)
    meant = f"did you mean {near[0]}? " if near else ""
    return f"is no input of a backfill; {meant}Accepted are {', '.join(INPUTS)}"


def _missing(key: str) -> str:
    accepted = {
        "projectEnv": "PROD or DEV",
        "rootNodeId": "the ID of the node that the backfill starts from",
        "startBizDate": 'the first business date, "YYYY-MM-DD"',
        "endBizDate": 'the last business date, "YYYY-MM-DD", itself included',
    }
    return f"is required: {accepted[key]}"


def _fill_defaults(inputs: dict[str, Any], given: Collection[str]) -> None:
    if "parallelism" not in given:
        inputs["parallelism"] = False
    if "includeNodeIds" not in given and "rootNodeId" in inputs:
        inputs["includeNodeIds"] = [inputs["rootNodeId"]]
    without_meaning = {"excludeNodeIds": [], "nodeParams": {}, "tags": {}, "mode": DEFAULT_MODE}
    for key, value in without_meaning.items():
        if inputs.get(key) == value:
            del inputs[key]
    if _is_one_range(inputs):
        del inputs["bizDates"]


def _is_one_range(inputs: Mapping[str, Any]) -> bool:
    ranges = inputs.get("bizDates")
    ends = [inputs.get(key) for key in ("startBizDate", "endBizDate")]
    return ranges is not None and [list(one.values()) for one in ranges] == [ends]
