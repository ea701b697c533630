"""What is checked of a new or changed declaration before anything of the program is launched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._declaration.guardrails import beyond, beyond_reruns
from .._declaration.inputs import Problem
from .._declaration.plan import change_of
from .._exceptions import LaunchNotSent
from .._launch.generations import runs_again
from .._run import Run


def problems_of_declaration(
    run: Run, olds: Mapping[str, Any], inputs: Mapping[str, Any]
) -> list[Problem]:
    """Gives what forbids a launch: guard rails of the stack.

    :param olds: the recorded inputs; empty for a new resource.
    :param inputs: in normal form; what is not known yet is not checked.
    """
    if not _is_to_launch(olds, inputs):
        return []
    return beyond(run.settings().guardrails, inputs)


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
