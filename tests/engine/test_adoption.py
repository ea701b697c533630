"""Adopting by hand: a backfill that was launched elsewhere is taken over; nothing is launched."""

from __future__ import annotations

import re
from typing import Any

from tests.emulator._callers import Sdk
from tests.engine._backfills import NODES, backfill, declare
from tests.engine._harness import Engine

ORDERS, LINES = 74324, 74325
DAYS = {"start_biz_date": "2026-05-01 00:00:00", "end_biz_date": "2026-05-02 00:00:00"}
BOTH = backfill(ORDERS, includeNodeIds=[ORDERS, LINES])


def launched_elsewhere(engine: Engine, *nodes: int, **changes: object) -> list[str]:
    given: dict[str, Any] = {
        "root_node_id": nodes[0],
        "include_node_ids": ",".join(map(str, nodes)),
        "name": "by hand",
        "parallelism": False,
        **DAYS,
        **changes,
    }
    return [str(dag_id) for dag_id in Sdk(engine.emulator.endpoint).launch(**given)]


def test_a_backfill_launched_elsewhere_is_adopted(engine: Engine) -> None:
    ids = launched_elsewhere(engine, ORDERS, LINES)
    launched_elsewhere(engine, NODES[2])

    # Any ID of the launch will do; all of them are recorded.
    declare(engine, {"orders": {**BOTH, "adoptDagId": int(ids[1])}})
    engine.up("--skip-preview").succeeded()
    assert engine.outputs()["node_ids"] == {"orders": ids}
    assert engine.outputs()["launch_names"] == {"orders": "by hand"}
    assert engine.preview_json().unchanged

    declare(engine, {"orders": BOTH})
    assert engine.preview_json().ops == {"orders": ["update"]}
    engine.up("--skip-preview").succeeded()
    assert engine.outputs()["node_ids"] == {"orders": ids}
    assert engine.preview_json().unchanged
    assert len(engine.launches()) == 2

    declare(engine, {"orders": {**BOTH, "endBizDate": "2026-05-03"}})
    engine.up("--skip-preview").succeeded()
    assert engine.outputs()["node_ids"] == {"orders": last_of_three(engine)}


def last_of_three(engine: Engine) -> list[str]:
    _, _, last = engine.launches()
    return [str(dag_id) for dag_id in last["dagIds"]]


def test_what_is_not_the_declared_backfill_is_refused_with_all_differences(engine: Engine) -> None:
    longer = {"end_biz_date": "2026-05-05 00:00:00"}
    other = launched_elsewhere(engine, ORDERS, 74328, **longer)
    in_dev = launched_elsewhere(engine, NODES[3], project_env="DEV")
    declare(
        engine,
        {
            "different": {**BOTH, "adoptDagId": other[0]},
            "elsewhere": backfill(NODES[3], adoptDagId=in_dev[0]),
            "unknown": backfill(NODES[2], adoptDagId="12345"),
        },
    )

    text = engine.up("--skip-preview", "--continue-on-error").failed().text
    said = dict(re.findall(r"Backfill \((\w+)\):\n    error: (.*)", text))

    assert said["different"] == (
        f"adoptDagId: the backfill of DAG {other[0]} is not the one that is declared: it ran "
        "2026-05-01 to 2026-05-05, not 2026-05-01 to 2026-05-02; it ran nodes 74328 that are not "
        "declared; it did not run nodes 74325 that are declared. Nothing was launched"
    )
    for name, dag_id in (("elsewhere", in_dev[0]), ("unknown", "12345")):
        assert said[name].startswith(
            f"adoptDagId: DataWorks has no backfill with DAG {dag_id} in PROD (GetDag: "
        )
    assert len(engine.launches()) == 2
