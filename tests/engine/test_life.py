"""The life of a backfill as a person sees it, from the first preview to the empty stack."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_dataworks._declaration.versions import VERSIONS

from tests.engine._backfills import NODES, backfill, declare
from tests.engine._harness import Engine, Plan

KEYS = ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET")
ROOT, CHILD = 74324, 74325
MAY = backfill(ROOT, includeNodeIds=[ROOT, CHILD], nodeParams={str(ROOT): {"shop": "7"}})


@pytest.mark.parametrize("api_version", VERSIONS)
def test_a_life(engine: Engine) -> None:
    keys = {
        name: engine.environment.pop(name) for name in list(engine.environment) if "KEY" in name
    }
    declare(engine, {"may": MAY, "june": backfill(NODES[1])})
    first = engine.preview_json()
    assert first.ops == {name: ["create"] for name in ("may", "may-launch", "june", "june-launch")}
    assert first.step("may").inputs["plan"]["summary"] == "2 dates x 2 nodes, 1 date at a time"

    engine.environment.update(keys)
    text = engine.up("--skip-preview").succeeded().text
    launches = {one["name"].partition("_")[0]: one for one in engine.launches()}
    assert sorted(launches) == ["june", "may"]
    outputs = engine.outputs()
    assert outputs == {
        "node_ids": {name: [str(i) for i in one["dagIds"]] for name, one in launches.items()},
        "request_ids": {name: one["requestId"] for name, one in launches.items()},
        "launch_names": {name: one["name"] for name, one in launches.items()},
    }
    assert all(id_ in text for ids in outputs["node_ids"].values() for id_ in ids)

    engine.up("--expect-no-changes").succeeded()
    engine.refresh("--expect-no-changes").succeeded()
    assert engine.resources()["may"]["outputs"]["lastSeenStatus"] in ("RUNNING", "SUCCESS")
    assert engine.outputs() == outputs

    declare(engine, {"june": backfill(NODES[1])})
    engine.up("--skip-preview").succeeded()
    assert sorted(engine.resources()) == ["june", "june-launch"]
    engine.destroy().succeeded()
    assert engine.export()["deployment"].get("resources", []) == []
    assert len(engine.launches()) == 2


def test_what_a_change_means(engine: Engine) -> None:
    """One launched backfill, and the previews of everything that may be changed."""
    declare(engine, {"may": MAY})
    engine.up("--skip-preview").succeeded()

    def changed(**inputs: Any) -> Plan:
        declare(engine, {"may": {**MAY, **inputs}})
        return engine.preview_json()

    plan = changed(endBizDate="2026-05-03")
    assert plan.ops["may-launch"] == ["update"]
    assert plan.ops["may"] == ["replace"]
    assert plan.step("may").replace_reasons == ["endBizDate"]
    assert '~ endBizDate: "2026-05-02" => "2026-05-03"' in engine.preview("--diff").text

    # The words for it that are no change: one stack file has all of them.
    engine.configure(
        """
        dataworks:settleWindow: 2s
        dataworks-backfills:backfills:
          may:
            projectEnv: PROD
            rootNodeId: "74324"
            includeNodeIds: ["74325", 74324]
            startBizDate: 2026-05-01
            endBizDate: "2026-05-02 00:00:00"
            nodeParams: {"74324": "shop=7"}
        """
    )
    assert engine.preview_json().unchanged

    plan = changed(reason="Refunds were booked twice")
    assert plan.ops == {"may": ["update"]}
    assert list(plan.step("may").diff) == ["reason"]

    plan = changed(parallelism=True)
    assert plan.ops == {"may": ["update"]}
    engine.emulator.admin.clear_requests()
    text = engine.up("--skip-preview").succeeded().text
    assert "parallelism: the change holds for the next launch" in text
    assert [one["action"] for one in engine.emulator.requests()] == []
    assert engine.resources()["may"]["outputs"]["parallelism"] is False
    engine.up("--skip-preview", "--expect-no-changes").succeeded()
    assert len(engine.launches()) == 1


def test_a_bad_config_is_refused_as_a_whole(engine: Engine) -> None:
    bad = {"endBizDate": "2026-02-30", "concurrentRuns": 1, "colour": "red"}
    other = {"rootNodeId": 1.5, "bizBeginTime": "24:00"}
    declare(engine, {"may": {**MAY, **bad}, "june": {**MAY, **other}, "july": MAY})
    text = engine.preview().failed().text
    for named in ("may.endBizDate", "may.concurrentRuns", "may.colour"):
        assert f"- {named} " in text
    for named in ("june.rootNodeId", "june.bizBeginTime"):
        assert f"- {named} " in text
    assert "july" not in text
    assert "Traceback" not in text


def test_a_bad_program_and_a_bad_setting_are_refused(engine: Engine) -> None:
    """Checked by the provider: each property under its own name, in the preview already."""
    engine.program(
        """
        import pulumi_dataworks as dataworks

        dataworks.Backfill(
            "may", project_env="TEST", root_node_id=0, node_params={"5": {"password": "s3 cret"}},
            start_biz_date="2026-05-03", end_biz_date="2026-05-02",
        )
        """
    )
    engine.configure({"dataworks:accesKey": "testid"})
    text = engine.preview().failed().text
    for named in ("projectEnv", "rootNodeId", "endBizDate"):
        assert f"resource 'may-launch': property {named} value " in text
    assert "resource 'may-launch' has a problem: nodeParams " in text
    assert "dataworks:accesKey is not a setting" in text
    assert "s3 cret" not in text
    assert "Traceback" not in text


def test_secrets_stay_secret(engine: Engine) -> None:
    """Keys in the stack's config and secret node parameters: shown nowhere, plain nowhere."""
    for name in KEYS:
        del engine.environment[name]
    declare(engine, {"may": MAY}, **{"dataworks:accessKey": "testid"})
    engine.set_secret("dataworks:secretKey", "testsecret")
    password = f'backfills.may.nodeParams["{ROOT}"].password'
    engine.set_secret(password, "pa55word", "--path")
    texts = [
        engine.preview("--diff").succeeded().text,
        engine.up().succeeded().text,
        engine.run("stack", "export").succeeded().text,
        engine.preview("--json").succeeded().text,
    ]
    engine.set_secret(password, "pa55word-new", "--path")
    engine.emulator.admin.add_fault(
        {"operation": "RunCycleDagNodes", "fault": "business_error", "code": "Invalid.Quota"}
    )
    texts += [
        engine.preview("--diff").succeeded().text,
        engine.up("--skip-preview").failed().text,
        engine.up("--skip-preview").succeeded().text,
        engine.refresh("--skip-preview", "--diff").succeeded().text,
        engine.run("stack", "export").succeeded().text,
        engine.destroy("--skip-preview").succeeded().text,
    ]
    assert [text for text in texts if "pa55word" in text or "testsecret" in text] == []
    sent = [one["parameters"]["NodeParams"] for one in engine.launches()]
    assert ["pa55word-new" in one for one in sent] == [False, True]
