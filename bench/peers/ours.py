"""COUNT backfills, declared with this package."""

import os

import pulumi_dataworks as dataworks

for number in range(int(os.environ["COUNT"])):
    dataworks.Backfill(
        f"orders-{number}",
        project_env="PROD",
        root_node_id=74324,
        start_biz_date="2026-05-01",
        end_biz_date="2026-05-31",
    )
