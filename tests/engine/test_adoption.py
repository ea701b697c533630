"""Adopting by hand: a backfill that was launched elsewhere is taken over; nothing is launched."""

from __future__ import annotations

import re

import pytest
from pulumi_dataworks._declaration.versions import V2020, V2024, VERSIONS

from tests.emulator._callers import Sdk, Sdk2024
from tests.engine._backfills import NODES, backfill, declare
from tests.engine._harness import Engine

ORDERS, LINES = 74324, 74325
BOTH = backfill(ORDERS, includeNodeIds=[ORDERS, LINES])
#: What tells that there is no such DAG, by version of the API.
ASKED = {V2020: "GetDag", V2024: "GetWorkflowInstance"}


def launched_elsewhere(
    engine: Engine, version: str, *nodes: int, until: str = "2026-05-02", environment: str = "PROD"
) -> list[str]:
    """Launches with the official SDK, from the first of May on; gives the IDs of the DAGs."""
    endpoint = engine.emulator.endpoint
    if version == V2020:
        ids = Sdk(endpoint).launch(
            *nodes,
            name="by hand",
            project_env=environment,
            start_biz_date="2026-05-01 00:00:00",
            end_biz_date=f"{until} 00:00:00",
        )
    else:
        ids = Sdk2024(endpoint).created(
            *nodes,
            Name="by hand",
            EnvType=environment.capitalize(),
            ProjectId=engine.emulator.workspace.project.id,
            Periods={"BizDates": [{"StartBizDate": "2026-05-01", "EndBizDate": until}]},
        )
    return [str(dag_id) for dag_id in ids]


@pytest.mark.parametrize("api_version", VERSIONS)
def test_a_backfill_launched_elsewhere_is_adopted(engine: Engine, api_version: str) -> None:
    ids = launched_elsewhere(engine, api_version, ORDERS, LINES)
    launched_elsewhere(engine, api_version, NODES[2])

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


@pytest.mark.parametrize("api_version", VERSIONS)
def test_what_is_not_the_declared_backfill_is_refused_with_all_differences(
    engine: Engine, api_version: str
) -> None:
    other = launched_elsewhere(engine, api_version, ORDERS, 74328, until="2026-05-05")
    in_dev = launched_elsewhere(engine, api_version, NODES[3], environment="DEV")
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
    # Version 2024-05-18 finds what ran in the other environment, and tells of it.
    not_found = {"unknown": "12345"}
    if api_version == V2020:
        not_found["elsewhere"] = in_dev[0]
    else:
        assert said["elsewhere"] == (
            f"adoptDagId: the backfill of DAG {in_dev[0]} is not the one that is declared: it ran "
            "in DEV, not in PROD. Nothing was launched"
        )
    for name, dag_id in not_found.items():
        assert said[name].startswith(
            f"adoptDagId: DataWorks has no backfill with DAG {dag_id} in PROD "
            f"({ASKED[api_version]}: "
        )
    assert len(engine.launches()) == 2
