"""How the cost of a backfill grows with its dates and its nodes.

``python -m bench.scaling``: one backfill, launched through the engine, in each size.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from bench._setting import Server, emulator, project
from bench.results import Row, save

COMMAND = "python -m bench.scaling"
DATES = {1: "2016-01-01", 31: "2016-01-31", 365: "2016-12-30", 3650: "2025-12-28"}
NODES = (1, 20, 200)
FIRST_NODE = 1001


def main() -> None:
    """Measures, and saves the figures."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "workspace.json"
        workspace.write_text(json.dumps(_workspace(max(NODES))))
        with emulator(workspace) as server:
            rows = [
                _measure(server, f"{dates} dates, 1 node", last, 1) for dates, last in DATES.items()
            ]
            rows += [
                _measure(server, f"31 dates, {nodes} nodes", DATES[31], nodes) for nodes in NODES
            ]
            rows.append(_measure(server, "365 dates, 200 nodes", DATES[365], 200))
    save(rows, COMMAND)


def _measure(server: Server, size: str, last: str, nodes: int) -> Row:
    server.reset()
    config = {
        "dataworks:maxQps": "1000",
        "dataworks:readTimeout": "2m",
        "last": last,
        "nodes": ",".join(str(FIRST_NODE + number) for number in range(nodes)),
    }
    with project(server, "one_backfill", config) as made:
        seconds = made.up(1)
        unchanged = made.up(1)
        resources = made.state()["checkpoint"]["latest"]["resources"]
    assert server.launches() == 1
    own = [one for one in resources if "dynamic/dataworks" in one["type"]]
    size_of_state = sum(len(json.dumps(one)) for one in own) / 1024
    detail = f"unchanged: {unchanged:.2f} s; state: {size_of_state:.1f} KiB"
    return Row(f"up of one backfill: {size}", round(seconds, 2), "s", reason=detail)


def _workspace(nodes: int) -> dict[str, object]:
    """A chain of daily nodes."""
    return {
        "project": {"id": 10001, "name": "large"},
        "owners": {"chen": "1107550004253538"},
        "access_keys": [{"id": "testid", "secret": "testsecret", "user": "1107550004253538"}],
        "business_flows": {"flow": 501},
        "nodes": [
            {
                "id": FIRST_NODE + number,
                "name": f"node_{number}",
                "owner": "chen",
                "business_flow": "flow",
                "parents": [FIRST_NODE + number - 1] if number else [],
            }
            for number in range(nodes)
        ],
    }


if __name__ == "__main__":
    main()
