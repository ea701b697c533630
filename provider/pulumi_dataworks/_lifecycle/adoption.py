"""Adopting by hand: a backfill that was launched elsewhere is taken over; nothing is launched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._api.backend import Backend, Seen, is_gone
from .._declaration.nodes import sort_ids
from .._declaration.versions import CHOSEN_BY_DATAWORKS
from .._exceptions import AdoptionRefused, Refused
from .._launch.generations import Generation
from .._launch.protocol import Account
from .._run import Run


def adopt(
    run: Run,
    generation: Generation,
    earlier: Sequence[Generation],
    inputs: Mapping[str, Any],
    account: Account,
) -> Seen:
    """Finds the backfill of ``adoptDagId``, if it is the one that is declared.

    :param earlier: generations before this one that may have been launched without being recorded.
    :param account: is told of launches that were made, and are not the one that is adopted.
    :raises AdoptionRefused: naming every difference; or there is no such backfill.
    :raises DataWorksError: the API could not be asked.
    """
    seen = _look(run, generation, inputs["adoptDagId"])
    api = run.api(generation.api_version)
    differences = list(_differences(api, generation, seen, inputs))
    if differences:
        raise AdoptionRefused(
            f"adoptDagId: the backfill of DAG {inputs['adoptDagId']} is not the one that is "
            f"declared: {'; '.join(differences)}. Nothing was launched"
        )
    _account_for_the_lost(run, generation, earlier, seen, account)
    return seen


def _look(run: Run, generation: Generation, dag_id: str) -> Seen:
    try:
        return run.api(generation.api_version).look_around(generation, dag_id)
    except Refused as error:
        if not is_gone(error):
            raise
        raise AdoptionRefused(
            f"adoptDagId: DataWorks has no backfill with DAG {dag_id} in "
            f"{generation.environment} ({error}). Nothing was launched"
        ) from error


def _account_for_the_lost(
    run: Run,
    generation: Generation,
    earlier: Sequence[Generation],
    adopted: Seen,
    account: Account,
) -> None:
    """What this token has launched itself, and nobody recorded, is not forgotten."""
    sent = [] if run.process.is_fresh(generation.token) else [generation]
    for lost in run.launcher().look_at([*earlier, *sent], {}):
        found = lost.launched.ids if lost.launched else []
        if not set(found) & set(adopted.launched.ids):
            account(lost)


def _differences(
    api: Backend, generation: Generation, seen: Seen, inputs: Mapping[str, Any]
) -> list[str]:
    if seen.kind != "SUPPLY_DATA":
        return [f"it is of type {seen.kind or 'unknown'}, not a backfill"]
    if seen.environment != generation.environment:
        return [f"it ran in {seen.environment}, not in {generation.environment}"]
    dates = sorted(seen.launched.statuses)
    found = []
    if not dates or (dates[0], dates[-1]) != (inputs["startBizDate"], inputs["endBizDate"]):
        ran = f"{dates[0]} to {dates[-1]}" if dates else "no date"
        found.append(f"it ran {ran}, not {inputs['startBizDate']} to {inputs['endBizDate']}")
    ran_nodes = api.ran_nodes(generation, seen)
    declared = {*inputs["includeNodeIds"], *inputs.get("excludeNodeIds", ())}
    if ran_nodes - declared and inputs.get("mode") not in CHOSEN_BY_DATAWORKS:
        found.append(f"it ran nodes {_list(ran_nodes - declared)} that are not declared")
    if set(inputs["includeNodeIds"]) - ran_nodes:
        missing = set(inputs["includeNodeIds"]) - ran_nodes
        found.append(f"it did not run nodes {_list(missing)} that are declared")
    return found


def _list(ids: set[str]) -> str:
    return ", ".join(sort_ids(ids))
