"""What a program declares of a backfill, checked and in its normal form.

One pure function, `normalize`, serves the constructor's side, the launch token and the backfill,
so that another spelling or order of the same declaration is never a difference.

Source of the rules: RunCycleDagNodes of the DataWorks API, version 2020-05-18, and
CreateWorkflowInstances of version 2024-05-18. What only one of them can is in `versions`.
"""

from __future__ import annotations

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

from .dates import biz_date, biz_date_ranges, biz_time
from .nodes import EXACT_AS_DOUBLE, node_id, node_ids
from .refusals import face, refusal
from .versions import ALL_DOWNSTREAM, CHAIN, CHOSEN_BY_DATAWORKS, DEFAULT_MODE, MODES, VERSIONS

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
    without_meaning = {"excludeNodeIds": [], "nodeParams": {}, "tags": {}, "mode": DEFAULT_MODE}
    for key, value in without_meaning.items():
        if inputs.get(key) == value:
            del inputs[key]
    if _is_one_range(inputs):
        del inputs["bizDates"]


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
    yield from _selection(inputs)
    included = inputs.get("includeNodeIds")
    strangers = [n for n in inputs.get("nodeParams", {}) if included and n not in included]
    if strangers and inputs.get("mode") not in CHOSEN_BY_DATAWORKS:
        nodes = ", ".join(strangers)
        yield Problem("nodeParams", f"must be for nodes of includeNodeIds only; got {nodes}")


def _selection(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """What the mode means for the nodes: some of them are chosen by DataWorks."""
    mode, root, included = (inputs.get(key) for key in ("mode", "rootNodeId", "includeNodeIds"))
    if root is None or included is None:
        return
    if mode == ALL_DOWNSTREAM and included != [root]:
        yield Problem(
            "includeNodeIds", f"goes without mode {mode}: all nodes below the root node are run"
        )
    if mode == CHAIN and (len(included) != 2 or root not in included):
        yield Problem(
            "includeNodeIds",
            f"must be two nodes with mode {mode}, the root node, where it starts, and its end; "
            f"got {', '.join(included)}",
        )


def _is_one_range(inputs: Mapping[str, Any]) -> bool:
    ranges = inputs.get("bizDates")
    ends = [inputs.get(key) for key in ("startBizDate", "endBizDate")]
    return ranges is not None and [list(one.values()) for one in ranges] == [ends]


def _order(inputs: Mapping[str, Any], given: Collection[str]) -> Iterator[Problem]:
    start, end = inputs.get("startBizDate"), inputs.get("endBizDate")
    if start and end and start > end:
        yield Problem("endBizDate", f"must not be before startBizDate {start}; got {end}")
    ranges = inputs.get("bizDates")
    if ranges and start and ranges[0]["startBizDate"] != start:
        first = ranges[0]["startBizDate"]
        yield Problem("bizDates", f"must begin with startBizDate {start}; got {first}")
    if ranges and end and ranges[-1]["endBizDate"] != end:
        yield Problem("bizDates", f"must end with endBizDate {end}; got {ranges[-1]['endBizDate']}")
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
    if "priority" in inputs:
        yield (
            "priority: the API's documents say that it is heeded for manually triggered and "
            "event-triggered workflows only"
        )
    if root in excluded and root not in both:
        yield f"the root node {root} is excluded: it is dry-run, SUCCESS without running"
