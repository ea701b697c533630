"""The report as a page of HTML that loads nothing: its style and its filter are in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .report import Reported, Row

#: In the order of their weight: a cell with several instances shows the first that it has.
_SIGNS = {"failed": "✕", "running": "▶", "planned": "○", "done": "✓", "dry-run": "~"}
_STYLE = """
:root { color-scheme: light dark; font: 14px/1.4 system-ui, sans-serif; }
body { margin: 1.5rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin: 1.5rem 0 .25rem; }
.bar { position: sticky; top: 0; background: Canvas; padding: .5rem 0; z-index: 2; }
.bar input, .bar select { font: inherit; padding: .2rem .4rem; }
.counts span { margin-right: 1rem; }
.matrix { overflow-x: auto; }
table { border-collapse: collapse; }
th { font-weight: normal; text-align: left; white-space: nowrap; padding: .1rem .5rem .1rem 0; }
thead th { font-size: .75rem; padding: 0 .15rem; text-align: center; }
tbody th { position: sticky; left: 0; background: Canvas; }
td { min-width: 1.5rem; height: 1.4rem; padding: 0 .15rem; text-align: center;
  border: 1px solid Canvas; color: #000; }
small { opacity: .7; }
.planned { background: #d5d9e0; } .running { background: #8ec5ff; } .done { background: #9ad8a4; }
.failed { background: #ff8f85; font-weight: bold; } .dry-run { background: #f0e6b8; }
.key { display: inline-block; width: 1.4rem; text-align: center; color: #000; }
@media print { .bar { display: none; } .matrix { overflow: visible; } }
"""
_FILTER = """
const text = document.getElementById("text"), state = document.getElementById("state");
function filter() {
  const wanted = text.value.trim().toLowerCase();
  for (const section of document.querySelectorAll("section")) {
    const whole = section.dataset.name.toLowerCase().includes(wanted);
    let shown = 0;
    const rows = section.querySelectorAll("tbody tr");
    for (const row of rows) {
      const named = whole || row.dataset.node.toLowerCase().includes(wanted);
      row.hidden = !(named && (!state.value || row.querySelector("." + state.value)));
      shown += !row.hidden;
    }
    section.hidden = rows.length ? !shown : !whole || !!state.value;
  }
}
text.addEventListener("input", filter);
state.addEventListener("change", filter);
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


def page_of(stack: str, backfills: Sequence[Reported], made: datetime) -> str:
    """Writes the page.

    :param stack: its name, may be empty; :param made: when, UTC.
    """
    title = f"Backfills of {stack}" if stack else "Backfills"
    total: Counter[str] = Counter()
    for one in backfills:
        total += one.counts
    body = "".join(map(_section, backfills)) or "<p>The stack has no backfills.</p>"
    choices = "".join(f'<option value="{state}">{state}</option>' for state in _SIGNS)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width">
<title>{escape(title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>{escape(title)}</h1>
<p>{_counts(total)}<small>{made:%Y-%m-%d %H:%M} UTC</small></p>
<p class="bar"><input id="text" type="search" placeholder="node or backfill" aria-label="Filter">
<select id="state" aria-label="State"><option value="">all states</option>{choices}</select></p>
{body}
<script>{_FILTER}</script>
</body>
</html>
"""


def _section(backfill: Reported) -> str:
    told = [backfill.launch_name, backfill.environment, backfill.reason]
    about = " · ".join(escape(text) for text in told if text)
    note = f"<p>{escape(backfill.note)}</p>" if backfill.note else ""
    counts = f"<p>{_counts(backfill.counts)}</p>" if backfill.rows else ""
    return f"""<section data-name="{escape(f"{backfill.name} {backfill.launch_name}")}">
<h2>{escape(backfill.name)}</h2>
<p>{about}{_link(backfill.console_url)}</p>
{counts}{note}
{_matrix(backfill) if backfill.rows else ""}
</section>
"""


def _link(url: str) -> str:
    """Links to the console, and to nothing that only looks like it: a state can be edited."""
    if not url.startswith("https://"):
        return ""
    address = escape(url)
    return f' · <a href="{address}" rel="noreferrer" target="_blank">Operation Center</a>'


def _matrix(backfill: Reported) -> str:
    heads = "".join(f'<th title="{escape(day)}">{escape(day[5:])}</th>' for day in backfill.dates)
    rows = "".join(_row(row, backfill.dates) for row in backfill.rows)
    return (
        f'<div class="matrix"><table><thead><tr><th></th>{heads}</tr></thead>\n'
        f"<tbody>\n{rows}</tbody></table></div>"
    )


def _row(row: Row, dates: Sequence[str]) -> str:
    node = escape(f"{row.node_id} {row.node_name}".strip())
    cells = "".join(_cell(row.cells.get(day) or {}, day) for day in dates)
    name = f"{escape(row.node_name)} " if row.node_name else ""
    head = f"<th>{name}<small>{escape(row.node_id)}</small></th>"
    return f'<tr data-node="{node}">{head}{cells}</tr>\n'


def _cell(counts: Mapping[str, int], day: str) -> str:
    state = next((state for state in _SIGNS if counts.get(state)), None)
    if state is None:
        return "<td></td>"
    total = sum(counts.values())
    shown = _SIGNS[state] if total == 1 else f"{counts[state]}/{total}"
    told = ", ".join(f"{counts[state]} {state}" for state in _SIGNS if counts.get(state))
    return f'<td class="{state}" title="{escape(day)}: {told}">{shown}</td>'


def _counts(counts: Mapping[str, int]) -> str:
    told = "".join(
        f'<span><span class="key {state}">{sign}</span>{counts.get(state, 0)} {state}</span>'
        for state, sign in _SIGNS.items()
    )
    return f'<span class="counts">{told}</span>'
