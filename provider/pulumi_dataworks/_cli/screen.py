"""How commands show what they have to say: with colours and tables on a terminal, else plain."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

_COLOURS = {
    "SUCCESS": "green",
    "RUNNING": "blue",
    "FAILURE": "red",
    "CREATED": "dim",
    "EXPIRED": "yellow",
    "UNKNOWN": "yellow",
    "well": "green",
    "note": "yellow",
    "PROBLEM": "red",
}


def show_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Shows rows of text below their headings."""
    if sys.stdout.isatty():
        _show_rich_table(headings, rows)
        return
    lines = [headings, *rows]
    widths = [max(len(line[index]) for line in lines) for index in range(len(headings))]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("  ".join(cells).rstrip())


def show_json(value: Any) -> None:
    """Shows a value as JSON, for other programs."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def _show_rich_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*headings, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(cell, style=_COLOURS.get(cell, "")) for cell in row))
    Console().print(table)
