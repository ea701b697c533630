"""A backfill of nodes that the same program makes: their IDs are not known in the first preview."""

import pulumi
import pulumi_dataworks as dataworks
from warehouse import Node

orders = Node("orders", table="ods_trade_order_di")
cleaned = Node("cleaned", table="dwd_trade_order_di")

backfill = dataworks.Backfill(
    "first-load",
    project_env="PROD",
    root_node_id=orders.node_id,
    include_node_ids=[orders.node_id, cleaned.node_id],
    start_biz_date="2026-05-01",
    end_biz_date="2026-05-07",
)

pulumi.export("node_ids", backfill.node_ids)
