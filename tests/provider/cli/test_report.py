"""``report``: one file, with the matrix of nodes by dates, its filter, and nothing from outside."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from dataworks_emulator import Emulator
from pulumi_dataworks._api.client import Client
from pulumi_dataworks._api.settings import Settings
from pulumi_dataworks._api.signing import Credentials
from pulumi_dataworks._api.v2020 import Api2020
from pulumi_dataworks._cli.main import main
from pulumi_dataworks._cli.report import Reported, Row
from pulumi_dataworks._cli.report_page import page_of
from pulumi_dataworks._declaration.inputs import normalize
from pulumi_dataworks._declaration.plan import plan_of
from pulumi_dataworks._launch.generations import mint

from tests._browser import browse, needs_browser

from .conftest import KIND, SetStack

LOAD, CLEAN, CHECK = "74324", "74325", "74332"
MADE = datetime(2026, 6, 1, 9, 30, tzinfo=timezone.utc)
#: Uses the filter as a person does, and tells which rows are left, and whether the page is wide.
PROBE = """<script>
function left(words, chosen) {
  text.value = words; text.dispatchEvent(new Event("input"));
  state.value = chosen; state.dispatchEvent(new Event("change"));
  return [...document.querySelectorAll("tr[data-node]")].filter(row => row.offsetParent).length;
}
const rows = FILTERS.map(([words, chosen]) => left(words, chosen));
left("", "");
const wide = document.documentElement.scrollWidth > window.innerWidth;
const colours = new Set([...document.querySelectorAll("td")].map(
  cell => getComputedStyle(cell).backgroundColor));
document.body.dataset.probe = encodeURIComponent(
  JSON.stringify({ rows, wide, colours: colours.size }));
</script></body>"""
STATES = ("failed", "running", "planned", "done", "dry-run")
HOSTILE = "<img src=x onerror=alert(1)>\"'&"


class Page(HTMLParser):
    """What a browser makes of a page: its elements, their attributes, its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for found, attributes in self.elements if found == tag]


def month(nodes: int = 20, days: int = 31) -> Reported:
    """A backfill with a cell of every state, in turn."""
    dates = [(date(2026, 5, 1) + timedelta(days=n)).isoformat() for n in range(days)]
    rows = [
        Row(
            str(74300 + n),
            f"dwd_orders_{n:02}",
            {day: {STATES[(n + k) % len(STATES)]: 1} for k, day in enumerate(dates)},
        )
        for n in range(nodes)
    ]
    url = "https://dataworks.data.aliyun.com/cn-shanghai/oc?defaultProjectId=10001"
    return Reported("orders-may", "orders_may_1", "PROD", "Refunds", url, dates, rows)


def test_a_month_of_twenty_nodes() -> None:
    text = page_of("prod", [month()], MADE)
    page = Page(text)
    assert len(page.all("td")) == 20 * 31
    assert next(row["data-node"] for row in page.all("tr") if row) == "74300 dwd_orders_00"
    assert "05-31" in page.text
    assert "124 failed" in page.text
    assert "124 dry-run" in page.text
    assert {"Backfills of prod", "orders-may", "2026-06-01 09:30 UTC"} <= set(page.text)
    assert page.all("td")[0] == {"class": "failed", "title": "2026-05-01: 1 failed"}
    assert len(text) < 100_000


def test_the_filter_takes_names_and_every_state() -> None:
    text = page_of("prod", [month()], MADE)
    page = Page(text)
    [field] = page.all("input")
    assert (field["id"], field["type"]) == ("text", "search")
    choices = [option["value"] for option in page.all("option")]
    assert choices == ["", *STATES]
    assert {cell["class"] for cell in page.all("td")} == set(choices[1:])
    assert all(name in text for name in ("dataset.node", "dataset.name", "row.hidden"))


@needs_browser
def test_the_filter_in_a_browser(tmp_path: Path) -> None:
    quiet = Row("99", "ads_quiet", {day: {"done": 1} for day in month().dates})
    backfills = [month(), replace(month(1), name="quiet", rows=[quiet])]
    filters = [["", ""], ["ORDERS_0", ""], ["74319", ""], ["quiet", ""], ["", "failed"], ["no", ""]]
    probe = PROBE.replace("FILTERS", json.dumps(filters))
    told = browse(page_of("prod", backfills, MADE).replace("</body>", probe), tmp_path)
    assert told == {"rows": [21, 10, 1, 1, 20, 0], "wide": False, "colours": len(STATES)}


def test_nothing_comes_from_outside() -> None:
    page = Page(page_of("prod", [month()], MADE))
    assert not {"link", "img", "iframe", "object"} & {tag for tag, _ in page.elements}
    assert not any("src" in script for script in page.all("script"))
    [link] = page.all("a")
    assert str(link["href"]).startswith("https://dataworks.data.aliyun.com/")
    [policy] = [one for one in page.all("meta") if one.get("http-equiv")]
    assert str(policy["content"]).startswith("default-src 'none'")


def test_what_people_write_is_no_markup() -> None:
    row = Row(HOSTILE, HOSTILE, {"2026-05-01": {"done": 1}})
    hostile = Reported(
        HOSTILE, HOSTILE, HOSTILE, HOSTILE, "javascript:alert(1)", ["2026-05-01"], [row], HOSTILE
    )
    page = Page(page_of(HOSTILE, [hostile], MADE))
    assert page.all("img") == []
    assert page.all("a") == []
    assert len(page.all("script")) == 1
    assert [row["data-node"] for row in page.all("tr") if row] == [f"{HOSTILE} {HOSTILE}"]
    assert f"Backfills of {HOSTILE}" in page.text
    assert not any(name.startswith("on") for _, found in page.elements for name in found)


def test_a_cell_of_many_instances_shows_the_worst_of_them() -> None:
    row = Row("1", "hourly", {"2026-05-01": {"done": 20, "failed": 1, "planned": 3}})
    page = Page(page_of("", [Reported("nights", dates=["2026-05-01"], rows=[row])], MADE))
    told = "2026-05-01: 1 failed, 3 planned, 20 done"
    assert page.all("td") == [{"class": "failed", "title": told}]
    assert "1/24" in page.text


@pytest.fixture
def may(emulator: Emulator, set_stack: SetStack) -> dict[str, Any]:
    """A launched backfill, one node of it dry-run, as it stands in the stack's state."""
    set_stack({})
    inputs = {
        "projectEnv": "PROD",
        "rootNodeId": LOAD,
        "includeNodeIds": [LOAD, CLEAN],
        "excludeNodeIds": [CHECK],
        "startBizDate": "2026-05-01",
        "endBizDate": "2026-05-02",
        "parallelism": False,
    }
    settings = Settings(region="cn-shanghai", endpoint=emulator.url)
    api = Api2020(Client(settings, lambda: Credentials("testid", "testsecret")), None)
    named = {**inputs, "name": "orders_may"}
    generation = mint(named, 1, "", emulator.url, MADE, lambda _: "ab12")
    ids = api.launch(generation, named).ids
    outputs = {**inputs, "launch": generation.to_state(), "nodeIds": ids, "reason": "Refunds"}
    set_stack({}, {"orders-may": outputs})
    return outputs


def counts(capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, dict[str, int]]:
    assert main(["report", "--json", *options]) == 0
    return {one["name"]: one["counts"] for one in json.loads(capsys.readouterr().out)}


@pytest.mark.usefixtures("may")
def test_from_launch_to_end(emulator: Emulator, capsys: pytest.CaptureFixture[str]) -> None:
    emulator.admin.set_node(int(CLEAN), failure={"message": "no column discount"})
    before = counts(capsys)["orders-may"]
    assert sum(before.values()) == 6
    assert before["dry-run"] == 2
    assert not {"done", "failed"} & set(before)
    emulator.admin.set_clock(step=3600)
    after = counts(capsys)["orders-may"]
    assert (after["done"], after["failed"], after["dry-run"]) == (1, 1, 2)


@pytest.mark.usefixtures("may")
def test_a_file(emulator: Emulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    emulator.admin.set_clock(step=3600)
    file = tmp_path / "report.html"
    assert main(["report", "--output", str(file)]) == 0
    assert capsys.readouterr().out == f"{file}: 1 backfill.\n"
    page = Page(file.read_text("utf-8"))
    assert [cell["class"] for cell in page.all("td")].count("done") == 4
    assert any("Refunds" in text for text in page.text)


@pytest.mark.usefixtures("may")
def test_with_a_preview_the_plan_is_in_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inputs = normalize(
        {
            "projectEnv": "PROD",
            "rootNodeId": LOAD,
            "includeNodeIds": [LOAD, CLEAN],
            "excludeNodeIds": [CLEAN],
            "startBizDate": "2026-06-01",
            "endBizDate": "2026-06-30",
        }
    ).inputs
    june = {"op": "create", "urn": f"urn:pulumi:prod::shop::{KIND}::orders-june"}
    steps = [{**june, "newState": {"inputs": {**inputs, "plan": plan_of(inputs)}}}]
    file = tmp_path / "preview.json"
    file.write_text(json.dumps({"steps": steps, "diagnostics": []}))
    found = counts(capsys, "--preview", str(file))
    assert found["orders-june"] == {"planned": 30, "dry-run": 30}
    assert "orders-may" in found


@pytest.mark.usefixtures("may")
def test_a_history_that_is_gone(emulator: Emulator, capsys: pytest.CaptureFixture[str]) -> None:
    emulator.admin.set_clock(step=3600)
    emulator.admin.purge()
    assert main(["report", "--json"]) == 0
    [found] = json.loads(capsys.readouterr().out)
    assert (found["rows"], found["note"]) == ([], "its history is no longer in DataWorks")


def test_a_file_that_cannot_be_written(
    set_stack: SetStack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    set_stack({})
    assert main(["report", "--output", str(tmp_path / "none" / "r.html")]) == 1
    assert re.search(r"error: .*r\.html can't be written", capsys.readouterr().err)
