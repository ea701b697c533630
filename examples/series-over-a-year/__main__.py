"""The orders of a year, month by month: a failure stops them, the next `pulumi up` goes on."""

import pulumi
import pulumi_dataworks as dataworks

year = dataworks.BackfillSeries(
    "orders",
    # What came later is a range of its own: a range made longer launches its last month again.
    ranges=[("2025-01-01", "2025-12-31"), ("2026-01-01", "2026-01-18")],
    chunk="month",
    # The newest dates are needed first.
    launch_order="descending",
    at_once=2,
    timeout="6h",
    project_env="PROD",
    root_node_id=74324,
    include_node_ids=[74324, 74325],
    parallelism=True,
    concurrent_runs=10,
    reason="Refunds were booked twice in 2025",
)

pulumi.export("node_ids", year.node_ids)
