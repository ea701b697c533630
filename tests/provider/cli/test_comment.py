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
    urn = f"urn:pulumi:prod::shop::shop:Area${BACKFILL}::{name}"
    return {"op": op, "urn": urn, **{key: {"inputs": inputs} for key, inputs in states.items()}}


def create(name: str, **changed: object) -> dict[str, Any]:
    return step("create", name, newState=planned({**MAY, **changed}))


def same(name: str, **changed: object) -> dict[str, Any]:
    inputs = planned({**MAY, **changed})
    return step("same", name, oldState=inputs, newState=inputs)


def changed(op: str, name: str, **new: object) -> dict[str, Any]:
    inputs = planned({**MAY, **new}, MAY)
    return step(op, name, oldState=planned(MAY), newState=inputs)


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
    urn = f"urn:pulumi:prod::shop::{BACKFILL}::may"
    warning = {"urn": urn, "severity": "warning", "message": "warning: the 5-QPS limit\n"}
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
