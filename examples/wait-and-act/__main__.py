"""Waits until the orders are there, and only then runs the reports; a failure stops it there."""

import pulumi
import pulumi_dataworks as dataworks

orders = dataworks.Backfill(
    "orders",
    project_env="PROD",
    root_node_id=74324,
    include_node_ids=[74324, 74325],
    start_biz_date="2026-05-01",
    end_biz_date="2026-05-02",
)
# Interrupted, timed out or failed: the next `pulumi up` goes on waiting, and launches none again.
done = dataworks.BackfillCompletion("orders-done", backfills=orders, timeout="6h")

reports = dataworks.Backfill(
    "reports",
    project_env="PROD",
    root_node_id=74330,
    start_biz_date="2026-05-01",
    end_biz_date="2026-05-02",
    opts=pulumi.ResourceOptions(depends_on=[done]),
)

pulumi.export("orders", done.final_status)
pulumi.export("reports", reports.node_ids)
