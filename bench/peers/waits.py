"""A program with COUNT waits that do not end while node 74324 runs, each told how to wait.

With more than one, a launch comes last that needs the end of another, quick wait.
"""

import os

import pulumi_dataworks as dataworks


def backfill(name, node, **more):
    return dataworks.Backfill(
        name,
        project_env="PROD",
        root_node_id=node,
        start_biz_date="2026-05-01",
        end_biz_date="2026-05-01",
        **more,
    )


def declare(wait):
    """``wait`` takes a name and a backfill, and gives an Output of how it ended."""
    count = int(os.environ["COUNT"])
    for number in range(count):
        wait(f"slow-{number}-done", backfill(f"slow-{number}", 74324))
    if count > 1:
        ended = wait("quick-done", backfill("quick", 74350))
        backfill("late", 74324, reason=ended)
