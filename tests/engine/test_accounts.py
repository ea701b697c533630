"""Several accounts or regions in one stack, each a provider of its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pulumi_dataworks._declaration.versions import VERSIONS

from tests.engine._harness import Engine

TWO_ACCOUNTS = """
    import pulumi
    import pulumi_dataworks as dataworks

    config = pulumi.Config()
    north = dataworks.Provider(
        "north",
        region="cn-beijing",
        endpoint=config.require("north"),
        access_key="testid2",
        secret_key=config.get("northSecret") or "testsecret2",
    )
    may = dict(
        project_env="PROD",
        root_node_id=74324,
        start_biz_date="2026-05-01",
        end_biz_date="2026-05-02",
    )
    here = dataworks.Backfill("here", **may)
    there = dataworks.Backfill("there", **may, opts=pulumi.ResourceOptions(provider=north))
    pulumi.export("node_ids", {"here": here.node_ids, "there": there.node_ids})
    """


@pytest.mark.parametrize("api_version", VERSIONS)
def test_each_backfill_goes_where_its_provider_says(engines: Callable[[], Engine]) -> None:
    engine, north = engines(), engines()
    engine.program(TWO_ACCOUNTS)
    engine.configure({"north": north.emulator.url, "dataworks:readTimeout": "9s"})
    engine.up("--skip-preview").succeeded()
    assert [one["name"][:5] for one in engine.launches()] == ["here_"]
    assert [one["name"][:6] for one in north.launches()] == ["there_"]
    assert {call["accessKeyId"] for call in north.emulator.requests()} == {"testid2"}
    ids = engine.outputs()["node_ids"]
    assert ids["there"] == [str(one) for one in north.launches()[0]["dagIds"]]
    assert "testsecret2" not in str(engine.export())
    assert engine.preview_json().unchanged
    engine.configure(
        {"north": north.emulator.url, "northSecret": "testsecret", "dataworks:readTimeout": "9s"}
    )
    engine.up("--skip-preview").succeeded()
    engine.destroy("--skip-preview").succeeded()
    assert len(engine.launches()) == len(north.launches()) == 1


@pytest.mark.parametrize("api_version", VERSIONS)
def test_a_providers_settings_are_checked_before_anything_is_launched(engine: Engine) -> None:
    engine.program(TWO_ACCOUNTS)
    engine.configure({"north": "http://example.com"})
    text = engine.up("--skip-preview").failed().text
    assert "dataworks:endpoint must use https" in text
    assert "Traceback" not in text
    assert engine.launches() == []
