"""What a plan counts is what DataWorks then creates."""

from __future__ import annotations

from typing import Any

from dataworks_emulator import Emulator
from hypothesis import HealthCheck, assume, given, settings
from pulumi_dataworks._declaration.plan import plan_of
from pulumi_dataworks._exceptions import Refused

from tests.provider.preflight._backfills import api_of, backfills, launched


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(inputs=backfills())
def test_dates_nodes_and_dry_runs(inputs: dict[str, Any], emulator: Emulator) -> None:
    emulator.reset()
    try:
        made = launched(api_of(emulator), inputs)
    except Refused:
        assume(False)
    plan = plan_of(inputs)
    assert plan is not None
    assert plan["businessDates"]["count"] == made.dates
    window = "bizBeginTime" in inputs  # a node may have no instance in the hours that are asked for
    if not window:
        assert plan["nodes"] == {"run": made.run, "dryRun": made.dry_run}
    assert plan["datesAtATime"] <= made.dates
