"""What the wire allows: the bare calls, the official SDK's, ours; and the rate under a quota.

``python -m bench.wire``: all against the same emulator, which answers after 0, 20 and 200 ms.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import requests
from alibabacloud_dataworks_public20200518.client import Client as OfficialClient
from alibabacloud_dataworks_public20200518.models import RunCycleDagNodesRequest
from alibabacloud_tea_openapi.utils_models import Config
from pulumi_dataworks._api.client import Client
from pulumi_dataworks._api.settings import Settings
from pulumi_dataworks._api.signing import Credentials, V3Auth
from pulumi_dataworks._api.v2020 import VERSION, request_parameters

from bench._setting import Server, emulator, median, project
from bench.results import Row, save

COMMAND = "python -m bench.wire"
COUNT = 100
RUNS = 3
DELAYS = (0, 20, 200)
KEY = Credentials("testid", "testsecret")
INPUTS = {
    "projectEnv": "PROD",
    "rootNodeId": "74324",
    "includeNodeIds": ["74324"],
    "startBizDate": "2026-05-01",
    "endBizDate": "2026-05-31",
    "parallelism": False,
}


def main() -> None:
    """Measures, and saves the figures."""
    with emulator() as server:
        rows = [row for delay in DELAYS for row in _launches(server, delay)]
        rows += [_own_rate(server), *_under_a_quota(server)]
    save(rows, COMMAND)


def _launches(server: Server, delay: int) -> list[Row]:
    ways: dict[str, Callable[[], None]] = {
        "bare signed POSTs on one connection": lambda: _bare(server, COUNT),
        "bare signed POSTs, four at a time": lambda: _four_at_a_time(server),
        "this package's client": lambda: _ours(server),
        "official SDK in a loop": lambda: _official(server),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(RUNS):
        for name, way in ways.items():
            server.reset(delay)
            started = time.perf_counter()
            way()
            times[name].append(time.perf_counter() - started)
            assert server.launches() == COUNT
    what = f"{COUNT} launches, {delay} ms a reply"
    return [Row(f"{what}: {name}", median(seconds), "s") for name, seconds in times.items()]


def _bare(server: Server, count: int) -> None:
    with requests.Session() as session:
        for _ in range(count):
            fields = {key: _text(value) for key, value in request_parameters(INPUTS, "n").items()}
            auth = V3Auth(KEY, "RunCycleDagNodes", VERSION)
            session.post(server.url, data=fields, auth=auth, timeout=60).raise_for_status()


def _four_at_a_time(server: Server) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: _bare(server, COUNT // 4), range(4)))


def _ours(server: Server) -> None:
    settings = Settings("cn-shanghai", server.url, max_qps=1000.0, read_timeout=60.0)
    client = Client(settings, lambda: KEY)
    for _ in range(COUNT):
        client.call("RunCycleDagNodes", request_parameters(INPUTS, "n"), VERSION)


def _official(server: Server) -> None:
    client = OfficialClient(
        Config(
            endpoint=server.url.removeprefix("http://"),
            protocol="http",
            access_key_id=KEY.access_key_id,
            access_key_secret=KEY.access_key_secret,
        )
    )
    request = RunCycleDagNodesRequest(
        project_env="PROD",
        name="n",
        root_node_id=74324,
        include_node_ids="74324",
        start_biz_date="2026-05-01 00:00:00",
        end_biz_date="2026-05-31 00:00:00",
        parallelism=False,
    )
    for _ in range(COUNT):
        client.run_cycle_dag_nodes(request)


def _own_rate(server: Server) -> Row:
    """So that no figure is the emulator's."""
    server.reset()
    started = time.perf_counter()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: _reads(server, 250), range(4)))
    rate = round(1000 / (time.perf_counter() - started))
    return Row("the emulator's own rate: GetNode, four connections", rate, "calls/s")


def _reads(server: Server, count: int) -> None:
    with requests.Session() as session:
        for _ in range(count):
            auth = V3Auth(KEY, "GetNode", VERSION)
            fields = {"NodeId": "74324", "ProjectEnv": "PROD"}
            session.post(server.url, data=fields, auth=auth, timeout=60).raise_for_status()


def _under_a_quota(server: Server) -> list[Row]:
    quota = 20
    server.reset()
    server.admin("switches", {"writeQps": quota})
    config = {"dataworks:maxQps": str(quota), "dataworks:preflight": "off"}
    with project(server, "ours", config) as made:
        made.up(COUNT)
    calls = [call for call in server.calls() if call["action"] == "RunCycleDagNodes"]
    moments = [datetime.fromisoformat(call["time"].replace("Z", "+00:00")) for call in calls]
    seconds = (max(moments) - min(moments)).total_seconds()
    rate = round(len(calls) / (seconds + 1 / quota) / quota * 100)
    throttled = sum(call["status"] == 429 for call in calls)
    assert server.launches() == COUNT
    what = f"{COUNT} backfills under {quota} writes a second"
    return [
        Row(f"{what}: rate", rate, "% of the quota", "at least 90%", rate >= 90),
        Row(f"{what}: throttled", throttled, "calls", "at most 1%", throttled <= COUNT / 100),
    ]


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


if __name__ == "__main__":
    main()
