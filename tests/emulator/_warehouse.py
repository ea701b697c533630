"""A small workspace with every kind of node once. Every run queues 1 s and takes 10 s."""

from __future__ import annotations

from dataworks_emulator import Node, Workspace

PROJECT = 10001
USER, ANALYST = "1107550004253538", "1107550004253601"
TOKEN = "testststoken/+="

LOAD, CLEAN, REPORT, HOURLY, EIGHT_HOURLY = 1001, 1002, 1003, 1004, 1005
WEEKLY, PAUSED, SKIPPED, DRAFT, APART = 1006, 1007, 1008, 1009, 1010


def _node(node_id: int, name: str, *parents: int, **more: object) -> Node:
    fields = {
        "id": node_id,
        "name": name,
        "owner": "chen",
        "parents": parents,
        "cron": "00 05 00 * * ?",
        "business_flow": "trade",
        "behaviour": {"queue_seconds": 1, "seconds": 10},
        **more,
    }
    return Node.model_validate(fields)


WAREHOUSE = Workspace.model_validate(
    {
        "project": {"id": PROJECT, "name": "warehouse"},
        "owners": {"chen": USER, "li": ANALYST},
        "business_flows": {"trade": 501, "logistics": 502},
        "access_keys": [
            {"id": "testid", "secret": "testsecret", "user": USER},
            {"id": "testid", "secret": "testsecret", "user": USER, "security_token": TOKEN},
            {"id": "inactive", "secret": "testsecret", "user": USER, "active": False},
        ],
        "nodes": [
            _node(LOAD, "load", program_type="DI", priority=7, description="Orders of the day"),
            _node(CLEAN, "clean", LOAD, cron="00 30 00 * * ?"),
            _node(REPORT, "report", CLEAN, owner="li"),
            _node(HOURLY, "hourly", LOAD, cron="00 10 00-23/4 * * ?", business_flow="logistics"),
            _node(EIGHT_HOURLY, "eight_hourly", HOURLY, cron="00 00 00-23/8 * * ?"),
            _node(WEEKLY, "weekly", CLEAN, cron="00 00 07 ? * MON"),
            _node(PAUSED, "paused", CLEAN, scheduler_type="PAUSE"),
            _node(SKIPPED, "skipped", CLEAN, scheduler_type="SKIP"),
            _node(DRAFT, "draft", CLEAN, environments=("DEV",)),
            _node(APART, "apart"),
        ],
    }
)
