"""Show how the backfills of a stack are.

Asks DataWorks, in two calls for each backfill, and takes no lock of the stack. The exit code is 0
whatever the status.
"""

from __future__ import annotations

import argparse
from collections import Counter
from typing import Any

from .._lifecycle import backfills
from .._run import Run
from .screen import show_json, show_table
from .stack import DeclaredBackfill, add_stack_arguments, read_stack


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's own options."""
    add_stack_arguments(parser)
    parser.add_argument("--json", action="store_true", help="as JSON, for other programs")


def run(options: argparse.Namespace) -> int:
    """Shows one line for each backfill."""
    stack = read_stack(options)
    api = stack.run()
    found = [_status(api, one) for one in stack.backfills]
    if options.json:
        show_json(found)
    elif not found:
        print("The stack has no backfills.")
    else:
        headings = ("BACKFILL", "STATUS", "DATES", "FROM", "TO", "LAUNCHED", "NAME")
        show_table(headings, [_row(one) for one in found])
    return 0


def _status(run: Run, backfill: DeclaredBackfill) -> dict[str, Any]:
    seen = backfills.read(run, dict(backfill.outputs))
    return {
        "name": backfill.name,
        "status": seen["lastSeenStatus"],
        "statusByDate": seen.get("statusByDate") or {},
        "launchName": seen.get("launchName"),
        "launchedAt": seen.get("launchedAt"),
        "nodeIds": seen["nodeIds"],
        "startBizDate": seen["startBizDate"],
        "endBizDate": seen["endBizDate"],
        "consoleUrl": seen.get("consoleUrl"),
    }


def _row(status: dict[str, Any]) -> list[str]:
    counts = Counter(status["statusByDate"].values())
    return [
        status["name"],
        status["status"],
        f"{counts['SUCCESS']} of {counts.total()}",
        status["startBizDate"],
        status["endBizDate"],
        str(status["launchedAt"] or ""),
        str(status["launchName"] or ""),
    ]
