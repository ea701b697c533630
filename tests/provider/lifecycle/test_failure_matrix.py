"""Every way in which a launch goes wrong: what the user reads, what runs, what the next `up` does.

On the engine itself, crashes stand in ``tests/engine/test_crashes.py``.
"""

from __future__ import annotations

import re
import socket
import time
from dataclasses import dataclass, field

import pytest
from dataworks_emulator import Emulator
from pulumi_dataworks._declaration.versions import V2024

from tests.provider.api._peer import Peer, hang
from tests.provider.lifecycle._stacks import Stack

LAUNCH = "RunCycleDagNodes"
CREATE, START = "CreateWorkflowInstances", "StartWorkflowInstances"
RESULT = "GetCreateWorkflowInstancesResult"
SILENCE = "RunCycleDagNodes: the request was sent, and no reply came"
NO_ANSWER = "with a body that is no reply of the API"
REFUSED = r"\. Nothing was launched$"
TRY_AGAIN = r"\. Nothing was launched; the next `pulumi up` tries again$"


@dataclass(frozen=True)
class Row:
    """A row of the matrix: the fault, and a pattern of what the user reads of it.

    Without a pattern the first `up` succeeds, although it was hurt. ``runs`` tells whether the
    backfill runs after it. ``waits`` is the least that it waits for, in seconds.
    """

    fault: str
    reads: str = ""
    runs: bool = True
    more: dict[str, object] = field(default_factory=dict)
    waits: float = 0.0


def ambiguous(cause: str) -> str:
    """What the user reads where nothing tells whether the API has processed the launch."""
    return (
        rf"^the backfill orders_\w+( \(RequestId [\w-]+\))? may have been launched: .*{cause}.*"
        r"no backfill of that Name is to be seen after 60 s\. Nothing more was sent\. Look in the "
        r"Operation Center.* for that Name, from .* UTC on\. The next `pulumi up` looks for it "
    )


def quota(code: str, **rule: object) -> dict[str, object]:
    return {"code": code, **rule}


ROWS = {
    "sent, response lost": Row("drop_after_commit"),
    "sent, lost on the way": Row("drop_before_commit", ambiguous(SILENCE), runs=False),
    "read timeout, processed": Row("hold_after_commit"),
    "429 Throttling.User": Row("throttle", more=quota("Throttling.User"), waits=0.5),
    "429 Throttling.Api": Row("throttle", more=quota("Throttling.Api"), waits=0.5),
    "429 Throttling.System": Row("throttle", more=quota("Throttling.System"), waits=0.5),
    "429 with a header": Row("throttle", more={"retryAfter": 30_000}, waits=30),
    "429 with a header that asks for too much": Row(
        "throttle",
        rf"Throttling\.User: .*The API asks for a pause of \d+ s{TRY_AGAIN}",
        runs=False,
        more={"retryAfter": 3_600_000},
    ),
    "429 without an end": Row(
        "throttle", rf"Throttling\.User: .*{TRY_AGAIN}", runs=False, more={"times": 8}
    ),
    "429 Throttling.Api.Risk": Row(
        "throttle",
        r"The daily limit of calls is reached: a retry today will not help\. Nothing was launched$",
        runs=False,
        more=quota("Throttling.Api.Risk"),
    ),
    "429 Throttling.Resource": Row(
        "throttle",
        r"quota of calls is used up: a retry will not help\. Nothing was launched$",
        runs=False,
        more=quota("Throttling.Resource"),
    ),
    "403, the edition": Row(
        "forbidden",
        r"needs DataWorks Enterprise or Ultimate edition\. Nothing was launched$",
        runs=False,
    ),
    "500 before effect": Row(
        "json_500_before_commit", ambiguous(r"InternalError\.System"), runs=False
    ),
    "500 after effect": Row("json_500_after_commit"),
    "503 before effect": Row("json_503_before_commit", ambiguous("ServiceUnavailable"), runs=False),
    "503 after effect": Row("json_503_after_commit"),
    "200, Success false": Row(
        "business_error",
        rf"^RunCycleDagNodes: 1101080008: no such node \(HTTP 400, RequestId .*\){REFUSED}",
        runs=False,
        more={"message": "no such node"},
    ),
    "200, Success false, a fault inside": Row(
        "business_error", ambiguous("1101080008"), runs=False, more={"status": 500}
    ),
    **{
        f"200, Data {shape}": Row("data", more={"shape": shape})
        for shape in (
            "missing",
            "null",
            "scalar",
            "string",
            "strings",
            "wrapped",
            "empty",
            "absurd",
        )
    },
    "HTML 502 before effect": Row("html_502_before_commit", ambiguous(NO_ANSWER), runs=False),
    "HTML 502 after effect": Row("html_502_after_commit"),
    "HTML 200 of a proxy": Row(
        "reply", ambiguous(NO_ANSWER), runs=False, more={"body": "<html>Sign in</html>"}
    ),
    "redirect": Row("redirect", ambiguous("HTTP 307"), runs=False),
    "truncated body": Row("truncate"),
    "slow drip": Row("drip", more={"seconds": 60}),
}


@pytest.fixture
def stack(emulator: Emulator) -> Stack:
    patience = {"dataworks:readTimeout": "0.5s", "dataworks:connectTimeout": "0.5s"}
    return Stack(emulator.url, patience)


@pytest.mark.parametrize("name", ROWS)
def test_the_answer_to_a_launch(emulator: Emulator, stack: Stack, name: str) -> None:
    row = ROWS[name]
    emulator.admin.add_fault({"operation": LAUNCH, "fault": row.fault, **row.more})

    assert_says(stack.up(), row.reads)

    assert len(emulator.launches()) == row.runs
    assert sum(stack.waited) >= row.waits
    assert_next_up_ends_well(emulator, stack)


NEWER = {
    # What the edition has to do with it is known of RunCycleDagNodes alone.
    "403, the edition": r"^CreateWorkflowInstances: Forbidden\.Access: .*Nothing was launched$",
    "200, Success false": rf"^{CREATE}: 1101080008: no such node \(HTTP 400, .*\){REFUSED}",
    "sent, lost on the way": ambiguous(SILENCE.replace(LAUNCH, CREATE)),
}


@pytest.mark.parametrize("operation", [CREATE, RESULT, START])
@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.fault != "data"])
def test_the_answer_to_either_phase_of_a_launch(
    emulator: Emulator, stack: Stack, name: str, operation: str
) -> None:
    """Version 2024-05-18. What is parked when the first `up` ends is started by the next one."""
    row = ROWS[name]
    stack.config = {**stack.config, "dataworks:apiVersion": V2024}
    emulator.admin.add_fault({"operation": operation, "fault": row.fault, **row.more})

    said = stack.up()

    if operation == CREATE:
        assert_says(said, NEWER.get(name, row.reads))
        assert len(emulator.launches()) == row.runs
        assert sum(stack.waited) >= row.waits
    assert len(emulator.launches()) <= 1
    assert_next_up_ends_well(emulator, stack)
    assert not emulator.launches()[0]["parked"]


def test_read_timeout_processed_later(emulator: Emulator, stack: Stack) -> None:
    emulator.admin.add_fault({"operation": LAUNCH, "fault": "hold_before_commit"})
    assert_says(stack.up(), ambiguous(SILENCE))
    assert emulator.launches() == []

    emulator.admin.release()
    deadline = time.monotonic() + 30
    while not emulator.launches() and time.monotonic() < deadline:
        time.sleep(0.01)

    assert_next_up_ends_well(emulator, stack)


def test_dns(emulator: Emulator, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*where: object, **how: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with monkeypatch.context() as patched:
        patched.setattr(socket, "getaddrinfo", unknown)
        assert_says(stack.up(), rf"no connection to the API \(ConnectionError\){TRY_AGAIN}")

    assert emulator.requests() == []
    assert_next_up_ends_well(emulator, stack)


def test_connect_refused(stack: Stack) -> None:
    with Emulator() as emulator:
        stack.endpoint = emulator.url
        emulator.stop()
        assert_says(stack.up(), rf"no connection to the API \(ConnectionError\){TRY_AGAIN}")

        emulator.start()
        assert_next_up_ends_well(emulator, stack)


def test_connect_timeout(emulator: Emulator, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*where: object, **how: object) -> None:
        raise TimeoutError("timed out")

    with monkeypatch.context() as patched:
        patched.setattr("urllib3.util.connection.create_connection", silent)
        assert_says(stack.up(), rf"no connection to the API \(ConnectTimeout\){TRY_AGAIN}")

    assert emulator.requests() == []
    assert_next_up_ends_well(emulator, stack)


def test_tls_timeout(stack: Stack) -> None:
    with Peer(hang, reads=False) as peer:
        stack.endpoint = f"https://{peer.endpoint}"
        stack.config = {"dataworks:readTimeout": "0.1s", "dataworks:connectTimeout": "0.1s"}
        assert_says(stack.up(), rf"no connection to the API \(\w+\){TRY_AGAIN}")

        # A new process does not know that nothing was sent, and can't look.
        assert_says(stack.up(), r"may have been launched\. .*GetNode: no connection to the API")
    assert stack.backfill is None


def test_clock_skew(stack: Stack) -> None:
    skew = 3600.0
    with Emulator(wall=lambda: time.time() + skew) as emulator:
        stack.endpoint = emulator.url
        assert_says(stack.up(), rf"The clock of this machine is off by more than 15 min.*{REFUSED}")

        assert emulator.launches() == []
        skew = 0.0
        assert_next_up_ends_well(emulator, stack)


def test_process_killed_between_post_and_return(
    emulator: Emulator, stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.up(killed=True)
    assert len(emulator.launches()) == 1

    assert_next_up_ends_well(emulator, stack)
    assert "was launched before, and is taken over: nothing was launched now" in told(capsys)


def test_history_purged_on_read(emulator: Emulator, stack: Stack) -> None:
    stack.up()
    ids = stack.ids
    emulator.admin.purge()

    assert stack.refresh() == ""

    assert (stack.outputs["lastSeenStatus"], stack.ids) == ("EXPIRED", ids)
    stack.up()
    assert len(emulator.launches()) == 1


@pytest.mark.parametrize("fault", ["json_500", "forbidden", "drop", "html_502", "throttle"])
def test_a_read_that_fails_leaves_the_state(emulator: Emulator, stack: Stack, fault: str) -> None:
    stack.up()
    before = dict(stack.outputs)
    emulator.admin.add_fault({"operation": "GetDag", "fault": fault, "times": None})

    assert stack.refresh().startswith("GetDag: ")

    assert stack.outputs == before


@pytest.mark.parametrize("fault", ["json_500", "forbidden", "drop", "html_502", "throttle"])
def test_a_launch_without_ids_that_cannot_be_asked_for_is_kept(
    emulator: Emulator, stack: Stack, fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    emulator.admin.add_fault({"operation": LAUNCH, "fault": "data", "shape": "missing"})
    rule = emulator.admin.add_fault({"operation": "GetNode", "fault": fault, "times": None})

    assert stack.up() == ""

    said = told(capsys)
    assert re.search(rf"{stack.launch_name} was launched \(RequestId [\w-]+\), but Data", said)
    assert "`pulumi refresh` completes it" in said
    assert stack.ids == []
    emulator.admin.clear_faults(rule)
    assert stack.refresh() == ""
    assert_next_up_ends_well(emulator, stack)


@pytest.mark.parametrize("fault", ["json_500", "forbidden", "drop", "html_502"])
def test_a_token_stays_where_its_launch_cannot_be_looked_for(
    emulator: Emulator, stack: Stack, fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.up(killed=True)
    rule = emulator.admin.add_fault({"operation": "ListInstances", "fault": fault, "times": None})

    assert_says(stack.destroy(), r"may have been launched\. .*ListInstances: ")
    assert stack.token is not None

    emulator.admin.clear_faults(rule)
    assert stack.destroy() == ""
    assert "was made and not recorded. It is left running" in told(capsys)


def assert_says(said: str, pattern: str) -> None:
    assert re.search(pattern, said) if pattern else said == "", said


def assert_next_up_ends_well(emulator: Emulator, stack: Stack) -> None:
    """It is launched once, whatever was before, and the state has all its IDs."""
    emulator.admin.clear_faults()
    emulator.admin.release()
    assert stack.up() == ""
    (launch,) = emulator.launches()
    assert stack.ids == [str(dag_id) for dag_id in launch["dagIds"]]
    assert launch["name"] == stack.outputs["launchName"] == stack.launch_name


def told(capsys: pytest.CaptureFixture[str]) -> str:
    """Gives the warnings."""
    return capsys.readouterr().err
