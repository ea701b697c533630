"""What is checked of a new or changed declaration before anything of the program is launched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .. import _engine
from .._api.settings import Settings
from .._declaration.guardrails import beyond, beyond_instances, beyond_reruns
from .._declaration.plan import change_of, is_known
from .._declaration.refusals import Problem
from .._declaration.versions import lacking
from .._exceptions import LaunchNotSent
from .._launch.generations import runs_again
from .._preflight.catches import Findings, describe, findings_of
from .._run import Run


def problems_of_declaration(
    run: Run, olds: Mapping[str, Any], inputs: Mapping[str, Any]
) -> list[Problem]:
    """Gives what forbids a launch: what the API's version lacks, guard rails, the workspace.

    What does not forbid it is shown.

    :param olds: the recorded inputs; empty for a new resource.
    :param inputs: in normal form; what is not known yet is not checked.
    """
    settings = run.settings()
    is_new = _is_to_launch(olds, inputs)
    name = _engine.current_urn().rpartition("::")[2].removesuffix("-launch")
    if settings.preflight != "off":
        for text in run.program.overlaps(name, inputs, is_new=is_new):
            _engine.warn_of_program(text)
    if not is_new:
        return []
    version = inputs.get("apiVersion", settings.api_version)
    unknown_to_it = [Problem(key, reason) for key, reason in lacking(version, inputs)]
    problems = [*unknown_to_it, *beyond(settings.guardrails, inputs)]
    if problems or settings.preflight == "off" or not is_known(inputs):
        return problems
    return _preflight(run, settings, inputs)


def _preflight(run: Run, settings: Settings, inputs: Mapping[str, Any]) -> list[Problem]:
    facts = run.survey.facts(inputs)
    found = findings_of(inputs, facts, run.process.world.now())
    problems = [*found.errors, *_beyond_in_workspace(settings, found)]
    if settings.preflight == "required":
        problems += [
            Problem("", f"dataworks:preflight is required, and {what} can't be read: {why}")
            for what, why in run.survey.unread().items()
        ]
    else:
        for what, why in run.survey.news().items():
            _engine.warn_of_program(
                f"declarations are not checked against {what}, which can't be read: {why}"
            )
    for text in [*found.warnings, *(found.reruns if settings.guardrails.allow_reruns else ())]:
        _engine.warn(text)
    if not problems and facts.nodes:
        _engine.inform(describe(inputs, facts, found))
    return problems


def _beyond_in_workspace(settings: Settings, found: Findings) -> Iterator[Problem]:
    too_many = beyond_instances(settings.guardrails, found.instances or 0)
    if too_many is not None:
        yield too_many
    for text in found.reruns:
        again = beyond_reruns(settings.guardrails, text)
        if again is not None:
            yield again


def problems_of_reruns(
    run: Run, launched: Mapping[str, Any], inputs: Mapping[str, Any]
) -> list[Problem]:
    """Refuses to run again what was launched, if a guard rail has it so.

    :param launched: the inputs of the recorded launch; empty where there is none.
    """
    if not launched or not _is_to_launch(launched, inputs):
        return []
    change = change_of(launched, inputs)
    if change is None or not change["datesAgain"]:
        return []
    problem = beyond_reruns(run.settings().guardrails, change["summary"])
    return [problem] if problem else []


def assert_within_rails(run: Run, inputs: Mapping[str, Any]) -> None:
    """Checks the guard rails once more, before a launch is sent.

    :raises LaunchNotSent: naming every rail that it is beyond.
    """
    problems = beyond(run.settings().guardrails, inputs)
    if problems:
        told = "; ".join(f"{one.property} {one.reason}".strip() for one in problems)
        raise LaunchNotSent(f"{told}. Nothing was sent")


def _is_to_launch(olds: Mapping[str, Any], inputs: Mapping[str, Any]) -> bool:
    if "adoptDagId" in inputs:
        return False
    return not olds or bool(runs_again(olds, inputs))
