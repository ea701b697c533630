"""A backfill of DataWorks: shown by `pulumi preview`, launched once by `pulumi up`."""

import pulumi
import pulumi_dataworks as dataworks

config = pulumi.Config()

backfill = dataworks.Backfill(
    "backfill",
    project_env=config.require("projectEnv"),
    root_node_id=config.require("rootNodeId"),
    # The root alone runs. For more nodes name them, the root among them, as include_node_ids.
    start_biz_date="2026-05-01",
    end_biz_date="2026-05-07",
    reason="why it is run, for those who review it",
)

pulumi.export("node_ids", backfill.node_ids)
pulumi.export("where", backfill.console_url)
