"""The repository's own program waits where the stack's config says so."""

from __future__ import annotations

from tests.engine._backfills import NODES, backfill, declare
from tests.engine._harness import Engine


def test_the_program_waits_as_its_config_says(engine: Engine) -> None:
    engine.emulator.admin.set_clock(scale=100)
    orders, parcels = backfill(NODES[0]), backfill(NODES[1])
    declare(engine, {"orders": orders}, wait={"pollInterval": "2s"})
    engine.up().succeeded()
    assert engine.outputs()["final_status"] == {"orders": "SUCCESS"}
    assert engine.preview_json().unchanged

    # What is added is waited for; what has ended is not asked for again, even if it is forgotten.
    for launch in engine.launches():
        engine.emulator.admin.purge(launch["opSeq"])
    engine.emulator.admin.set_node(NODES[1], failure={"message": "no column discount"})
    how = {"timeout": "6h", "onFailure": "warn"}
    declare(engine, {"orders": orders, "parcels": parcels}, wait=how)
    text = engine.up("--skip-preview").succeeded().text
    assert "no column discount" in text
    assert engine.outputs()["final_status"] == {"orders": "SUCCESS", "parcels": "FAILURE"}

    declare(engine, {"orders": orders}, wait={"timeout": "soon", "rerun": 1})
    refused = engine.preview().failed().text
    assert "wait.timeout must be a duration like 90s, 30m, 6h or 1d; got 'soon'" in refused
    assert "wait.rerun is no input; accepted are timeout" in refused
    assert "Traceback" not in refused
    declare(engine, {"orders": orders, "parcels": parcels})
    assert engine.preview_json().ops == {"orders-done": ["delete"], "parcels-done": ["delete"]}
