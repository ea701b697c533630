"""One backfill: two nodes, the month of May, four dates at a time."""

import pulumi
import pulumi_dataworks as dataworks

may = dataworks.Backfill(
    "orders-may",
    project_env="PROD",
    root_node_id=74324,
    include_node_ids=[74324, 74325],
    start_biz_date="2026-05-01",
    end_biz_date="2026-05-31",
    parallelism=True,
    concurrent_runs=4,
    reason="Refunds were booked twice; fixed on 2 June",
)

pulumi.export("node_ids", may.node_ids)
pulumi.export("where", may.console_url)
