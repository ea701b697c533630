"""Inputs as an object or as a dict, made elsewhere and handed over."""

import datetime

import pulumi
import pulumi_dataworks as dataworks


def orders(month: int) -> dataworks.BackfillArgs:
    return dataworks.BackfillArgs(
        project_env="DEV",
        root_node_id=74324,
        start_biz_date=datetime.date(2026, month, 1),
        end_biz_date=datetime.date(2026, month, 28),
        parallelism=None,
    )


shared: dataworks.BackfillArgsDict = {
    "project_env": "PROD",
    "root_node_id": 74324,
    "start_biz_date": "2026-05-01",
    "end_biz_date": "2026-05-31",
    "include_node_ids": [74324, 74325],
}
dataworks.Backfill("object", orders(2))
dataworks.Backfill("object-by-name", args=orders(3), opts=pulumi.ResourceOptions())
dataworks.Backfill("dict", shared)
dataworks.Backfill("dict-in-place", {**shared, "reason": "again", "triggers": [1]})
dataworks.Backfill("dict-as-keywords", **shared)
