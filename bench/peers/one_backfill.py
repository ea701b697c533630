"""One backfill, as large as the stack's config says."""

import pulumi
import pulumi_dataworks as dataworks

config = pulumi.Config()
dataworks.Backfill(
    "large",
    project_env="PROD",
    root_node_id=config.require("nodes").split(",")[0],
    include_node_ids=config.require("nodes").split(","),
    start_biz_date="2016-01-01",
    end_biz_date=config.require("last"),
)
