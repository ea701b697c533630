"""The provider in the process in which Pulumi runs it: what travels, and what is reported."""

from __future__ import annotations

import base64
import contextlib
import re
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import grpc
import pytest
from dataworks_emulator import Emulator
from pulumi.dynamic import dynamic
from pulumi.runtime.proto import engine_pb2, provider_pb2
from pulumi_dataworks.providers import BackfillProvider, LaunchTokenProvider

from tests.provider._process import (
    NOBODY,
    PICKLED,
    UNKNOWN,
    URN,
    FakeEngine,
    ProviderProcess,
    secret,
)

DECLARED = {
    "projectEnv": "PROD",
    "rootNodeId": "74324",
    "startBizDate": "2026-05-01",
    "endBizDate": "2026-05-02",
    "namePrefix": "may",
}
PLAIN = {"PULUMI_DATAWORKS_PLAIN_SDK": "1"}

OTHER_NAMES = {
    "traceback": "tb",
    "context": "call",
    "request": "message",
    "DynamicResourceProviderServicer": "Servicer",
}

_SPEC = find_spec("pulumi.dynamic.__main__")
assert _SPEC is not None
assert _SPEC.origin is not None
SDK = Path(_SPEC.origin).read_text()
#: The newer versions of the SDK do; of the oldest, gRPC tells the text of the error alone.
REPORTS_TRACEBACKS = "format_exc" in SDK

Started = Callable[..., ProviderProcess]


@pytest.fixture
def engine() -> Iterator[FakeEngine]:
    with FakeEngine() as engine:
        yield engine


@pytest.fixture
def started(engine: FakeEngine, emulator: Emulator, tmp_path: Path) -> Iterator[Started]:
    """Starts provider processes; each is configured for the emulator."""
    with contextlib.ExitStack() as stack:

        def start(address: str = engine.address, **more: Any) -> ProviderProcess:
            config = {
                "dataworks:region": "cn-shanghai",
                "dataworks:endpoint": emulator.url,
                "dataworks:accessKey": "testid",
                "dataworks:secretKey": secret("testsecret"),
                "dataworks:settleWindow": "100ms",
            }
            environment = more.pop("environment", {})
            process = ProviderProcess(address, config, environment, tmp_path, **more)
            return stack.enter_context(process)

        yield start


@pytest.fixture
def provider(started: Started) -> ProviderProcess:
    return started()


def dag_ids(emulator: Emulator) -> list[list[str]]:
    return [[str(one) for one in launch["dagIds"]] for launch in emulator.launches()]


def failure(call: Callable[[], object]) -> str:
    """What the user reads of a call that fails."""
    with pytest.raises(grpc.RpcError) as caught:
        call()
    return str(caught.value.details()).removeprefix("Exception calling application: ")


# ---- what stands in the state -------------------------------------------------------------------


@pytest.mark.parametrize("provider", PICKLED)
def test_a_provider_is_pickled_by_its_name(provider: type) -> None:
    text = dynamic.serialize_provider(provider())
    assert len(text) < 100
    for one in (text, PICKLED[provider]):
        content = base64.b64decode(one)
        assert provider.__name__.encode() in content
        assert b"pulumi_dataworks.providers" in content


# ---- what travels -------------------------------------------------------------------------------


def test_a_life(provider: ProviderProcess, emulator: Emulator) -> None:
    inputs = provider.declare(DECLARED)
    id_, outputs = provider.create(BackfillProvider, inputs)
    assert [outputs["nodeIds"]] == dag_ids(emulator)
    assert outputs["launchName"] == emulator.launches()[0]["name"] == id_
    again, failures = provider.check(
        BackfillProvider, {**DECLARED, "launch": provider.generations}, inputs
    )
    assert (again, failures) == (inputs, {})
    answer = provider.diff(BackfillProvider, outputs, again)
    assert (answer.changes, list(answer.replaces)) == (provider_pb2.DiffResponse.DIFF_UNKNOWN, [])
    read = provider.read(BackfillProvider, id_, outputs)
    assert read["nodeIds"] == outputs["nodeIds"]
    assert {**read, "lastSeenStatus": "", "statusByDate": {}} == {
        **outputs,
        "lastSeenStatus": "",
        "statusByDate": {},
    }
    assert provider.update(BackfillProvider, read, {**again, "parallelism": True}) == read
    provider.delete(BackfillProvider, read)
    assert len(emulator.launches()) == 1


def test_whole_numbers_arrive_as_doubles(provider: ProviderProcess, emulator: Emulator) -> None:
    inputs = provider.declare(
        {**DECLARED, "parallelism": True, "concurrentRuns": 2, "rootNodeId": 74324}
    )
    assert (inputs["concurrentRuns"], inputs["rootNodeId"]) == (2.0, "74324")
    _, outputs = provider.create(BackfillProvider, inputs)
    (launch,) = emulator.launches()
    assert launch["parameters"]["ConcurrentRuns"] == "2"
    assert launch["parameters"]["RootNodeId"] == "74324"
    answer = provider.diff(BackfillProvider, outputs, inputs)
    assert list(answer.replaces) == []


def test_ids_above_two_to_the_53rd_are_unharmed(
    provider: ProviderProcess, emulator: Emulator
) -> None:
    emulator.admin.set_switches({"hugeIds": True})
    id_, outputs = provider.create(BackfillProvider, provider.declare(DECLARED))
    (ids,) = dag_ids(emulator)
    assert min(int(one) for one in ids) > 2**53
    assert outputs["nodeIds"] == ids
    assert provider.read(BackfillProvider, id_, outputs)["nodeIds"] == ids
    root = {"rootNodeId": "9007199254740993"}
    checked, failures = provider.check(LaunchTokenProvider, {**DECLARED, **root})
    assert checked["includeNodeIds"] == ["9007199254740993"]
    assert "names node 9007199254740993, which does not exist" in failures["rootNodeId"]


def test_a_number_that_lost_digits_on_its_way_is_refused(provider: ProviderProcess) -> None:
    _, failures = provider.check(LaunchTokenProvider, {**DECLARED, "rootNodeId": 2**53 + 1})
    assert list(failures) == ["rootNodeId"]


def test_what_is_not_known_yet_passes(provider: ProviderProcess) -> None:
    unknown = {"endBizDate": UNKNOWN, "includeNodeIds": ["74324", UNKNOWN], "triggers": [UNKNOWN]}
    token, failures = provider.check(LaunchTokenProvider, {**DECLARED, **unknown})
    assert failures == {}
    assert {key: token[key] for key in unknown} == unknown
    inputs, failures = provider.check(BackfillProvider, {**DECLARED, **unknown, "launch": UNKNOWN})
    assert failures == {}
    assert {key: inputs[key] for key in unknown} == unknown
    assert inputs["launch"] == UNKNOWN
    assert "plan" not in inputs
    known = provider.declare(DECLARED)
    answer = provider.diff(BackfillProvider, known, {**known, "endBizDate": UNKNOWN})
    assert list(answer.replaces) == ["endBizDate"]


def test_the_property_that_is_bad_is_named_and_a_secret_is_not_shown(
    provider: ProviderProcess,
) -> None:
    bad = {
        "endBizDate": "2026-02-30",
        "rootNodeId": "0",
        "nodeParams": secret({"74324": {"password": "s3 cret"}}),
    }
    _, failures = provider.check(LaunchTokenProvider, {**DECLARED, **bad})
    assert set(failures) == {"endBizDate", "rootNodeId", ""}
    assert "nodeParams" in failures[""]
    assert "s3" not in str(failures)


# ---- what is reported ---------------------------------------------------------------------------


def test_an_error_of_the_package_is_one_line(provider: ProviderProcess, emulator: Emulator) -> None:
    rule = {"operation": "RunCycleDagNodes", "fault": "business_error", "code": "Invalid.Quota"}
    emulator.admin.add_fault(rule)
    inputs = provider.declare(DECLARED)
    text = failure(lambda: provider.create(BackfillProvider, inputs))
    assert "Invalid.Quota" in text
    assert text.endswith("Nothing was launched")
    assert len(text.splitlines()) == 1


def test_an_error_of_somebody_else_keeps_its_traceback(provider: ProviderProcess) -> None:
    text = failure(lambda: provider.create(BackfillProvider, DECLARED))
    assert text.startswith("Traceback (most recent call last):") is REPORTS_TRACEBACKS
    assert "'launch'" in text


def test_a_warning_stands_on_its_resource(provider: ProviderProcess, engine: FakeEngine) -> None:
    excluded = {**DECLARED, "excludeNodeIds": ["74324"]}
    _, failures = provider.check(LaunchTokenProvider, excluded)
    assert failures == {}
    warnings = [log for log in engine.logs if log.severity == engine_pb2.WARNING]
    assert [log.urn for log in warnings] == [f"{URN}LaunchToken::may-launch"]
    assert "74324" in warnings[0].message


# ---- the engine is gone -------------------------------------------------------------------------


def test_without_an_engine_nothing_is_sent(started: Started, emulator: Emulator) -> None:
    orphan = started(NOBODY)
    inputs = orphan.declare(DECLARED)
    text = failure(lambda: orphan.create(BackfillProvider, inputs))
    assert text == f"the engine at {NOBODY} is gone; nothing was sent"
    assert emulator.launches() == []


def test_a_call_that_the_engine_has_given_up_sends_nothing(
    provider: ProviderProcess, engine: FakeEngine, emulator: Emulator
) -> None:
    for name, times in (("gone_", 1), ("june_", 2)):
        fault = {"operation": "RunCycleDagNodes", "fault": "throttle", "match": {"Name": name}}
        emulator.admin.add_fault({**fault, "times": times})
    gone = provider.creating(provider.declare({**DECLARED, "namePrefix": "gone"}))
    engine.wait_for("another try in")
    gone.cancel()
    # This one starts later and waits longer, so that the other had its time.
    provider.create(BackfillProvider, provider.declare({**DECLARED, "namePrefix": "june"}))
    assert [launch["name"].partition("_")[0] for launch in emulator.launches()] == ["june"]


# ---- without the levers -------------------------------------------------------------------------


def test_the_levers_can_be_switched_off(started: Started, emulator: Emulator) -> None:
    plain = started(NOBODY, environment=PLAIN)
    _, outputs = plain.create(BackfillProvider, plain.declare(DECLARED))
    assert [outputs["nodeIds"]] == dag_ids(emulator)
    other = {**plain.declare(DECLARED), "endBizDate": "2026-05-03"}
    text = failure(lambda: plain.create(BackfillProvider, other))
    assert ("LaunchTokenMismatch: " in text) is REPORTS_TRACEBACKS
    assert "was minted for other parameters" in text


def test_an_sdk_without_the_levers_launches_all_the_same(
    started: Started, emulator: Emulator, tmp_path: Path
) -> None:
    sdk = SDK
    for name, other in OTHER_NAMES.items():
        sdk, count = re.subn(rf"\b{name}\b", other, sdk)
        assert count > 0 or (name == "traceback" and not REPORTS_TRACEBACKS)
    (tmp_path / "another_sdk.py").write_text(sdk.replace("import tb\n", "import traceback as tb\n"))
    provider = started(module="another_sdk")
    _, outputs = provider.create(BackfillProvider, provider.declare(DECLARED))
    assert [outputs["nodeIds"]] == dag_ids(emulator)
    assert "'launch'" in failure(lambda: provider.create(BackfillProvider, DECLARED))
