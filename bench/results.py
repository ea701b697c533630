"""Where figures go: ``bench/results.json``, and from there into tables.

``bench/README.md`` shows all of them, the README in both languages those that have a target.
"""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
FILE = FOLDER / "results.json"
PAGE = FOLDER / "README.md"
QUOTING = (FOLDER.parent / "README.md", FOLDER.parent / "README.zh-CN.md")
_QUOTED = re.compile(r"(?<=<!-- figures -->\n).*?(?=<!-- end of figures -->)", re.DOTALL)
_ABOUT = """# Measurements

`make bench` repeats all of them; each row names the command that gives it alone. Machines are
noisy: where two things are compared, both were measured in one run, and the ratio is what counts.
"""


@dataclass(frozen=True)
class Row:
    """One figure. ``target`` says what was to be reached, ``ok`` whether it was (None: no target).

    ``reason`` says why not, or what has to be known to read the figure.
    """

    figure: str
    value: float | int | str
    unit: str
    target: str = ""
    ok: bool | None = None
    reason: str = ""
    command: str = ""


def save(rows: Sequence[Row], command: str) -> None:
    """Puts the figures of one command in place of those that it gave before, and prints them."""
    kept = [row for row in _recorded() if row["command"] != command]
    fresh = [{**asdict(row), "command": command} for row in rows]
    everything = {"machine": _machine(), "rows": sorted(kept + fresh, key=lambda r: r["command"])}
    FILE.write_text(json.dumps(everything, indent=2, ensure_ascii=False) + "\n")
    PAGE.write_text(_page(everything))
    for page in QUOTING:
        text = page.read_text(encoding="utf-8")
        page.write_text(_QUOTED.sub(lambda _: quoted(), text), encoding="utf-8")
    print(_table(fresh))


def quoted() -> str:
    """The recorded figures that have a target, as the README's table."""
    head = "| figure | value | target | reached |\n|---|---|---|---|\n"
    with_target = [row for row in _recorded() if row["ok"] is not None]
    return head + "".join(_line(row, ("reason", "command")) for row in with_target)


def _recorded() -> list[dict[str, Any]]:
    if not FILE.is_file():
        return []
    rows: list[dict[str, Any]] = json.loads(FILE.read_text())["rows"]
    return rows


def _machine() -> dict[str, Any]:
    return {
        "date": date.today().isoformat(),  # noqa: DTZ011 - the day of whoever measures
        "cores": os.cpu_count(),
        "memory": _memory(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def _memory() -> str:
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return f"{pages / 2**30:.0f} GiB"


def _page(everything: dict[str, Any]) -> str:
    machine = ", ".join(f"{key} {value}" for key, value in everything["machine"].items())
    return f"{_ABOUT}\nMachine: {machine}.\n\n{_table(everything['rows'])}"


def _table(rows: Sequence[dict[str, Any]]) -> str:
    head = "| figure | value | target | reached | reason | command |\n|---|---|---|---|---|---|\n"
    return head + "".join(_line(row) for row in rows)


def _line(row: dict[str, Any], without: Sequence[str] = ()) -> str:
    cells = {
        "figure": row["figure"],
        "value": f"{row['value']} {row['unit']}".strip(),
        "target": row["target"],
        "reached": {True: "yes", False: "**no**", None: ""}[row["ok"]],
        "reason": row["reason"],
        "command": f"`{row['command']}`",
    }
    return f"| {' | '.join(cell for name, cell in cells.items() if name not in without)} |\n"
