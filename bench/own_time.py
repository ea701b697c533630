"""The package's own time and memory, without the engine and without the wire.

``python -m bench.own_time``
"""

from __future__ import annotations

import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from unittest import mock

import grpc
import psutil
import pulumi_dataworks
from google.protobuf import struct_pb2
from pulumi.dynamic import Config, ConfigureRequest
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc
from pulumi_dataworks._api.backend import Launched
from pulumi_dataworks._declaration.inputs import normalize
from pulumi_dataworks._declaration.plan import plan_of
from pulumi_dataworks.providers import BackfillProvider, LaunchTokenProvider

from bench._setting import PEERS, median
from bench.results import Row, save

COMMAND = "python -m bench.own_time"
COUNT = 300
INPUTS: dict[str, Any] = {
    "projectEnv": "PROD",
    "rootNodeId": "74324",
    "includeNodeIds": ["74324", "74325", "74328", "74330"],
    "startBizDate": "2026-05-01",
    "endBizDate": "2026-05-31",
    "parallelism": True,
    "concurrentRuns": 4.0,
    "namePrefix": "orders_may",
}
CONFIG = {
    "dataworks:endpoint": "http://127.0.0.1:9",
    "dataworks:region": "cn-shanghai",
    "dataworks:preflight": "off",
    "dataworks:accessKey": "testid",
    "dataworks:secretKey": "testsecret",
}


def main() -> None:
    """Measures, and saves the figures."""
    save([*_calls(), *_process(), *_large_plan()], COMMAND)


def _calls() -> list[Row]:
    """A backfill's check, diff and create, its token's included, with a DataWorks that is there."""
    token, backfill = LaunchTokenProvider(), BackfillProvider()
    for provider in (token, backfill):
        provider.configure(ConfigureRequest(Config(CONFIG, "bench")))

    def create() -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        minted = token.create(token.check({}, dict(INPUTS)).inputs)
        declared = {**INPUTS, "launch": (minted.outs or {})["generations"]}
        checked = backfill.check({}, declared).inputs
        return declared, checked, (backfill.create(checked).outs or {})

    ids = [str(374074487 + number) for number in range(31)]
    answer = mock.Mock(return_value=Launched(ids, "R"))
    with mock.patch("pulumi_dataworks._api.v2020.launch", answer):
        declared, checked, outs = create()
        minted = token.check({}, dict(INPUTS)).inputs
        whole = _milliseconds(create)
    check = _milliseconds(
        lambda: (token.check(minted, dict(INPUTS)), backfill.check(checked, declared))
    )
    diff = _milliseconds(
        lambda: (token.diff("i", minted, minted), backfill.diff("i", outs, checked))
    )
    first = _milliseconds(lambda: (token.check({}, dict(INPUTS)), backfill.check({}, declared)))
    return [
        Row("own time: check of a backfill, token included", check, "ms", "< 1 ms", check < 1),
        Row("own time: diff of a backfill, token included", diff, "ms", "< 0.5 ms", diff < 0.5),
        Row(
            "own time: create of a backfill, token included",
            round(max(whole - first, 0.0), 3),
            "ms",
            "< 2 ms",
            whole - first < 2,
            "without the wire: the reply of the API is made up",
        ),
    ]


def _milliseconds(act: Callable[[], object]) -> float:
    times = []
    for _ in range(COUNT):
        started = time.perf_counter()
        act()
        times.append((time.perf_counter() - started) * 1000)
    return median(times)


def _process() -> list[Row]:
    """The provider process from its start to its first answer, with our provider and a bare one."""
    ours = "dill.dumps(pulumi_dataworks.providers.BackfillProvider())"
    bare = "dill.dumps(naive.TokenProvider())"
    pickles = {
        "ours": _pickled("import pulumi_dataworks.providers", ours),
        "bare": _pickled("import naive", bare),
    }
    times: dict[str, list[float]] = {"ours": [], "bare": []}
    sizes: dict[str, list[float]] = {"ours": [], "bare": []}
    for _ in range(7):
        for name, pickle in pickles.items():
            seconds, mebibytes = _start(pickle, INPUTS if name == "ours" else {})
            times[name].append(seconds)
            sizes[name].append(mebibytes)
    declaring = median([_declaring() for _ in range(7)])
    ratio = round(median(times["ours"]) / median(times["bare"]), 2)
    more = round(median(sizes["ours"]) - median(sizes["bare"]), 1)
    detail = (
        f"{median(times['ours'])} s against {median(times['bare'])} s; medians of 7, in turn. "
        f"{declaring} s of it is pydantic and the building of the declaration's model"
    )
    return [
        Row(
            "provider process: start to first check",
            ratio,
            "x",
            "at most 1.3 x",
            ratio <= 1.3,
            detail,
        ),
        Row("provider process: memory over a bare one", more, "MiB", "at most 15 MiB", more <= 15),
    ]


def _declaring() -> float:
    """The seconds that pydantic takes, and the model of a declaration, once Pulumi is loaded."""
    code = (
        "import time, pulumi.dynamic, sys, types; package = types.ModuleType('pulumi_dataworks'); "
        f"package.__path__ = [{str(Path(pulumi_dataworks.__file__).parent)!r}]; "
        "sys.modules['pulumi_dataworks'] = package; started = time.perf_counter(); "
        "import pulumi_dataworks._declaration.inputs; print(time.perf_counter() - started)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(done.stdout)


def _pickled(imports: str, expression: str) -> str:
    code = f"import base64, dill; {imports}; print(base64.b64encode({expression}).decode())"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PEERS, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def _start(pickle: str, inputs: Mapping[str, Any]) -> tuple[float, float]:
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "pulumi.dynamic", "127.0.0.1:1"],
        cwd=PEERS,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        address = f"127.0.0.1:{process.stdout.readline().strip()}"
        with grpc.insecure_channel(address) as channel:
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            stub.Configure(provider_pb2.ConfigureRequest(args=_struct(CONFIG)))
            urn = "urn:pulumi:s::p::pulumi-python:dynamic/dataworks:Backfill::b"
            news = _struct({**inputs, "__provider": pickle})
            stub.Check(provider_pb2.CheckRequest(urn=urn, news=news))
        seconds = time.perf_counter() - started
        return seconds, psutil.Process(process.pid).memory_info().rss / 2**20
    finally:
        process.kill()
        process.wait()


def _struct(values: Mapping[str, Any]) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update(dict(values))
    return struct


def _large_plan() -> list[Row]:
    """Ten years by 200 nodes."""
    large = {
        **INPUTS,
        "includeNodeIds": [str(74324 + number) for number in range(200)],
        "startBizDate": "2016-01-01",
        "endBizDate": "2025-12-31",
    }
    started = time.perf_counter()
    plan_of(normalize(large).inputs)
    milliseconds = round((time.perf_counter() - started) * 1000, 2)
    tracemalloc.start()
    plan_of(normalize(large).inputs)
    mebibytes = round(tracemalloc.get_traced_memory()[1] / 2**20, 2)
    tracemalloc.stop()
    what = "plan of 10 years by 200 nodes"
    return [
        Row(f"{what}: time", milliseconds, "ms", "under 200 ms", milliseconds < 200),
        Row(f"{what}: memory", mebibytes, "MiB", "under 50 MiB", mebibytes < 50),
    ]


if __name__ == "__main__":
    main()
