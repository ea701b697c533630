"""What the look at the workspace costs a preview, and what it costs where there is no API.

``python -m bench.preflight``: a workspace of 2,000 nodes, in a hundred chains.
"""

from __future__ import annotations

import json
import socket
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import yaml

from bench._setting import Server, emulator, median, project
from bench.results import Row, save

COMMAND = "python -m bench.preflight"
CHAINS, LONG, FIRST = 100, 20, 100_000
NODES_OF_A_BACKFILL = 4
RUNS = 3

FAST = {"dataworks:projectId": "10001", "dataworks:maxQps": "1000"}
CONNECT_TIMEOUT = 3.0


def main() -> None:
    """Measures, and saves the figures."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "workspace.yaml"
        workspace.write_text(yaml.safe_dump(_workspace()))
        with emulator(workspace) as server:
            rows = [*_calls(server), *_time(server), *_out_of_reach(Path(folder))]
    save(rows, COMMAND)


def _workspace() -> dict[str, Any]:
    return {
        "project": {"id": 10001, "name": "chains", "region": "cn-shanghai"},
        "access_keys": [{"id": "testid", "secret": "testsecret", "user": "1"}],
        "owners": {"somebody": "1"},
        "business_flows": {"chains": 500101},
        "nodes": [_node(chain, place) for chain in range(CHAINS) for place in range(LONG)],
    }


def _node(chain: int, place: int) -> dict[str, Any]:
    number = FIRST + chain * LONG + place
    node = {"id": number, "name": f"chain_{chain:03}_{place:02}", "owner": "somebody"}
    return {
        **node,
        "business_flow": "chains",
        "cron": "00 05 00 * * ?",
        "parents": [number - 1] if place else [],
        "behaviour": {"seconds": 1},
    }


def _preview(server: Server, config: Mapping[str, str]) -> float:
    with project(server, "many_chains", config) as made:
        return made.preview(CHAINS)


def _calls(server: Server) -> list[Row]:
    server.reset()
    _preview(server, FAST)
    calls = Counter(call["action"] for call in server.calls())
    pages = CHAINS * LONG // 100
    most = pages + CHAINS * NODES_OF_A_BACKFILL
    total = calls.total()
    detail = ", ".join(f"{action} {count}" for action, count in sorted(calls.items()))
    what = f"{CHAINS} new backfills of {NODES_OF_A_BACKFILL} nodes, in a workspace of 2,000"
    target = f"at most {most}: one listing, one a node that is run"
    return [Row(f"preflight's API calls: {what}", total, "", target, total <= most, detail)]


def _time(server: Server) -> list[Row]:
    off = {**FAST, "dataworks:preflight": "off"}
    pairs = [(_preview(server, FAST), _preview(server, off)) for _ in range(RUNS)]
    with_it, without = median([one for one, _ in pairs]), median([other for _, other in pairs])
    polite = _preview(server, {**FAST, "dataworks:maxQps": "5"})
    return [
        Row(
            f"preview of {CHAINS} new backfills, preflight included",
            with_it,
            "s",
            reason=f"{without} s without it; medians of {RUNS}, in turn, no limit of calls",
        ),
        Row(
            f"preview of {CHAINS} new backfills, 5 calls a second",
            float(f"{polite:.3g}"),
            "s",
            reason="dataworks:maxQps 5, which every edition allows; one run",
        ),
    ]


def _out_of_reach(folder: Path) -> list[Row]:
    """Previews against an address where nobody answers, not even that nobody is there."""
    log = folder / "calls.jsonl"
    config = {**FAST, "dataworks:connectTimeout": f"{CONNECT_TIMEOUT:.0f}s"}
    with _silent() as server:
        pairs = []
        for _ in range(RUNS):
            log.unlink(missing_ok=True)
            without = _preview(server, {**config, "dataworks:preflight": "off"})
            pairs.append((_preview(server, {**config, "dataworks:logFile": str(log)}), without))
        tries = [json.loads(line) for line in log.read_text().splitlines()]
    more = median([max(0.0, one - other) for one, other in pairs])
    return [
        Row(
            f"preview of {CHAINS}, API out of reach: calls tried",
            len(tries),
            "",
            "1: one connect timeout in all",
            len(tries) == 1,
            f"{more} s more than without preflight, of which {CONNECT_TIMEOUT:.0f} s the timeout",
        )
    ]


@contextmanager
def _silent() -> Iterator[Server]:
    """An address whose queue of connections is full: further ones wait until they give up."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(8):
            waiting = stack.enter_context(socket.socket())
            waiting.settimeout(0)
            waiting.connect_ex(listener.getsockname())
        yield Server(f"http://127.0.0.1:{listener.getsockname()[1]}")


if __name__ == "__main__":
    main()
