"""The look-up of a launch by its Name: no operation filters by it, so instances lead to it.

"Not found" has a second launch follow, so it counts only where the listings were read whole.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any, cast

import pytest
from dataworks_emulator import Emulator
from pulumi_dataworks._api.backend import IncompleteSearch, Launched
from pulumi_dataworks._api.client import Client, Reply
from pulumi_dataworks._api.settings import Settings
from pulumi_dataworks._api.signing import Credentials
from pulumi_dataworks._api.v2020 import find, launch

Json = dict[str, Any]
NOW = datetime(2026, 6, 1, tzinfo=timezone.utc)
ORDERS: Json = {
    "projectEnv": "PROD",
    "rootNodeId": "74324",
    "includeNodeIds": ["74324", "74325"],
    "startBizDate": "2026-05-01",
    "endBizDate": "2026-05-03",
    "parallelism": False,
}


# ---- Against the emulator ---------------------------------------------------------------------


@pytest.fixture
def client(emulator: Emulator) -> Client:
    emulator.admin.set_clock(scale=0)
    settings = Settings("", emulator.url)
    return Client(settings, lambda: Credentials("testid", "testsecret"))


def now(emulator: Emulator) -> datetime:
    return datetime.fromtimestamp(emulator.admin.clock()["now"] / 1000, timezone.utc)


def launched(emulator: Emulator, client: Client, name: str, **changes: object) -> Launched:
    found = launch(client, {**ORDERS, **changes}, name)
    emulator.admin.reveal()
    return found


def look_up(
    emulator: Emulator, client: Client, name: str, ago: float = 0.0, **changes: object
) -> Launched | None:
    born = now(emulator) - timedelta(seconds=ago)
    return find(client, name, born, {**ORDERS, **changes})


def test_a_launch_is_found_with_all_its_dags_and_how_they_are(
    emulator: Emulator, client: Client
) -> None:
    launched(emulator, client, "another")
    made = launched(emulator, client, "orders_1")
    launched(emulator, client, "orders_11")

    found = look_up(emulator, client, "orders_1")

    assert found is not None
    assert found.ids == made.ids
    assert list(found.statuses) == ["2026-05-01", "2026-05-02", "2026-05-03"]


@pytest.mark.parametrize("name", ["orders", "ORDERS_1", "orders_1 ", "orders_12"])
def test_a_name_is_the_whole_name(emulator: Emulator, client: Client, name: str) -> None:
    launched(emulator, client, "orders_1")

    assert look_up(emulator, client, name) is None


def test_a_root_that_is_not_included_has_no_instance_and_is_not_needed(
    emulator: Emulator, client: Client
) -> None:
    changes: Any = {"includeNodeIds": ["74325", "74328"]}
    made = launched(emulator, client, "orders_1", **changes)

    found = look_up(emulator, client, "orders_1", **changes)

    assert found is not None
    assert found.ids == made.ids


def test_of_two_of_the_same_name_only_the_one_since_the_birth_counts(
    emulator: Emulator, client: Client
) -> None:
    launched(emulator, client, "orders")
    emulator.admin.set_clock(step=3600)

    assert look_up(emulator, client, "orders") is None
    made = launched(emulator, client, "orders")
    found = look_up(emulator, client, "orders")
    assert found is not None
    assert found.ids == made.ids


def test_the_clocks_may_be_a_quarter_of_an_hour_apart(emulator: Emulator, client: Client) -> None:
    made = launched(emulator, client, "orders_1")

    found = look_up(emulator, client, "orders_1", ago=-890)

    assert found is not None
    assert found.ids == made.ids
    assert look_up(emulator, client, "orders_1", ago=-910) is None


def test_others_by_the_hundred_do_not_hide_a_launch(emulator: Emulator, client: Client) -> None:
    hourly: Any = {"rootNodeId": "74340", "includeNodeIds": ["74340"]}
    made = launched(emulator, client, "nights_1", **hourly, endBizDate="2026-05-01")
    launched(emulator, client, "nights_2", **hourly, endBizDate="2026-05-10")

    found = look_up(emulator, client, "nights_1", **hourly, endBizDate="2026-05-31")

    assert found is not None
    assert found.ids == made.ids
    pages = [call for call in emulator.requests() if call["action"] == "ListInstances"]
    assert len(pages) == 3  # 11 dates of 24 instances each


# ---- Against listings of every kind -----------------------------------------------------------


class Listing:
    """Answers from rows of instances; each of them is alone in its DAG."""

    def __init__(self, rows: list[Any], **changes: Callable[[Json], Any]) -> None:
        self.calls: list[tuple[str, Json]] = []
        self._rows = rows
        self._changes = changes

    def call(self, action: str, parameters: Json, version: str) -> Reply:
        self.calls.append((action, parameters))
        answer = self._changes.get(action) or getattr(self, f"_{action}")
        return Reply({"Success": True, "Data": answer(parameters)})

    def find(self, **runs: object) -> Launched | None:
        client = cast(Client, self)
        return find(client, "orders", NOW, {**ORDERS, "includeNodeIds": ["1"], **runs}, "10001")

    def page(self, parameters: Json) -> Json:
        last = parameters["PageNumber"] * parameters["PageSize"]
        rows = self._rows[last - parameters["PageSize"] : last]
        return {"TotalCount": len(self._rows), "Instances": rows}

    _ListInstances = page

    def _GetDag(self, parameters: Json) -> Json:  # noqa: N802
        found = parameters["DagId"]
        return {"DagId": int(found), "Name": f"backfill {found}", "CreateTime": created(0)}

    def _ListDags(self, parameters: Json) -> Json:  # noqa: N802
        return {"Dags": [{"DagId": int(parameters["OpSeq"]), "Status": "RUNNING"}]}


def created(seconds: float) -> int:
    """So many seconds after the birth, in milliseconds since 1970 UTC."""
    return int((NOW + timedelta(seconds=seconds)).timestamp() * 1000)


def instance(dag: int, **changes: object) -> Json:
    return {"DagId": dag, "DagType": "SUPPLY_DATA", "CreateTime": created(0), **changes}


def dag(number: object) -> Callable[[Json], Json]:
    """GetDag, where this DAG is the one that is looked for."""

    def answer(parameters: Json) -> Json:
        found = parameters["DagId"]
        name = "orders" if found == str(number) else "another"
        return {"DagId": int(found), "OpSeq": int(found), "Name": name, "CreateTime": created(0)}

    return answer


def test_an_id_above_2_to_the_53_is_found_unharmed() -> None:
    large = 2**63 - 1

    found = Listing([instance(large - 1), instance(large)], GetDag=dag(large)).find()

    assert found is not None
    assert found.ids == [str(large)]


@pytest.mark.parametrize("count", [1, 99, 100, 101, 200, 250])
def test_every_page_is_read_once_and_every_dag_asked_for_once(count: int) -> None:
    listing = Listing([instance(number // 2 + 1) for number in range(count)])

    assert listing.find() is None

    pages = [sent["PageNumber"] for action, sent in listing.calls if action == "ListInstances"]
    assert pages == list(range(1, (count + 99) // 100 + 1))
    asked = [sent["DagId"] for action, sent in listing.calls if action == "GetDag"]
    assert asked == [str(number + 1) for number in range((count + 1) // 2)]


@pytest.mark.parametrize("kind", ["SUPPLY_DATA", "SUPPLY_DATA(3)", 3, "3", None, ""])
def test_an_instance_of_a_backfill_is_known_in_every_form(kind: object) -> None:
    assert Listing([instance(7, DagType=kind)], GetDag=dag(7)).find() is not None


def test_an_instance_of_another_kind_is_not_asked_about() -> None:
    rows = [instance(7, DagType=kind) for kind in ("DAILY", "DAILY(0)", 0, "MANUAL")]
    listing = Listing(rows, GetDag=dag(7))

    assert listing.find() is None
    assert [action for action, _ in listing.calls] == ["ListInstances"]


def test_reading_ends_at_what_is_older_than_the_birth() -> None:
    rows = [instance(1), *[instance(2, CreateTime=created(-901)) for _ in range(500)]]
    listing = Listing(rows)

    assert listing.find() is None
    assert [action for action, _ in listing.calls] == ["ListInstances", "GetDag"]


INCOMPLETE: dict[str, tuple[list[Any], dict[str, Callable[[Json], Any]]]] = {
    "no object": ([], {"ListInstances": lambda sent: None}),
    "no list": ([], {"ListInstances": lambda sent: {"Instances": None, "TotalCount": 0}}),
    "a row that is none": ([7], {}),
    "a row without its DAG": ([instance(7, DagId=None)], {}),
    "an empty page though more are counted": (
        [],
        {"ListInstances": lambda sent: {"Instances": [], "TotalCount": 5}},
    ),
    "newer rows behind older ones": (
        [instance(1, CreateTime=created(-5000)), instance(7)],
        {"GetDag": dag(7)},
    ),
    "a DAG without a Name": ([instance(7)], {"GetDag": lambda sent: {"DagId": 7}}),
    "no DAG": ([instance(7)], {"GetDag": lambda sent: None}),
    "more than all pages hold": (
        [],
        {"ListInstances": lambda sent: {"Instances": [instance(1)] * 100, "TotalCount": 10**6}},
    ),
    "no end": ([], {"ListInstances": lambda sent: {"Instances": [instance(1)] * 100}}),
}


@pytest.mark.parametrize("name", INCOMPLETE)
def test_a_listing_that_is_not_whole_proves_nothing(name: str) -> None:
    rows, changes = INCOMPLETE[name]

    with pytest.raises(IncompleteSearch):
        Listing(rows, **changes).find()


@pytest.mark.parametrize("dags", [None, {}, {"Dags": None}, {"Dags": 7}, "x", {"Dags": ["x"]}])
def test_a_launch_that_was_found_is_not_lost_again_to_an_odd_list_of_its_dags(
    dags: object,
) -> None:
    found = Listing([instance(7)], GetDag=dag(7), ListDags=lambda sent: dags).find()

    assert found is not None
    assert found.ids == ["7"]


def test_a_launch_whose_dags_cannot_be_listed_is_found_with_the_one_that_is_known() -> None:
    def no_sequence(sent: Json) -> Json:
        return {"DagId": 7, "Name": "orders", "CreateTime": created(0)}

    listing = Listing([instance(7)], GetDag=no_sequence)

    found = listing.find()

    assert found is not None
    assert found.ids == ["7"]
    assert "ListDags" not in [action for action, _ in listing.calls]


@pytest.mark.parametrize("data", [None, {}, {"ProjectId": None}])
def test_without_the_workspaces_id_nothing_can_be_listed(data: object) -> None:
    listing = Listing([], GetNode=lambda sent: data)

    with pytest.raises(IncompleteSearch, match="workspace of node 74324"):
        find(cast(Client, listing), "orders", NOW, ORDERS)
