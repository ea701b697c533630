"""What a reviewer sees before a launch, on Pulumi's own engine, beside what is on record.

`pytest tests/engine/test_transcripts.py --update-transcripts` writes the records anew.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.engine._harness import Engine
from tests.engine._transcripts import FOLDER, Transcript

MAY = {
    "projectEnv": "PROD",
    "rootNodeId": 74324,
    "includeNodeIds": [74324, 74325, 74332],
    "startBizDate": "2025-05-01",
    "endBizDate": "2025-05-31",
    "parallelism": True,
    "concurrentRuns": 4,
}
NIGHTS = {
    "projectEnv": "PROD",
    "rootNodeId": 74340,
    "includeNodeIds": [74340, 74341],
    "startBizDate": "2025-05-05",
    "endBizDate": "2025-05-09",
    "bizBeginTime": "00:00",
    "bizEndTime": "05:59",
}
PREVIEW = ("preview", "--diff", "--suppress-outputs")
Scenario = Callable[[Transcript], None]


def changed(**inputs: Any) -> dict[str, dict[str, Any]]:
    return {"orders-may": {**MAY, **inputs}}


def launched(transcript: Transcript, **inputs: Any) -> None:
    transcript.declare(changed(**inputs))
    transcript.engine.up("--skip-preview").succeeded()


def new(transcript: Transcript) -> None:
    transcript.declare(changed(excludeNodeIds=[74332], reason="Refunds were booked twice"))
    transcript.run(*PREVIEW)
    transcript.say("The same, without --diff")
    transcript.run("preview", "--suppress-outputs")


def hourly(transcript: Transcript) -> None:
    transcript.declare({"parcels-nights": NIGHTS})
    transcript.run(*PREVIEW)


def changes(transcript: Transcript) -> None:
    launched(transcript)
    transcript.say("A longer range")
    transcript.declare(changed(endBizDate="2025-06-07"))
    transcript.run(*PREVIEW)
    transcript.say("Other dates")
    transcript.declare(changed(startBizDate="2025-06-01", endBizDate="2025-06-07"))
    transcript.run(*PREVIEW)
    transcript.say("Another node, and one that is dry-run")
    transcript.declare(changed(includeNodeIds=[74324, 74325, 74329], excludeNodeIds=[74325]))
    transcript.run(*PREVIEW)
    transcript.say("Once more")
    transcript.declare(changed(triggers=["the source was loaded again"]))
    transcript.engine.up("--skip-preview").succeeded()
    transcript.declare(changed(triggers=["and again"]))
    transcript.run(*PREVIEW)
    transcript.say("How it runs")
    transcript.declare(changed(triggers=["the source was loaded again"], concurrentRuns=8))
    transcript.run(*PREVIEW)
    transcript.say("Nothing but the reason")
    transcript.declare(changed(triggers=["the source was loaded again"], reason="Refunds"))
    transcript.run(*PREVIEW)


def deletion(transcript: Transcript) -> None:
    launched(transcript, endBizDate="2025-05-02")
    transcript.say("Taken out of the program")
    transcript.declare({})
    transcript.run(*PREVIEW)
    transcript.run("up", "--skip-preview", "--suppress-outputs")
    transcript.say("The same, with onDestroy: stop")
    launched(transcript, endBizDate="2025-05-02", onDestroy="stop")
    transcript.declare({})
    transcript.run("preview", "--suppress-outputs")
    transcript.run("up", "--skip-preview", "--suppress-outputs")


def bad_inputs(transcript: Transcript) -> None:
    bad = {"projectEnv": "TEST", "rootNodeId": 1.5, "endBizDate": "2025-02-30"}
    transcript.declare({"orders-may": {**MAY, **bad}})
    transcript.run(*PREVIEW, fails=True)


def guardrails(transcript: Transcript) -> None:
    transcript.say("Beyond what the stack allows")
    narrow = {"maxBusinessDates": 14, "maxInstances": 50, "projectEnvs": ["DEV"]}
    transcript.declare(changed(), {"dataworks:guardrails": narrow})
    transcript.run(*PREVIEW, fails=True)
    transcript.say("More instances than dates and nodes: these run every hour")
    transcript.declare({"parcels-nights": NIGHTS}, {"dataworks:guardrails": {"maxInstances": 59}})
    transcript.run(*PREVIEW, fails=True)
    transcript.say("What was launched before a rail was lowered stays")
    launched(transcript)
    transcript.declare(changed(), {"dataworks:guardrails": narrow})
    transcript.run(*PREVIEW)
    transcript.say("No date twice")
    refuse = {"dataworks:guardrails": {"reruns": "refuse"}}
    transcript.declare(changed(endBizDate="2025-06-07"), refuse)
    transcript.run(*PREVIEW, fails=True)
    transcript.say("A misspelt rail")
    transcript.declare(changed(), {"dataworks:guardrails": {"maxDates": 14}})
    transcript.run(*PREVIEW, fails=True)


def workspace_errors(transcript: Transcript) -> None:
    for why, inputs in (
        ("Nodes that are not there", {"includeNodeIds": [74324, 74390, 999]}),
        ("A node that is not below the root", {"includeNodeIds": [74324, 74350]}),
        ("A paused node", {"rootNodeId": 74352, "includeNodeIds": [74352, 74353]}),
    ):
        transcript.say(why)
        transcript.declare(changed(**inputs))
        transcript.run("preview", fails=True)
    transcript.say("Hours in which the root does not run")
    hours = {"bizBeginTime": "00:06", "bizEndTime": "01:04"}
    transcript.declare({"parcels-nights": {**NIGHTS, **hours}})
    transcript.run("preview", fails=True)


def workspace_warnings(transcript: Transcript) -> None:
    transcript.say("A gap, a weekly node, a root that is not included")
    transcript.declare(changed(includeNodeIds=[74325, 74328, 74331]))
    transcript.run("preview", "--suppress-outputs")
    transcript.say("Hourly nodes without hours")
    transcript.declare({"parcels": {k: v for k, v in NIGHTS.items() if not k.startswith("biz")}})
    transcript.run("preview", "--suppress-outputs")
    transcript.say("Dates of the future")
    transcript.declare(changed(startBizDate="2199-05-01", endBizDate="2199-05-02"))
    transcript.run("preview", "--suppress-outputs")
    transcript.say("Two of the program that collide")
    transcript.declare({**changed(), "refunds": {**MAY, "startBizDate": "2025-05-30"}})
    transcript.run("preview", "--suppress-outputs")
    transcript.say("Another stack has launched the same, and it runs now")
    other = transcript.engine.emulator
    launched(transcript)
    transcript.engine.run("stack", "rm", "--force", "--yes").succeeded()
    transcript.engine.run("stack", "init", stack_flag=True).succeeded()
    assert len(other.launches()) == 1
    transcript.declare(changed())
    transcript.run("preview", "--suppress-outputs")


def out_of_reach(transcript: Transcript) -> None:
    transcript.engine.environment["DATAWORKS_ENDPOINT"] = "http://127.0.0.1:9"
    transcript.declare(changed())
    transcript.run("preview", "--suppress-outputs")
    transcript.say("Where the workspace has to be read")
    transcript.declare(changed(), {"dataworks:preflight": "required"})
    transcript.run("preview", fails=True)


def binding_plan(transcript: Transcript) -> None:
    transcript.declare(changed(endBizDate="2025-05-02"))
    transcript.run("preview", "--suppress-outputs", "--save-plan=plan.json")
    transcript.say("Somebody extends the range after the review")
    transcript.declare(changed(endBizDate="2025-05-03"))
    transcript.run("up", "--skip-preview", "--suppress-outputs", "--plan=plan.json", fails=True)
    assert transcript.engine.launches() == []
    transcript.say("What was reviewed is launched, although the API does not list nodes just now")
    transcript.declare(changed(endBizDate="2025-05-02"))
    transcript.engine.emulator.admin.add_fault({"operation": "ListNodes", "fault": "forbidden"})
    transcript.run("up", "--skip-preview", "--suppress-outputs", "--plan=plan.json")
    assert len(transcript.engine.launches()) == 1


SCENARIOS: dict[str, Scenario] = {
    "new": new,
    "hourly": hourly,
    "changes": changes,
    "deletion": deletion,
    "bad-inputs": bad_inputs,
    "guardrails": guardrails,
    "workspace-errors": workspace_errors,
    "workspace-warnings": workspace_warnings,
    "out-of-reach": out_of_reach,
    "binding-plan": binding_plan,
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_transcript(name: str, engine: Engine, update_transcripts: bool) -> None:
    transcript = Transcript(engine)
    SCENARIOS[name](transcript)
    record = FOLDER / f"{name}.txt"
    if update_transcripts:
        record.write_text(transcript.text())
    assert transcript.text() == record.read_text()


def test_every_record_has_a_scenario() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(SCENARIOS)


def test_records_hold_nothing_of_a_machine() -> None:
    for record in FOLDER.iterdir():
        text = record.read_text()
        assert "/tmp" not in text  # noqa: S108 - the absence of a path
        assert "/home" not in text
        assert "testsecret" not in text
        assert "Traceback" not in text
