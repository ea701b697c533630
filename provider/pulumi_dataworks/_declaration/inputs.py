"""What a program declares of a backfill, checked and in its normal form.

One pure function, `normalize`, serves the constructor's side, the launch token and the backfill,
so that another spelling or order of the same declaration is never a difference.

Source of the rules: RunCycleDagNodes of the DataWorks API, version 2020-05-18.
"""

from __future__ import annotations

import datetime
import difflib
import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pulumi.output import contains_unknowns
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from .nodes import EXACT_AS_DOUBLE, node_id, node_ids
from .refusals import face, refusal

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
)
#: These are never sent.
LOCAL = ("namePrefix", "onDestroy", "reason", "adoptDagId")
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

# A midnight counts in whichever zone it is. The last form is what the engine makes of a date that
# stands without quotes in a stack file.
_DATE = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[ T]00:00:00(?:\.0+)?(?:Z|[+-]\d{2}:\d{2}| \+0000 UTC)?)?", re.ASCII
)
_TIME = re.compile(r"(\d{2}):(\d{2})(?::(\d{2}))?", re.ASCII)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: the property's name in camelCase, and what is accepted."""

    property: str
    reason: str


@dataclass(frozen=True)
class Declaration:
    """Inputs in their normal form, unknown ones as they came, and what was found in them."""

    inputs: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def biz_date(value: Any) -> str:
    """Gives a business date as ``YYYY-MM-DD``. A time, if there is one, must be midnight."""
    accepted = 'a date as "YYYY-MM-DD", without a time other than 00:00:00'
    match = _DATE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise refusal(f"must be {accepted}; got {face(value)}")
    try:
        datetime.date.fromisoformat(match[1])
    except ValueError:
        raise refusal(f"is no day of the calendar; must be {accepted}; got {value!r}") from None
    return match[1]


def biz_time(value: Any) -> str:
    """Gives a time of day as ``HH:MM:SS``."""
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is not None:
        hours, minutes, seconds = int(match[1]), int(match[2]), int(match[3] or 0)
        if hours < 24 and minutes < 60 and seconds < 60:
            return f"{hours:02}:{minutes:02}:{seconds:02}"
    raise refusal(f'must be a time from "00:00" to "23:59:59", as HH:MM[:SS]; got {face(value)}')


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


def _node_params(value: Any) -> dict[str, dict[str, str]]:
    """Never tells a value in what it refuses: it may be a secret."""
    if not isinstance(value, Mapping):
        raise refusal("must be a map from node ID to its parameters")
    result: dict[str, dict[str, str]] = {}
    bad: list[str] = []
    for key, parameters in value.items():
        try:
            node = node_id(key)
            if node in result:
                raise refusal(f"names node {node} twice")
            result[node] = _parameters(node, parameters)
        except PydanticCustomError as error:
            bad.append(error.message())
    if bad:
        raise refusal("; ".join(bad))
    return {node: result[node] for node in sorted(result, key=int)}


def _parameters(node: str, value: Any) -> dict[str, str]:
    if isinstance(value, str):
        pairs = [piece.partition("=") for piece in value.split()]
        if any(not separator for _, separator, _ in pairs):
            raise refusal(f"of node {node} must be text like 'key=value key=value', or a map")
        value = {key: item for key, _, item in pairs}
        if len(value) < len(pairs):
            raise refusal(f"of node {node} names a parameter twice")
    if not isinstance(value, Mapping) or not value:
        raise refusal(f"of node {node} must be a map with at least one parameter, or such a text")
    texts = {str(key): _parameter(node, str(key), item) for key, item in value.items()}
    return dict(sorted(texts.items()))


def _parameter(node: str, key: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise refusal(f"of node {node}: {key} must be text or a number")
    text = _number_text(node, key, value) if isinstance(value, float) else str(value)
    if not key or "=" in key or re.search(r"\s", key):
        raise refusal(f"of node {node}: a parameter's name must hold no white space and no '='")
    if re.search(r"\s", text):
        raise refusal(f"of node {node}: {key} must hold no white space: DataWorks splits there")
    return text


def _number_text(node: str, key: str, value: float) -> str:
    """A number that has been through the engine is a double, exact below 2^53 only."""
    if not math.isfinite(value):
        raise refusal(f"of node {node}: {key} must be text or a number")
    if abs(value) >= EXACT_AS_DOUBLE:
        raise refusal(f"of node {node}: {key} must be text where it is 2^53 or more")
    return str(int(value) if value.is_integer() else value)


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
    """The form of each input by itself. What they must be together is in `_together`."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel)

    project_env: Annotated[str | None, BeforeValidator(_one_of("PROD", "DEV"))] = None
    root_node_id: Annotated[str | None, BeforeValidator(node_id)] = None
    include_node_ids: Annotated[_Ids | None, BeforeValidator(_include)] = None
    exclude_node_ids: Annotated[_Ids | None, BeforeValidator(node_ids)] = None
    start_biz_date: Annotated[str | None, BeforeValidator(biz_date)] = None
    end_biz_date: Annotated[str | None, BeforeValidator(biz_date)] = None
    biz_begin_time: Annotated[str | None, BeforeValidator(biz_time)] = None
    biz_end_time: Annotated[str | None, BeforeValidator(biz_time)] = None
    node_params: Annotated[dict[str, dict[str, str]] | None, BeforeValidator(_node_params)] = None
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
    problems += _together(sound, present.keys())
    warnings = [] if problems else list(_surprises(sound))
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
    if inputs.get("excludeNodeIds") == []:
        del inputs["excludeNodeIds"]
    if inputs.get("nodeParams") == {}:
        del inputs["nodeParams"]


def _together(inputs: Mapping[str, Any], given: Collection[str]) -> Iterator[Problem]:
    """Finds what is wrong between inputs, as far as all that it takes is known and sound.

    :param inputs: those that are.
    :param given: the names of all.
    """
    yield from _order(inputs, given)
    if "concurrentRuns" in inputs and inputs.get("parallelism") is False:
        yield Problem("concurrentRuns", "needs parallelism: true; dates run one by one without it")
    if "alertNoticeType" in inputs and "alertType" not in given:
        yield Problem("alertNoticeType", "needs alertType: SUCCESS, FAILURE or SUCCESS_FAILURE")
    if "namePrefix" in given and "name" in given:
        yield Problem("namePrefix", "goes without name: a given name is sent as it is")
    included = inputs.get("includeNodeIds")
    strangers = [n for n in inputs.get("nodeParams", {}) if included and n not in included]
    if strangers:
        nodes = ", ".join(strangers)
        yield Problem("nodeParams", f"must be for nodes of includeNodeIds only; got {nodes}")


def _order(inputs: Mapping[str, Any], given: Collection[str]) -> Iterator[Problem]:
    start, end = inputs.get("startBizDate"), inputs.get("endBizDate")
    if start and end and start > end:
        yield Problem("endBizDate", f"must not be before startBizDate {start}; got {end}")
    begin, finish = inputs.get("bizBeginTime"), inputs.get("bizEndTime")
    if begin and finish and begin >= finish:
        yield Problem("bizEndTime", f"must be after bizBeginTime {begin}; got {finish}")
    for key, other in (("bizBeginTime", "bizEndTime"), ("bizEndTime", "bizBeginTime")):
        if key in inputs and other not in given:
            yield Problem(key, f"needs {other} as well: the two are a window")


def _surprises(inputs: Mapping[str, Any]) -> Iterator[str]:
    excluded = inputs.get("excludeNodeIds", [])
    both = [node for node in inputs.get("includeNodeIds", []) if node in excluded]
    root = inputs.get("rootNodeId")
    if both:
        yield (
            f"included and excluded: {', '.join(both)}. An excluded node is dry-run: "
            "it turns SUCCESS without running"
        )
    if root in excluded and root not in both:
        yield f"the root node {root} is excluded: it is dry-run, SUCCESS without running"
