"""What a plan and a preflight count is what DataWorks then creates."""

from __future__ import annotations

from typing import Any

from dataworks_emulator import Emulator
from hypothesis import HealthCheck, event, given, settings
from pulumi_dataworks._declaration.plan import plan_of
from pulumi_dataworks._exceptions import Refused

from tests.provider.preflight._backfills import api_of, backfills, launched, look


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(inputs=backfills())
def test_dates_nodes_dry_runs_and_instances(inputs: dict[str, Any], emulator: Emulator) -> None:
    emulator.reset()
    found = look(emulator, inputs)
    plan = plan_of(inputs)
    assert plan is not None
    try:
        made = launched(api_of(emulator), inputs)
    except Refused:
        event("refused")
        assert found.errors
        return
    paused = [one for one in found.errors if "paused" in one.reason]
    assert found.errors == paused  # these are launched, and fail then
    assert found.instances == made.instances
    assert plan["businessDates"]["count"] == made.dates
    nodes = plan["nodes"]
    if "bizBeginTime" in inputs:  # an hourly node may have no instance in the hours asked for
        assert made.run <= nodes["run"]
        assert made.dry_run <= nodes["dryRun"]
    else:
        assert nodes == {"run": made.run, "dryRun": made.dry_run}
