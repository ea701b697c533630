"""Hourly nodes, for six hours of each date.

The window is a time of day on the day after the business date: that is when instances run. So the
scans of the night to 5 May are those of business date 4 May, from 00:00 to 06:00.
"""

import datetime

import pulumi
import pulumi_dataworks as dataworks

nights = dataworks.Backfill(
    "parcels-nights",
    project_env="PROD",
    root_node_id=74340,
    include_node_ids=[74340, 74341],
    start_biz_date=datetime.date(2026, 5, 4),
    end_biz_date=datetime.date(2026, 5, 8),
    biz_begin_time=datetime.time(0, 0),
    biz_end_time=datetime.time(6, 0),
)

pulumi.export("node_ids", nights.node_ids)
