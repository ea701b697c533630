"""How to wait: what is accepted, and what each refusal says."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_dataworks._declaration.completions import HOW_IT_WAITS, normalize_wait
from pulumi_dataworks._lifecycle import completions

DURATION = "must be a duration like 90s, 30m, 6h or 1d; got"
WORD = "must be fail or warn; got"
NUMBER = "must be a whole number from 0 to 10; got"
REFUSED = [
    *(
        (name, value, f"{DURATION} {value!r}")
        for name in ("timeout", "pollInterval", "warnAfter")
        for value in ("soon", "", "0s", "-5m", "6 hours", 0, -1, True, math.nan, math.inf, ["6h"])
    ),
    *(("onFailure", value, f"{WORD} {value!r}") for value in ("stop", "", "FAIL", True, ["fail"])),
    *(
        ("rerunFailed", value, f"{NUMBER} {value!r}")
        for value in (-1, 11, 1.5, "2", True, math.nan, math.inf, [1])
    ),
    (
        "time_out",
        "6h",
        "is no input; accepted are timeout, pollInterval, warnAfter, onFailure, rerunFailed",
    ),
]


def told(inputs: dict[str, Any]) -> dict[str, str]:
    return {one.property: one.reason for one in normalize_wait(inputs).problems}


@pytest.mark.parametrize(("name", "value", "reason"), REFUSED)
def test_what_is_wrong_is_named_with_what_is_accepted(name: str, value: Any, reason: str) -> None:
    assert told({name: value}) == {name: reason}


@pytest.mark.parametrize(
    ("name", "value", "normal"),
    [
        ("timeout", "6h", "6h"),
        ("timeout", " 1h30m ", "1h30m"),
        ("timeout", 90, "90s"),
        ("pollInterval", 1.5, "1.5s"),
        ("warnAfter", "1d", "1d"),
        ("onFailure", "warn", "warn"),
        ("rerunFailed", 3.0, 3),
        ("rerunFailed", 0, 0),
    ],
)
def test_what_is_accepted_in_its_normal_form(name: str, value: Any, normal: Any) -> None:
    declared = normalize_wait({name: value})
    assert (declared.inputs, declared.problems) == ({name: normal}, [])


ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.integers())
)


@given(st.dictionaries(st.sampled_from([*HOW_IT_WAITS, "other"]), ANYTHING))
def test_whatever_is_given_is_accepted_for_good_or_refused_by_name(inputs: dict[str, Any]) -> None:
    declared = normalize_wait(inputs)
    assert {one.property for one in declared.problems} <= inputs.keys()
    if not declared.problems:
        assert normalize_wait(declared.inputs) == declared


def test_all_is_told_at_once_and_that_there_is_nothing_to_wait_for() -> None:
    wrong = {"timeout": "soon", "onFailure": "stop", "rerunFailed": -1, "backfills": []}
    _, problems = completions.check({}, wrong)
    assert {one.property for one in problems} == wrong.keys()
    assert problems[-1].reason == "must name at least one backfill"


def test_ids_are_sorted_and_stand_once() -> None:
    inputs, problems = completions.check({}, {"backfills": ["b", "a", "b"], "targets": []})
    assert (inputs["backfills"], problems) == (["a", "b"], [])
