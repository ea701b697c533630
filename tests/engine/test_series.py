"""A series over months: in order, to the month that fails, on from there, and a month more."""

from __future__ import annotations

import re

import pytest
from pulumi_dataworks import BackfillSeries, DeclarationError
from pulumi_dataworks._declaration.versions import VERSIONS

from tests.emulator._callers import Sdk
from tests.engine._harness import Engine

PROGRAM = """
    import json
    import pulumi
    import pulumi_dataworks as dataworks

    config = pulumi.Config()
    series = dataworks.BackfillSeries(
        "orders",
        ranges=[tuple(one) for one in config.require_object("ranges")],
        launch_order=config.get("order") or "ascending",
        at_once=config.get_int("atOnce") or 1,
        project_env="PROD",
        root_node_id=74324,
    )
    pulumi.export("node_ids", series.node_ids)
    """
YEAR = ["2025-01-01", "2025-12-31"]
FAST = {"dataworks:settleWindow": "1s", "dataworks:maxQps": "1000"}


@pytest.fixture
def series(engine: Engine) -> Engine:
    engine.emulator.admin.set_clock(scale=100_000)
    engine.program(PROGRAM)
    return engine


def months(engine: Engine) -> list[str]:
    """Gives the month of the first business date of each launch, in order."""
    first_dates = (re.search(r"StartBizDate\W+(\d{4}-\d\d)", str(one)) for one in engine.launches())
    return [date[1] for date in first_dates if date]


@pytest.mark.parametrize("api_version", VERSIONS)
def test_a_year_stops_at_the_month_that_fails_and_goes_on_from_there(series: Engine) -> None:
    admin = series.emulator.admin
    admin.set_node(74324, failure={"business_dates": ["2025-05-17"]})
    series.configure({"ranges": [YEAR], **FAST})
    text = series.up("--skip-preview").failed().text
    assert "2025-05-17" in text
    first_five = [f"2025-{month:02}" for month in range(1, 6)]
    assert months(series) == first_five

    admin.set_node(74324, failure=None)
    sdk = Sdk(series.emulator.endpoint)
    (failed,) = sdk.instances(status="FAILURE")
    sdk.data("RestartInstance", instance_id=failed["InstanceId"])
    series.up("--skip-preview").succeeded()
    assert months(series) == [f"2025-{month:02}" for month in range(1, 13)]
    assert list(series.outputs()["node_ids"]) == sorted(series.outputs()["node_ids"])

    series.configure({"ranges": [YEAR, ["2026-01-01", "2026-01-07"]], **FAST})
    plan = series.preview_json()
    new = {name for name, ops in plan.ops.items() if "create" in ops}
    assert {name for name in new if not name.endswith(("-launch", "-done"))} == {
        "orders-2026-01-01-2026-01-07"
    }
    assert {op for ops in plan.ops.values() for op in ops} <= {"same", "create"}
    series.up("--skip-preview").succeeded()
    assert months(series)[12:] == ["2026-01"]


@pytest.mark.parametrize("api_version", VERSIONS)
def test_the_latest_first_and_two_at_once(series: Engine) -> None:
    ranges = [["2025-01-01", "2025-04-30"]]
    series.configure({"ranges": ranges, "order": "descending", "atOnce": 2, **FAST})
    series.up("--skip-preview").succeeded()
    launched = months(series)
    assert set(launched[:2]) == {"2025-04", "2025-03"}
    assert sorted(launched) == ["2025-01", "2025-02", "2025-03", "2025-04"]


def test_what_is_wrong_is_told_at_once() -> None:
    with pytest.raises(DeclarationError) as refused:
        BackfillSeries(
            "orders",
            ranges=[("2025-01-01", "2025-02-30")],
            launch_order="sideways",  # type: ignore[arg-type]
            at_once=0,
            project_env="PROD",
            root_node_id=74324,
            name="mine",  # type: ignore[call-arg]
        )
    text = str(refused.value)
    assert text.startswith("series 'orders': ")
    for part in (
        "name is not for a series",
        "launch_order must be",
        "at_once must be",
        "ranges: a date",
    ):
        assert part in text
