"""The comment that a reviewer reads, from what `pulumi preview --json` prints."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from pulumi_dataworks._cli.comment import LONGEST, comment_of
from pulumi_dataworks._cli.main import main
from pulumi_dataworks._cli.preview import read_preview
from pulumi_dataworks._declaration.inputs import normalize
from pulumi_dataworks._declaration.plan import change_of, plan_of

BACKFILL = "pulumi-python:dynamic/dataworks:Backfill"
TOOK_AN_HOUR: dict[str, Any] = {
    "backfills": ["may_1"],
    "finalStatus": "SUCCESS",
    "durationSeconds": 3600,
    "startedAt": "2026-06-02T01:00:00+00:00",
    "finishedAt": "2026-06-02T02:00:00+00:00",
}
MAY: dict[str, Any] = {
    "projectEnv": "PROD",
    "rootNodeId": "74324",
    "includeNodeIds": ["74324", "74325"],
    "startBizDate": "2026-05-01",
    "endBizDate": "2026-05-03",
}


def planned(inputs: dict[str, Any], before: dict[str, Any] | None = None) -> dict[str, Any]:
    known = normalize(inputs).inputs
    plan = plan_of(known)
    if before and plan:
        plan["change"] = change_of(normalize(before).inputs, known)
    return {**known, "plan": plan}


def step(op: str, name: str, **states: dict[str, Any]) -> dict[str, Any]:
    return {
        "op": op,
        "urn": urn(BACKFILL, name),
        **{key: {"inputs": inputs} for key, inputs in states.items()},
    }


def create(name: str, **changed: object) -> dict[str, Any]:
    return step("create", name, newState=planned({**MAY, **changed}))


def same(name: str, **changed: object) -> dict[str, Any]:
    inputs = planned({**MAY, **changed})
    return step("same", name, oldState=inputs, newState=inputs)


def changed(op: str, name: str, **new: object) -> dict[str, Any]:
    inputs = planned({**MAY, **new}, MAY)
    return step(op, name, oldState=planned(MAY), newState=inputs)


def urn(kind: str, name: str) -> str:
    return f"urn:pulumi:prod::shop::shop:Area${kind}::{name}"


def wait(op: str, *backfills: str, outputs: dict[str, Any] | None = None, **inputs: object) -> Any:
    """A wait; of one in the state, ``outputs`` tell how it went."""
    return {
        "op": op,
        "urn": urn(f"{BACKFILL}Completion", "done"),
        "oldState": {"outputs": outputs or {}},
        "newState": {
            "inputs": inputs,
            "propertyDependencies": {"backfills": [urn(BACKFILL, name) for name in backfills]},
        },
    }


def in_state(the_step: dict[str, Any], resource_id: str = "may_1") -> dict[str, Any]:
    return {**the_step, "oldState": {**the_step["oldState"], "id": resource_id}}


def comment(*steps: dict[str, Any], diagnostics: list[dict[str, Any]] | None = None) -> str:
    return comment_of(read_preview(json.dumps({"steps": steps, "diagnostics": diagnostics or []})))


def lines_with(text: str, word: str) -> list[str]:
    return [line for line in text.splitlines() if word in line]


def test_a_first_launch() -> None:
    text = comment(create("may", reason="refunds"))
    assert text.splitlines()[0] == "<!-- pulumi-dataworks prod -->"
    assert "### Backfills of `prod`: 1 to launch" in text
    row, dates = lines_with(text, "`may`")
    assert row == (
        "| **launch** | `may` | `PROD` `74324` | 2026-05-01 to 2026-05-03 "
        "| 3 dates x 2 nodes, 1 date at a time<br>“refunds” |  |"
    )
    assert dates == "| `may` | ● | ● | ● |"


def test_a_longer_range_tells_which_dates_run_again() -> None:
    replace = changed("replace", "may", endBizDate="2026-05-05")
    text = comment(replace, {**replace, "op": "create-replacement"})
    assert "re-runs 3 dates already launched; 2 are new" in text
    assert "| `may` | ↻ | ↻ | ↻ | ● | ● |" in text
    assert "- `may`: endBizDate `2026-05-03` → `2026-05-05`" in text
    assert "1 to launch again" in text


def test_other_nodes_on_the_same_dates_run_for_the_first_time() -> None:
    text = comment(changed("replace", "may", rootNodeId="74350", includeNodeIds=["74350"]))
    assert "| `may` | ● | ● | ● |" in text


def test_several_ranges_are_told_each_and_only_their_dates_are_in_the_matrix() -> None:
    ranges = [
        {"startBizDate": "2026-05-01", "endBizDate": "2026-05-02"},
        {"startBizDate": "2026-05-05", "endBizDate": "2026-05-05"},
    ]
    several = {"endBizDate": "2026-05-05", "bizDates": ranges, "apiVersion": "2024-05-18"}
    row, dates = lines_with(comment(create("may", **several)), "`may`")
    assert "| 2026-05-01 to 2026-05-02<br>2026-05-05 | 3 dates in 2 ranges x 2 nodes" in row
    assert dates == "| `may` | ● | ● | ● |"


@pytest.mark.parametrize(
    ("new", "told"),
    [
        ({"endBizDate": "2026-05-06"}, "about 2h 00m"),
        ({"startBizDate": "2026-05-10", "endBizDate": "2026-05-10"}, "about 20m 00s"),
        ({"triggers": ["again"]}, "about 1h 00m"),
    ],
)
def test_the_time_it_will_take_is_that_of_the_same_nodes_before(
    new: dict[str, Any], told: str
) -> None:
    before = in_state(changed("replace", "may", **new))
    text = comment(before, wait("replace", "may", outputs=TOOK_AN_HOUR))
    assert f"{told}, as 3 dates (2026-05-01 to 2026-05-03) of may took 1h 00m" in text


def test_the_latest_of_past_runs_tells_the_time_of_a_new_backfill() -> None:
    later = {"backfills": ["b"], "durationSeconds": 60, "finishedAt": "2026-07-01T00:00:00+00:00"}
    waits = [wait("same", outputs=TOOK_AN_HOUR), wait("same", outputs={**TOOK_AN_HOUR, **later})]
    past = [in_state(same("a")), in_state(same("b", endBizDate="2026-05-01"), "b")]
    text = comment(*past, *waits, create("june", startBizDate="2026-05-02"))
    assert "about 2m 00s, as 1 date (2026-05-01 to 2026-05-01) of b took 1m 00s" in text


@pytest.mark.parametrize(
    ("new", "outputs"),
    [
        ({"includeNodeIds": ["74324"]}, {}),
        ({"projectEnv": "DEV"}, {}),
        ({"parallelism": True, "concurrentRuns": 2}, {}),
        ({}, {"finalStatus": "FAILURE"}),
        ({}, {"durationSeconds": None}),
        ({}, {"backfills": ["may_1", "june_1"]}),
        ({}, {"startedAt": "2026-05-03T00:00:00+00:00"}),
    ],
)
def test_no_time_is_told_where_no_past_run_compares(
    new: dict[str, Any], outputs: dict[str, Any]
) -> None:
    past = wait("same", outputs={**TOOK_AN_HOUR, **outputs})
    text = comment(in_state(same("may")), past, create("other", **new))
    assert "1 to launch" in text
    assert "took" not in text


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({}, "for the end of `may`, `june`; at most 24h; a failure fails the update"),
        (
            {"timeout": "6h", "onFailure": "warn", "rerunFailed": 1},
            (
                "for the end of `may`, `june`; at most 6h; "
                "what failed is restarted, 1 time at most; a failure is a warning only"
            ),
        ),
        (
            {"timeout": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"},
            "for the end of `may`, `june`; a failure fails the update",
        ),
    ],
)
def test_what_the_update_waits_for(how: dict[str, Any], told: str) -> None:
    steps = [create("may"), create("june"), wait("create", "may", "june", **how)]
    assert f"- `done`: {told}" in comment(*steps).splitlines()


def test_a_wait_that_is_over_is_not_waited_again() -> None:
    assert "`done`" not in comment(same("may"), wait("same", "may", outputs=TOOK_AN_HOUR))


def test_what_is_only_recorded_is_in_no_matrix() -> None:
    text = comment(changed("update", "may", parallelism=True))
    assert "1 changed without a launch" in text
    assert "parallelism `false` → `true`" in text
    assert "●" not in text


def test_what_does_not_change_is_counted_and_not_listed() -> None:
    assert lines_with(comment(same("may")), "may") == []
    assert "1 unchanged" in comment(same("may"))


def test_what_is_removed_tells_what_becomes_of_it() -> None:
    text = comment(step("delete", "may", oldState=planned({**MAY, "onDestroy": "stop"})))
    assert "what still runs is stopped" in text
    assert "●" not in text


def test_a_year_is_shown_by_month() -> None:
    text = comment(
        changed("replace", "year", endBizDate="2026-05-10"), create("x", endBizDate="2027-04-30")
    )
    assert "|  | 2026-05 | 2026-06 |" in text
    assert lines_with(text, "| `year` |")[-1].startswith("| `year` | 3↻ 7● |  |")
    assert "| 31● | 30● |" in text


def test_nodes_that_are_not_known_yet() -> None:
    unknown = {**MAY, "rootNodeId": "04da6b54-80e4-46f7-96ec-b56ff0331ba9", "plan": None}
    text = comment(step("create", "later", newState=unknown))
    assert "known when the resources that it depends on are made" in text


@pytest.mark.parametrize("other", [create, same])
def test_two_that_run_the_same_node_on_the_same_date(other: Any) -> None:
    text = comment(create("a"), other("b", startBizDate="2026-05-03", includeNodeIds=["74324"]))
    assert "- `a` and `b`: 1 date, nodes 74324" in text
    apart = other("b", startBizDate="2026-05-04", endBizDate="2026-05-04")
    assert "twice" not in comment(create("a"), apart)


def test_two_old_ones_that_overlap_are_past_changing() -> None:
    assert "twice" not in comment(same("a"), same("b"))


def test_secrets_are_not_told() -> None:
    new = {"nodeParams": {"74324": {"key": "hunter2"}}, "triggers": ["hunter2"]}
    text = comment(changed("replace", "may", **new))
    assert "nodeParams (not shown" in text
    assert "hunter2" not in text


def test_what_people_write_is_not_markup() -> None:
    text = comment(create("may", reason="a | b <img src=x> @all `x`\n| **launch** |"))
    (row, _) = lines_with(text, "`may`")
    assert row.count(" | ") == 5
    assert not {"<img", "@all"} & set(row.replace(" ", "\n").split())


def test_warnings_once_with_their_resource() -> None:
    warning = {
        "urn": urn(BACKFILL, "may"),
        "severity": "warning",
        "message": "warning: the 5-QPS limit\n",
    }
    text = comment(create("may"), diagnostics=[warning, warning])
    assert lines_with(text, "QPS") == ["- may: the 5-QPS limit"]


def test_a_failed_preview_says_why() -> None:
    error = {"severity": "error", "message": "error: startBizDate must be a date\n"}
    text = comment(diagnostics=[error])
    assert "The preview failed" in text
    assert "- startBizDate must be a date" in text


def test_it_is_never_longer_than_a_comment_may_be() -> None:
    text = comment(*(create(f"{n:05}" * 20) for n in range(400)))
    assert LONGEST <= len(text) < 65_536
    assert "too long" in text


def test_from_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps({"steps": [create("may")]})))
    assert main(["comment"]) == 0
    assert "1 to launch" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "nothing", "[]", '{"a": 1}', '"steps"'])
def test_anything_else_is_refused(
    text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    assert main(["comment"]) == 1
    assert "not what `pulumi preview --json` prints" in capsys.readouterr().err
