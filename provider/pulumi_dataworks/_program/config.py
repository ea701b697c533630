"""Backfills declared in a stack's config, and whether they are waited for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic.alias_generators import to_snake

from .._declaration.completions import HOW_IT_WAITS, normalize_wait
from .._declaration.inputs import normalize
from .._exceptions import DeclarationError

ACCEPTED = "a map from a backfill's name to its inputs, such as rootNodeId"


def read_backfills(config: object) -> dict[str, Any]:
    """Reads the config key ``backfills`` of a stack, and checks all of it before any is declared.

    :param config: as ``pulumi.Config().get_object("backfills")`` gives it: a map from a backfill's
        name to its inputs in camelCase; None for no backfills.
    :return: by the backfill's name a dict of its inputs, to be given to `Backfill` as it is.
    :raises DeclarationError: naming everything that is wrong with any of them.
    """
    if config is None:
        return {}
    if not isinstance(config, Mapping):
        raise DeclarationError(f"config backfills must be {ACCEPTED}")
    problems = [line for name, inputs in config.items() for line in _problems(name, inputs)]
    problems += _same_names(config)
    if problems:
        lines = "\n".join(f"  - {line}" for line in problems)
        raise DeclarationError(f"the config key backfills is wrong, so none is declared:\n{lines}")
    return {str(name): dict(inputs) for name, inputs in config.items()}


def read_wait(config: object) -> dict[str, Any] | None:
    """Reads the config key ``wait`` of a stack: how to wait for the backfills' ends, if at all.

    :param config: as ``pulumi.Config().get_object("wait")`` gives it: a map of any of timeout,
        pollInterval, warnAfter, onFailure, rerunFailed; None or {} not to wait.
    :return: keyword arguments of `BackfillCompletion`; None not to wait.
    :raises DeclarationError: naming everything that is wrong with it.
    """
    if config is None or config == {}:
        return None
    if not isinstance(config, Mapping):
        accepted = ", ".join(HOW_IT_WAITS)
        raise DeclarationError(f"config wait must be a map of any of {accepted}")
    declared = normalize_wait({str(key): value for key, value in config.items()})
    if declared.problems:
        lines = "\n".join(f"  - wait.{one.property} {one.reason}" for one in declared.problems)
        raise DeclarationError(f"the config key wait is wrong, so nothing is declared:\n{lines}")
    return {to_snake(key): value for key, value in declared.inputs.items()}


def _problems(name: object, inputs: object) -> list[str]:
    if not str(name).strip():
        return ["a backfill must have a name, the key that its inputs stand below"]
    if not isinstance(inputs, Mapping):
        return [f"{name} must be a map of inputs, such as rootNodeId"]
    found = normalize({str(key): value for key, value in inputs.items()}).problems
    return [f"{name}.{problem.property} {problem.reason}" for problem in found]


def _same_names(config: Mapping[Any, Any]) -> list[str]:
    first: dict[str, str] = {}
    found = []
    for backfill, inputs in config.items():
        name = inputs.get("name") if isinstance(inputs, Mapping) else None
        if not isinstance(name, str):
            continue
        other = first.setdefault(name, str(backfill))
        if other != backfill:
            found.append(f"{backfill}.name {name!r} is the name of {other} as well")
    return found
