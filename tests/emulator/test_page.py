"""The page for people: what it is served, and what a real browser makes of it."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest
from dataworks_emulator import Emulator
from dataworks_emulator._board import cell

from tests._browser import browse, needs_browser
from tests.emulator._callers import Sdk
from tests.emulator._warehouse import CLEAN, HOURLY, LOAD, PAUSED, REPORT, SKIPPED

NODES = [LOAD, CLEAN, REPORT, SKIPPED, PAUSED]
LETTERS = {
    "NOT_RUN": "·",
    "WAIT_TIME": "T",
    "WAIT_RESOURCE": "Q",
    "RUNNING": "R",
    "SUCCESS": "✓",
    "FAILURE": "✗",
}
COLOURS = {
    "NOT_RUN": "rgb(227, 230, 234)",
    "WAIT_TIME": "rgb(201, 184, 232)",
    "WAIT_RESOURCE": "rgb(242, 212, 121)",
    "RUNNING": "rgb(91, 155, 213)",
    "SUCCESS": "rgb(87, 165, 90)",
    "FAILURE": "rgb(214, 69, 65)",
}
#: Tells, in the page, what each cell shows, and what is larger than the place it has.
PROBE = """<script>
const shown = [...document.querySelectorAll("td")].map(td => ({
  title: td.title, text: td.textContent, colour: getComputedStyle(td).backgroundColor,
  overflows: td.scrollWidth > td.clientWidth + 1 || td.scrollHeight > td.clientHeight + 1,
}));
const wide = document.documentElement.scrollWidth > window.innerWidth;
document.body.dataset.probe = encodeURIComponent(JSON.stringify({ shown, wide }));
</script></body>"""


def visit(emulator: Emulator) -> str:
    answer = httpx.get(emulator.url, headers={"accept": "text/html,*/*"})
    assert answer.headers["content-type"].startswith("text/html")
    return answer.text


def launch(emulator: Emulator, sdk: Sdk, dates: int, seconds: float) -> None:
    sdk.launch(*NODES, days=dates, parallelism=True, concurrent_runs=5 if dates > 1 else None)
    emulator.admin.set_clock(step=seconds)


def expected(emulator: Emulator, sdk: Sdk) -> dict[str, str]:
    """The status of each cell by its title's beginning, as the API tells it."""
    [launched] = emulator.launches()
    rows = [one for dag in launched["dagIds"] for one in sdk.instances(dag_id=dag)]
    return {f"{one['NodeName']} {_day(one['Bizdate'])}": one["Status"] for one in rows}


def _day(bizdate: int) -> date:
    return date(1970, 1, 1) + timedelta(milliseconds=bizdate + 8 * 3_600_000)


def test_a_browser_gets_the_page_and_a_caller_the_api(emulator: Emulator) -> None:
    assert "<!doctype html>" in visit(emulator)
    assert "Code" in httpx.get(emulator.url).json()
    named = httpx.get(f"{emulator.url}/?Action=GetDag", headers={"accept": "text/html"})
    assert "Code" in named.json()
    assert emulator.requests()[0]["action"] == ""
    assert len(emulator.requests()) == 2


def test_the_page_asks_nobody_else(emulator: Emulator) -> None:
    page = visit(emulator)
    assert re.findall(r"https?://", page) == []
    assert re.findall(r'(?:src|href)="(?!data:)', page) == []
    assert re.findall(r'fetch\("([^"]*)"\)', page) == ["/__admin__/board"]


def test_a_name_cannot_end_the_data(emulator: Emulator, sdk: Sdk) -> None:
    sdk.launch(LOAD, name="</script><script>alert(1)</script>")
    assert "<script>alert" not in visit(emulator)


def test_the_board_shows_what_the_api_tells(emulator: Emulator, sdk: Sdk) -> None:
    launch(emulator, sdk, 4, 15)
    [board] = emulator.admin.board()["launches"]
    found = {
        f"{node['name']} {day}": one["status"]
        for node in board["nodes"]
        for day, one in zip(board["dates"], node["cells"], strict=True)
    }
    assert found == expected(emulator, sdk)
    assert board["status"] == "RUNNING"
    assert httpx.get(f"{emulator.url}/__admin__/board").json()["launches"] == [board]


def test_a_cell_of_several_instances_shows_the_worst(emulator: Emulator, sdk: Sdk) -> None:
    assert cell(["SUCCESS", "FAILURE", "NOT_RUN"])["status"] == "FAILURE"
    assert cell(["SUCCESS", "NOT_RUN"])["status"] == "NOT_RUN"
    sdk.launch(HOURLY)
    [board] = emulator.admin.board()["launches"]
    [[one]] = [node["cells"] for node in board["nodes"]]
    assert one == {"status": "WAIT_RESOURCE", "count": 6, "done": 0}


@needs_browser
@pytest.mark.parametrize(("dates", "seconds"), [(1, 5), (12, 40), (60, 130)])
def test_every_cell_in_a_browser(
    emulator: Emulator, sdk: Sdk, tmp_path: Path, dates: int, seconds: float
) -> None:
    launch(emulator, sdk, dates, seconds)
    probe = browse(visit(emulator).replace("</body>", PROBE), tmp_path)
    assert not probe["wide"]
    assert len(probe["shown"]) == len(NODES) * dates
    wanted = expected(emulator, sdk)
    for shown in probe["shown"]:
        title, _, status = shown["title"].partition(": ")
        assert wanted[title] == status
        assert shown["text"] == LETTERS[status]
        assert shown["colour"] == COLOURS[status]
        assert not shown["overflows"]
