"""Backfills in a stack's config: all is checked before any is declared."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_dataworks import DeclarationError, read_backfills, read_wait

from tests.provider.declaration._declarations import SOUND


def told(config: object) -> list[str]:
    with pytest.raises(DeclarationError) as caught:
        read_backfills(config)
    return str(caught.value).splitlines()


def test_sound_backfills_are_given_as_they_were_written() -> None:
    written = {
        "orders": {**SOUND, "rootNodeId": 74324, "startBizDate": "2026-05-01 00:00:00 +0000 UTC"},
        "parcels": {**SOUND, "reason": None},
    }

    assert read_backfills(written) == written


@pytest.mark.parametrize("nothing", [None, {}])
def test_there_may_be_none(nothing: object) -> None:
    assert read_backfills(nothing) == {}


@pytest.mark.parametrize("config", [[SOUND], "orders", 5, True, ["orders"], ""])
def test_anything_but_a_map_is_refused(config: object) -> None:
    assert told(config) == [
        "config backfills must be a map from a backfill's name to its inputs, such as rootNodeId"
    ]


def test_all_that_is_wrong_with_any_is_told_at_once() -> None:
    lines = told(
        {
            "orders": {**SOUND, "endBizDate": "2026-04-01", "typo": 1},
            "sound": SOUND,
            "empty": None,
            "listed": [SOUND],
            "bare": {},
            "snake": {**SOUND, "include_node_ids": [1]},
            "parcels": {**SOUND, "name": "same"},
            "letters": {**SOUND, "name": "same"},
            "": SOUND,
        }
    )

    assert lines[0] == "the config key backfills is wrong, so none is declared:"
    assert [line.strip(" -").split(" ")[0] for line in lines[1:]] == [
        "orders.typo",
        "orders.endBizDate",
        "empty",
        "listed",
        "bare.projectEnv",
        "bare.rootNodeId",
        "bare.startBizDate",
        "bare.endBizDate",
        "snake.include_node_ids",
        "a",
        "letters.name",
    ]
    assert "must be a map of inputs, such as rootNodeId" in lines[3]
    assert "did you mean includeNodeIds" in lines[9]
    assert lines[-1].endswith("letters.name 'same' is the name of parcels as well")


def test_secret_parameters_are_not_told() -> None:
    secret: Any = {"74324": {"password": "s3cret s3cret"}}

    assert "s3cret" not in "\n".join(told({"orders": {**SOUND, "nodeParams": secret}}))


@pytest.mark.parametrize(
    ("config", "arguments"),
    [
        (None, None),
        ({}, None),
        ({"timeout": None}, {}),
        ({"timeout": " 6h", "onFailure": "warn"}, {"timeout": "6h", "on_failure": "warn"}),
        (
            {"rerunFailed": 1, "pollInterval": 30, "warnAfter": "10m"},
            {"rerun_failed": 1, "poll_interval": "30s", "warn_after": "10m"},
        ),
    ],
)
def test_how_to_wait_is_given_as_arguments_of_a_completion(config: object, arguments: Any) -> None:
    assert read_wait(config) == arguments


@pytest.mark.parametrize("config", [True, False, "yes", "6h", 1, ["6h"], ""])
def test_how_to_wait_is_told_by_a_map(config: object) -> None:
    with pytest.raises(DeclarationError) as caught:
        read_wait(config)
    assert str(caught.value) == (
        "config wait must be a map of any of "
        "timeout, pollInterval, warnAfter, onFailure, rerunFailed"
    )


def test_all_that_is_wrong_with_how_to_wait_is_told_at_once() -> None:
    with pytest.raises(DeclarationError) as caught:
        read_wait(
            {"timeout": "soon", "onFailure": "ignore", "rerunFailed": 11, "on_failure": "warn"}
        )
    first, *lines = str(caught.value).splitlines()
    assert first == "the config key wait is wrong, so nothing is declared:"
    assert sorted(line.split()[1] for line in lines) == [
        "wait.onFailure",
        "wait.on_failure",
        "wait.rerunFailed",
        "wait.timeout",
    ]
