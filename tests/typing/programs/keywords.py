"""Inputs as keywords, in every spelling that the documentation shows."""

import datetime

import pulumi
import pulumi_dataworks as dataworks
from typing_extensions import assert_type

may = dataworks.Backfill(
    "orders-may",
    project_env="PROD",
    root_node_id=74324,
    include_node_ids=[74324, "74325"],
    exclude_node_ids="74326,74327",
    start_biz_date="2026-05-01",
    end_biz_date=datetime.date(2026, 5, 31),
    biz_begin_time="00:00",
    biz_end_time=datetime.time(6),
    node_params={"74324": {"region": "east", "limit": 3}, "74325": "region=east"},
    name="orders of May",
    triggers=["a ticket", 7],
    parallelism=True,
    concurrent_runs=4,
    start_future_instance_immediately=False,
    alert_type="FAILURE",
    alert_notice_type="MAIL",
    on_destroy="stop",
    reason="Refunds were booked twice",
    opts=pulumi.ResourceOptions(protect=True),
)
dataworks.Backfill(
    "ids-as-keys",
    project_env="PROD",
    root_node_id="74324",
    start_biz_date="2026-05-01",
    end_biz_date="2026-05-31",
    node_params={74324: {"region": "east"}},
    name_prefix="orders",
    adopt_dag_id=374074487,
)

assert_type(may.node_ids, pulumi.Output[list[str]])
assert_type(may.dag_ids, pulumi.Output[list[str]])
assert_type(may.launch_name, pulumi.Output[str])
assert_type(may.request_id, "pulumi.Output[str | None]")
assert_type(may.status_by_date, pulumi.Output[dict[str, str]])
