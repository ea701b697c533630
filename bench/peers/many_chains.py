"""COUNT backfills, declared with this package: each of a chain of its own, four nodes long."""

import os

import pulumi_dataworks as dataworks

STRIDE = 20

for number in range(int(os.environ["COUNT"])):
    root = 100_000 + number * STRIDE
    dataworks.Backfill(
        f"chain-{number}",
        project_env="PROD",
        root_node_id=root,
        include_node_ids=list(range(root, root + 4)),
        start_biz_date="2026-05-01",
        end_biz_date="2026-05-31",
    )
