"""Guard rails: how they are read, and that each refusal names the rule, the value, the limit."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pulumi_dataworks._api.settings import load_settings
from pulumi_dataworks._declaration.guardrails import Guardrails, beyond, parse_guardrails
from pulumi_dataworks._declaration.inputs import normalize
from pulumi_dataworks._exceptions import SettingsError

MAY = {
    "projectEnv": "PROD",
    "rootNodeId": 1,
    "includeNodeIds": [1, 2, 3],
    "startBizDate": "2026-05-01",
    "endBizDate": "2026-05-31",
}

NARROW = """\
projectEnv is beyond the guard rail projectEnvs: PROD; the limit is DEV
endBizDate is beyond the guard rail maxBusinessDates: 31 business dates, from 2026-05-01 on; the limit is 30
the backfill is beyond the guard rail maxInstances: at least 93 instances; the limit is 92
"""  # noqa: E501 - as it is shown


def rails(**given: Any) -> Guardrails:
    read, problems = parse_guardrails(json.dumps(given))
    assert not problems
    return read


def refusals(guardrails: Guardrails, **changes: Any) -> list[tuple[str, str]]:
    declared = normalize({**MAY, **changes}).inputs
    return [(one.property, one.reason) for one in beyond(guardrails, declared)]


def test_every_rail_names_rule_value_and_limit() -> None:
    narrow = rails(maxBusinessDates=30, maxInstances=92, projectEnvs=["DEV"])
    assert [f"{name} {reason}".strip() for name, reason in refusals(narrow)] == NARROW.splitlines()


def test_what_is_at_the_limit_passes() -> None:
    assert not refusals(rails(maxBusinessDates=31, maxInstances=93, projectEnvs=["PROD", "DEV"]))
    assert not refusals(Guardrails(), endBizDate="2199-12-31")


def test_dry_runs_are_instances() -> None:
    assert len(refusals(rails(maxInstances=93), excludeNodeIds=[4])) == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"maxDates": 3}', "dataworks:guardrails.maxDates is no guard rail; accepted are"),
        ('{"maxInstances": 0}', "maxInstances must be a whole number from 1; got 0"),
        ('{"maxInstances": true}', "maxInstances must be a whole number from 1; got True"),
        ('{"maxBusinessDates": 1.5}', "must be a whole number from 1; got 1.5"),
        ('{"projectEnvs": ["PROD", "TEST"]}', 'a list of PROD and DEV; got ["PROD", "TEST"]'),
        ('{"projectEnvs": "PROD"}', 'a list of PROD and DEV; got "PROD"'),
        ('{"projectEnvs": []}', "a list of PROD and DEV; got []"),
        ('{"reruns": "never"}', "reruns must be allow or refuse; got 'never'"),
        (
            "31",
            "must be an object with some of maxBusinessDates, maxInstances, projectEnvs",
        ),
        ("{", "must be an object with some of"),
    ],
)
def test_a_bad_rail_is_an_error_of_the_settings(text: str, told: str) -> None:
    config = {"dataworks:region": "cn-shanghai", "dataworks:guardrails": text}
    with pytest.raises(SettingsError) as refused:
        load_settings(config, {})
    assert "dataworks:guardrails" in str(refused.value)
    assert told in str(refused.value)


def test_all_bad_rails_are_told_at_once() -> None:
    _, problems = parse_guardrails('{"maxInstances": -1, "reruns": 1, "frozen": true}')
    assert len(problems) == 3


def test_numbers_as_text_are_read() -> None:
    assert rails(maxInstances="500").max_instances == 500
