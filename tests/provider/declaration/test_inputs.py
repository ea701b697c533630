"""What a declaration may hold: its one normal form, and what is said of everything else."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.output import UNKNOWN
from pulumi_dataworks._declaration.inputs import ALL, INPUTS, REQUIRED, normalize
from pulumi_dataworks._declaration.nodes import LARGEST_ID

from tests.provider.declaration._declarations import SOUND, Json, declarations, spelled

randoms = st.randoms(use_true_random=False)


def refused(changes: Json) -> dict[str, str]:
    """The problems of the sound declaration with some changes, by property."""
    problems = normalize({**SOUND, **changes}).problems
    found = {problem.property: problem.reason for problem in problems}
    assert len(found) == len(problems)
    return found


# ---- Bad input --------------------------------------------------------------------------------

ID = f"from 1 to {LARGEST_ID}, as an int or a string of digits"
DATE = 'must be a date as "YYYY-MM-DD", without a time other than 00:00:00; got '
TIME = 'must be a time from "00:00" to "23:59:59", as HH:MM[:SS]; got '
WINDOW = {"bizBeginTime": "06:00", "bizEndTime": "07:00"}

BAD = [
    # Dates.
    ({"startBizDate": "2026-06-01"}, "endBizDate", "must not be before startBizDate 2026-06-01"),
    ({"startBizDate": "2026-05-01 08:00:00"}, "startBizDate", DATE + "'2026-05-01 08:00:00'"),
    ({"startBizDate": "2026-05-01T00:00:00.5"}, "startBizDate", DATE),
    ({"endBizDate": "2026-02-30"}, "endBizDate", "no day of the calendar; must be a date as"),
    ({"endBizDate": "0000-01-01"}, "endBizDate", "no day of the calendar"),
    ({"endBizDate": "2026-5-31"}, "endBizDate", DATE + "'2026-5-31'"),
    ({"endBizDate": "31.05.2026"}, "endBizDate", DATE),
    ({"endBizDate": 20260531}, "endBizDate", DATE + "20260531"),
    ({"endBizDate": "\uff12026-05-31"}, "endBizDate", DATE),  # a full-width digit
    ({"endBizDate": "2026-05-31 "}, "endBizDate", DATE),
    ({"endBizDate": ""}, "endBizDate", DATE + "''"),
    ({"endBizDate": ["2026-05-31"]}, "endBizDate", DATE + "a list"),
    # Node IDs.
    *[
        ({"rootNodeId": bad}, "rootNodeId", ID)
        for bad in (
            0,
            -1,
            "-1",
            2**63,
            10**4000,
            "9" * 5000,
            74324.5,
            float("inf"),
            float("nan"),
            "74324.0",  # what the constructor makes of a float
            "7_4",
            "\uff17",
            "\u0667",
            " 74324",
            "load_orders",
            "",
            True,
            ["74324"],
        )
    ],
    ({"rootNodeId": float(2**53)}, "rootNodeId", "a string of digits where it is 2^53 or more"),
    ({"includeNodeIds": []}, "includeNodeIds", "at least one node; leave it out to run the root"),
    ({"includeNodeIds": " "}, "includeNodeIds", "must name at least one node"),
    ({"includeNodeIds": "74324,"}, "includeNodeIds", "item 2 must be a node ID"),
    ({"includeNodeIds": [1, "x", True]}, "includeNodeIds", "; item 3 must be a node ID"),
    ({"excludeNodeIds": [[74324]]}, "excludeNodeIds", "item 1 must be a node ID"),
    ({"excludeNodeIds": {"74324": 1}}, "excludeNodeIds", "a list of node IDs; got a dict"),
    ({"adoptDagId": "orders"}, "adoptDagId", ID),
    # Times.
    ({**WINDOW, "bizEndTime": "06:00:00"}, "bizEndTime", "must be after bizBeginTime 06:00:00"),
    ({**WINDOW, "bizEndTime": "05:59:59"}, "bizEndTime", "must be after bizBeginTime 06:00:00"),
    ({"bizBeginTime": "06:00"}, "bizBeginTime", "needs bizEndTime as well: the two are a window"),
    ({"bizEndTime": "06:00"}, "bizEndTime", "needs bizBeginTime as well"),
    ({**WINDOW, "bizEndTime": "24:00"}, "bizEndTime", TIME + "'24:00'"),
    ({**WINDOW, "bizEndTime": "23:60"}, "bizEndTime", TIME),
    ({**WINDOW, "bizEndTime": "23:59:60"}, "bizEndTime", TIME),
    ({**WINDOW, "bizBeginTime": "6:00"}, "bizBeginTime", TIME),
    ({**WINDOW, "bizBeginTime": 360}, "bizBeginTime", TIME + "360"),
    ({**WINDOW, "bizBeginTime": "06:00:00+08:00"}, "bizBeginTime", TIME),
    # How it runs.
    *[
        ({"parallelism": True, "concurrentRuns": bad}, "concurrentRuns", "a whole number from 2 to")
        for bad in (1, 11, 4.5, "4", True, float("inf"))
    ],
    ({"concurrentRuns": 4}, "concurrentRuns", "needs parallelism: true"),
    ({"concurrentRuns": 4, "parallelism": False}, "concurrentRuns", "needs parallelism: true"),
    ({"parallelism": "true"}, "parallelism", "must be true or false; got 'true'"),
    ({"parallelism": 1.0}, "parallelism", "must be true or false; got 1.0"),
    ({"startFutureInstanceImmediately": ""}, "startFutureInstanceImmediately", "true or false"),
    ({"projectEnv": "prod"}, "projectEnv", "must be PROD or DEV; got 'prod'"),
    ({"projectEnv": " PROD"}, "projectEnv", "must be PROD or DEV; got ' PROD'"),
    ({"projectEnv": ["PROD"]}, "projectEnv", "must be PROD or DEV; got a list"),
    ({"alertType": "ALWAYS"}, "alertType", "SUCCESS or FAILURE or SUCCESS_FAILURE; got 'ALWAYS'"),
    ({"alertType": "FAILURE", "alertNoticeType": "DING"}, "alertNoticeType", "SMS or MAIL or SMS_"),
    ({"alertNoticeType": "MAIL"}, "alertNoticeType", "needs alertType: SUCCESS, FAILURE or"),
    # Names.
    (
        {"namePrefix": "x" * 116},
        "namePrefix",
        "at most 115 characters, so that the backfill's Name",
    ),
    ({"name": "x" * 129}, "name", "at most 128 characters"),
    ({"name": "x", "namePrefix": "y"}, "namePrefix", "goes without name: a given name is sent"),
    ({"name": ""}, "name", "must be text of 1 to 128 characters"),
    ({"name": " orders"}, "name", "without white space at its ends"),
    ({"name": "or\nders"}, "name", "must be printable text"),
    ({"name": 5.0}, "name", "must be text of 1 to 128 characters; got 5.0"),
    # Parameters of nodes.
    (
        {"nodeParams": {"74326": {"k": "v"}}},
        "nodeParams",
        "nodes of includeNodeIds only; got 74326",
    ),
    ({"nodeParams": {"74324": {"k": "v w"}}}, "nodeParams", "of node 74324: k must hold no white"),
    ({"nodeParams": {"74324": {"k": "v\u3000w"}}}, "nodeParams", "k must hold no white space"),
    ({"nodeParams": {"74324": {"k l": "v"}}}, "nodeParams", "name must hold no white space"),
    ({"nodeParams": {"74324": {"": "v"}}}, "nodeParams", "name must"),
    ({"nodeParams": {"74324": "k"}}, "nodeParams", "must be text like 'key=value key=value', or a"),
    ({"nodeParams": {"74324": "k=1 k=2"}}, "nodeParams", "of node 74324 names a parameter twice"),
    ({"nodeParams": {"74324": ""}}, "nodeParams", "a map with at least one parameter"),
    ({"nodeParams": {"74324": {}}}, "nodeParams", "a map with at least one parameter"),
    ({"nodeParams": {"74324": ["k=v"]}}, "nodeParams", "of node 74324 must be a map"),
    ({"nodeParams": {"74324": {"k": True}}}, "nodeParams", "k must be text or a number"),
    ({"nodeParams": {"74324": {"k": None}}}, "nodeParams", "k must be text or a number"),
    ({"nodeParams": {"74324": {"k": float("nan")}}}, "nodeParams", "k must be text or a number"),
    ({"nodeParams": {"74324": {"k": 2.0**53}}}, "nodeParams", "text where it is 2^53 or more"),
    ({"nodeParams": {"orders": {"k": "v"}}}, "nodeParams", ID),
    ({"nodeParams": {"74324": "k=v", "074324": "k=w"}}, "nodeParams", "names node 74324 twice"),
    ({"nodeParams": "74324"}, "nodeParams", "must be a map from node ID to its parameters"),
    # The rest.
    ({"triggers": "again"}, "triggers", "must be a list"),
    ({"onDestroy": "delete"}, "onDestroy", "must be leave or stop; got 'delete'"),
    ({"reason": 5}, "reason", "must be text; got 5"),
    ({"rootNode": 74324}, "rootNode", "no input of a backfill; did you mean rootNodeId? Accepted"),
    ({"x": 74324}, "x", "is no input of a backfill; Accepted are projectEnv, rootNodeId, "),
    ({"start_biz_date": "2026-05-01"}, "start_biz_date", "did you mean startBizDate?"),
    ({"startBizdate": "2026-05-01"}, "startBizdate", "did you mean startBizDate?"),
    ({"replacementTriggers": UNKNOWN}, "replacementTriggers", "is no input of a backfill"),
    *[({key: None}, key, "is required: ") for key in REQUIRED],
]


@pytest.mark.parametrize(
    ("changes", "named", "accepted"), BAD, ids=[str(changes)[:60] for changes, *_ in BAD]
)
def test_bad_input_is_refused_under_its_name_with_what_is_accepted(
    changes: Json, named: str, accepted: str
) -> None:
    found = refused(changes)

    assert list(found) == [named]
    assert accepted in found[named]
    assert len(found[named]) < 600


def test_all_that_is_wrong_is_told_at_once_and_nothing_that_only_follows_from_it() -> None:
    found = refused(
        {
            "projectEnv": "TEST",
            "rootNodeId": None,
            "includeNodeIds": [0],
            "nodeParams": {"1": {"k": "v"}},  # whether 1 is included cannot be told
            "startBizDate": "2026-06-31",
            "bizBeginTime": "24:00",
            "bizEndTime": "06:00",
            "parallelism": "yes",
            "concurrentRuns": 4,
            "alertType": "x",
            "alertNoticeType": "MAIL",
            "name": "",
            "typo": 1,
        }
    )

    assert set(found) == {
        "projectEnv",
        "rootNodeId",
        "includeNodeIds",
        "startBizDate",
        "bizBeginTime",
        "parallelism",
        "alertType",
        "name",
        "typo",
    }


SECRETS: list[Json] = [
    {"nodeParams": "s3cret"},
    {"nodeParams": ["s3cret"]},
    {"nodeParams": {"74324": "s3cret"}},
    {"nodeParams": {"74324": ["s3cret"]}},
    {"nodeParams": {"74324": {"k": "s3cret s3cret"}}},
    {"nodeParams": {"74324": {"k": ["s3cret"]}}},
    {"nodeParams": {"74324": "k=s3cret k=s3cret"}},
    {"nodeParams": {"74324": "k=v s3cret"}},
    {"nodeParams": {"74326": "k=s3cret"}},
    {"triggers": "s3cret"},
    {"triggers": {"k": "s3cret"}},
]


@pytest.mark.parametrize("changes", SECRETS, ids=str)
def test_nothing_of_what_may_be_secret_is_told(changes: Json) -> None:
    declaration = normalize({**SOUND, **changes})

    assert declaration.problems
    assert "s3cret" not in str([*declaration.problems, *declaration.warnings])


# ---- What is allowed and may surprise ---------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"excludeNodeIds": ["74325", "1"]}, "included and excluded: 74325. An excluded node is"),
        (
            {"excludeNodeIds": ["74324"]},
            "included and excluded: 74324. An excluded node is dry-run",
        ),
        (
            {"includeNodeIds": ["1"], "excludeNodeIds": ["74324"]},
            "the root node 74324 is excluded: it is dry-run, SUCCESS without running",
        ),
    ],
)
def test_a_dry_run_that_may_be_a_slip_is_a_warning(changes: Json, told: str) -> None:
    declaration = normalize({**SOUND, **changes})

    assert declaration.problems == []
    assert len(declaration.warnings) == 1
    assert told in declaration.warnings[0]


def test_an_ordinary_declaration_has_no_warnings() -> None:
    assert normalize({**SOUND, "excludeNodeIds": ["1"]}).warnings == []


# ---- The normal form --------------------------------------------------------------------------


@given(declarations(), randoms)
def test_any_spelling_and_order_has_the_same_normal_form(
    declared: Json, chance: random.Random
) -> None:
    other = normalize(spelled(declared, chance))

    assert other.problems == []
    assert other.inputs == declared
    # What is joined into text later must come in one order, too.
    assert list(other.inputs.get("nodeParams", ())) == list(declared.get("nodeParams", ()))
    assert [list(of_node) for of_node in other.inputs.get("nodeParams", {}).values()] == [
        list(of_node) for of_node in declared.get("nodeParams", {}).values()
    ]


anything: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=9)
    | st.just(UNKNOWN),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(ALL) | st.text(max_size=5), anything, max_size=8))
def test_whatever_is_given_it_is_normal_or_told(given_inputs: Json) -> None:
    once = normalize({**SOUND, **given_inputs})
    again = normalize(once.inputs)

    assert repr(sorted(again.inputs.items())) == repr(sorted(once.inputs.items()))
    assert sorted(map(str, again.problems)) == sorted(map(str, once.problems))
    assert {problem.property for problem in once.problems} <= {*given_inputs, *INPUTS}


@given(declarations(), st.sets(st.sampled_from(INPUTS)), st.sampled_from(["itself", "within"]))
def test_what_is_not_known_yet_passes_untouched_and_is_not_judged(
    declared: Json, names: set[str], how: str
) -> None:
    unknown: Any = UNKNOWN if how == "itself" else {"0": [UNKNOWN]}
    declaration = normalize({**declared, **dict.fromkeys(names, unknown)})

    assert {key: declaration.inputs[key] for key in names} == dict.fromkeys(names, unknown)
    for problem in declaration.problems:  # such as: name with namePrefix, one time alone
        assert problem.property not in names or problem.property == "namePrefix"


def test_defaults_are_filled_in_and_empty_collections_left_out() -> None:
    sparse = {key: value for key, value in SOUND.items() if key != "includeNodeIds"}

    declaration = normalize({**sparse, "excludeNodeIds": [], "nodeParams": {}})

    assert declaration.inputs == {**sparse, "includeNodeIds": ["74324"], "parallelism": False}


@pytest.mark.parametrize("value", ["a=b", "=", "a=b=c", "${bizdate}", "\u8865", "'", ""])
def test_a_parameters_value_may_hold_equals_signs(value: str) -> None:
    for written in ({"k": value}, f"k={value}"):
        declaration = normalize({**SOUND, "nodeParams": {74324: written}})

        assert declaration.problems == []
        assert declaration.inputs["nodeParams"] == {"74324": {"k": value}}


def test_numbers_among_parameters_are_text_however_they_came() -> None:
    numbers = {"whole": 5, "through the engine".replace(" ", "_"): 5.0, "fraction": 0.25}

    declaration = normalize({**SOUND, "nodeParams": {"74324": {**numbers, "exact": 2**60}}})

    assert declaration.inputs["nodeParams"]["74324"] == {
        "exact": str(2**60),
        "fraction": "0.25",
        "through_the_engine": "5",
        "whole": "5",
    }


@pytest.mark.parametrize("one", [74324, 74324.0, "74324"])
def test_a_single_node_may_stand_without_a_list(one: object) -> None:
    assert normalize({**SOUND, "includeNodeIds": one}).inputs["includeNodeIds"] == ["74324"]
