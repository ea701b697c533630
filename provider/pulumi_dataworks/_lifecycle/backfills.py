"""The backfill: what its provider does in each step of its life."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from pulumi.output import contains_unknowns

from .. import _engine
from .._api.backend import Launched, is_gone
from .._api.console import console_url
from .._declaration.inputs import ALL, HOW_IT_RUNS, WHAT_RUNS
from .._declaration.nodes import sort_ids
from .._declaration.plan import change_of, plan_of
from .._exceptions import LaunchTokenMismatch, Refused
from .._launch.generations import Generation, runs_again, was_minted_for
from .._launch.protocol import Lost, unsettled
from .._run import Run
from .adoption import adopt
from .review import assert_within_rails
from .tokens import read_generations, report_lost

CREATED = "CREATED"
EXPIRED = "EXPIRED"
UNKNOWN = "UNKNOWN"


def check(
    run: Run, olds: Mapping[str, Any], inputs: dict[str, Any], generations: Any
) -> dict[str, Any]:
    """Adds to the inputs, in normal form, the plan and the launch that they are recorded with.

    :param olds: the recorded inputs; empty for a new resource or the new one of a replacement.
    :param generations: of the launch token, as its output gives them; unknown in a preview.
    :raises LaunchTokenMismatch: the token was minted for something else.
    """
    recorded = olds.get("launch")
    changed = _changed(olds, inputs)
    if recorded:
        run.process.settle(_through(recorded))
        if not changed:
            run.process.keep(_through(recorded), recorded["token"])
            _warn_of_how(olds, inputs)
    launch = _launch(run, None if changed else recorded, generations)
    if changed and launch is not None and not contains_unknowns([launch, inputs]):
        _assert_minted_for(Generation.of_backfill({**inputs, "launch": launch}), inputs)
    return {**inputs, "launch": launch, "plan": _plan(run, olds, inputs, changed=changed)}


def diff(run: Run, olds: Mapping[str, Any], news: Mapping[str, Any]) -> list[str]:
    """Names the inputs whose change makes a new launch."""
    _remember(run, olds)
    return runs_again(olds, news)


def create(run: Run, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Launches, or finds the launch that was made. Once it is launched, nothing raises.

    :return: the resource's ID and outputs.
    :raises LaunchTokenMismatch: the token was minted for something else.
    :raises LaunchError: nothing was launched, or whether it was cannot be told.
    """
    generation = Generation.of_backfill(inputs)
    _assert_minted_for(generation, inputs)
    earlier = read_generations(inputs["launch"].get("earlier", ()))
    may_stop = run.process.is_fresh(generation.token) or run.process.knows_what_was(
        generation.token
    )
    on_destroy = inputs.get("onDestroy") if may_stop else None

    def account(lost: Lost) -> None:
        report_lost(run, lost, on_destroy)

    if "adoptDagId" in inputs:
        seen = adopt(run, generation, earlier, inputs, account)
        name = seen.name or generation.launch_name
        outputs = _outputs(run, inputs, seen.launched, name, generation.born)
        return _resource_id(name, generation.token), outputs
    _engine.assert_checkpoints_are_saved()

    def assert_wanted() -> None:
        _engine.assert_launch_is_wanted()
        assert_within_rails(run, inputs)

    launcher = replace(run.launcher(), assert_wanted=assert_wanted)
    brought = launcher.bring_about(generation, earlier, inputs, account)
    launch_name = brought.generation.launch_name
    if brought.found:
        _engine.warn(
            f"{launch_name} was launched before, and is taken over: nothing was launched now"
        )
    launched = _completed(run, brought.generation, inputs, brought.launched)
    now = run.process.world.now().replace(microsecond=0)
    moment = brought.generation.born if brought.found else now
    outputs = _outputs(run, inputs, launched, launch_name, moment)
    return _resource_id(launch_name, generation.token), outputs


def update(run: Run, olds: Mapping[str, Any], news: dict[str, Any]) -> dict[str, Any]:
    """Changes what is recorded, keeps how it was launched, and launches nothing.

    :raises DataWorksError: a launch that nobody recorded could not be looked for.
    """
    earlier = read_generations(news["launch"].get("earlier", ()))
    if earlier and _through(news["launch"]) != _through(olds["launch"]):
        for lost in run.launcher().look_at(earlier, {}):
            report_lost(run, lost, news.get("onDestroy"))
    as_launched = {key: olds[key] for key in HOW_IT_RUNS if key in olds}
    computed = {key: value for key, value in olds.items() if key not in (*ALL, "plan", "launch")}
    declared = {key: value for key, value in news.items() if key not in HOW_IT_RUNS}
    return {**computed, **declared, **as_launched, "launch": _once_made(news["launch"])}


def read(run: Run, outputs: dict[str, Any]) -> dict[str, Any]:
    """Reads how the backfill is, in two calls.

    A history that DataWorks has purged gives EXPIRED, and the IDs stay.

    :raises DataWorksError: the API could not be asked; the state stays as it is.
    """
    ids = outputs.get("nodeIds") or []
    generation = Generation.of_backfill(outputs)
    if not ids:
        found = run.launcher().look_up(generation)
        launched = found or Launched([])
    else:
        try:
            launched = run.api(generation.api_version).look(generation, ids).launched
        except Refused as error:
            if not is_gone(error):
                raise
            return {**outputs, "lastSeenStatus": EXPIRED}
    return {**outputs, **_seen(launched, ids)}


def delete(run: Run, outputs: Mapping[str, Any]) -> None:
    """Does nothing but remember, for the end of the launch token."""
    _remember(run, outputs)


def _launch(run: Run, recorded: Mapping[str, Any] | None, generations: Any) -> Any:
    if generations is None or contains_unknowns(generations):
        return generations
    known = read_generations(generations)
    pending = unsettled(known, run.process.settled())
    if recorded is None:
        launch = known[-1].to_backfill_state()
        run.process.look_back(known[-1].token, [item.token for item in known])
        return {**launch, "earlier": [item.to_state() for item in pending]} if pending else launch
    if not pending:
        return dict(recorded)
    # A change that was refused, then taken back: what was tried between has to be looked for.
    states = [item.to_state() for item in pending]
    return {**recorded, "earlier": states, "through": known[-1].token}


def _once_made(launch: Mapping[str, Any]) -> dict[str, Any]:
    """Picks what is asked for after a launch: no longer what it was minted for, or came after."""
    return {key: launch[key] for key in launch if key not in ("digest", "triggers", "earlier")}


def _assert_minted_for(generation: Generation, inputs: Mapping[str, Any]) -> None:
    if not was_minted_for(generation, inputs):
        raise LaunchTokenMismatch(
            f"the launch token of {generation.launch_name} was minted for other parameters, as "
            "where --target names the backfill alone. Nothing was sent. Leave --target out, or "
            "target the token with --target-dependents: it has -launch behind the backfill's name"
        )


def _plan(
    run: Run, olds: Mapping[str, Any], inputs: Mapping[str, Any], *, changed: bool
) -> dict[str, Any] | None:
    """Gives the plan; for a changed declaration, with what the change means."""
    urn = _engine.current_urn()
    if olds:
        run.process.remember_inputs(urn, olds)
    planned = {key: olds.get(key) for key in (*WHAT_RUNS, *HOW_IT_RUNS, "onDestroy")}
    if planned == {key: inputs.get(key) for key in planned} and "plan" in olds:
        return dict(olds["plan"]) if olds["plan"] is not None else None
    plan = plan_of(inputs)
    # The engine checks the new one of a replacement as if nothing was there before.
    before = olds or run.process.remembered_inputs(urn)
    change = change_of(before, inputs) if changed else (olds.get("plan") or {}).get("change")
    return {**plan, "change": change} if plan and change else plan


def _changed(olds: Mapping[str, Any], inputs: Mapping[str, Any]) -> bool:
    return not olds or bool(runs_again(olds, inputs))


def _through(launch: Mapping[str, Any]) -> str:
    """The token up to which all is known of what was launched."""
    return str(launch.get("through", launch["token"]))


def _remember(run: Run, outputs: Mapping[str, Any]) -> None:
    launch = outputs.get("launch")
    if launch:
        run.process.settle(_through(launch))
        run.process.settle(str(launch["token"]))
        run.process.claim(str(launch["token"]), outputs.get("nodeIds") or [])


def _warn_of_how(olds: Mapping[str, Any], inputs: Mapping[str, Any]) -> None:
    changed = [key for key in HOW_IT_RUNS if olds.get(key) != inputs.get(key)]
    if changed:
        _engine.warn(
            f"{', '.join(changed)}: the change holds for the next launch; the backfill that was "
            "launched stays as it is"
        )


def _completed(
    run: Run, generation: Generation, inputs: Mapping[str, Any], launched: Launched
) -> Launched:
    """Asks for the IDs where the reply did not have one for each date. Never raises."""
    plan = inputs.get("plan") or {}
    if launched.ids and len(launched.ids) >= int(plan.get("businessDates", {}).get("count", 1)):
        return launched
    whole: Launched | None = None
    api = run.api(generation.api_version)
    with contextlib.suppress(Exception):  # it is launched: whatever fails now must not lose it
        if launched.ids:
            whole = api.look(generation, launched.ids).launched
        else:
            whole = api.find(generation, run.process.ids_of_others(generation.token))
    if whole is not None and len(whole.ids) >= len(launched.ids):
        return Launched(whole.ids, launched.request_id, whole.statuses)
    if not launched.ids:
        _engine.warn(
            f"{generation.launch_name} was launched (RequestId {launched.request_id}), but "
            "DataWorks gave no ID and does not list it yet: `pulumi refresh` completes it"
        )
    return launched


def _outputs(
    run: Run,
    inputs: Mapping[str, Any],
    launched: Launched,
    launch_name: str,
    moment: datetime,
) -> dict[str, Any]:
    settings = run.settings()
    return {
        **inputs,
        **_seen(launched, []),
        "launch": _once_made(inputs["launch"]),
        "requestId": launched.request_id,
        "launchName": launch_name,
        "launchedAt": moment.isoformat(),
        "consoleUrl": console_url(settings.region, settings.project_id),
    }


def _seen(launched: Launched, ids: list[str]) -> dict[str, Any]:
    return {
        "nodeIds": sort_ids({*ids, *launched.ids}),
        "lastSeenStatus": overall(list(launched.statuses.values())),
        "statusByDate": dict(launched.statuses),
    }


def overall(statuses: list[str]) -> str:
    """Gives one status for all dates: FAILURE before RUNNING before CREATED before SUCCESS."""
    for status in ("FAILURE", "RUNNING", CREATED):
        if status in statuses:
            return status
    if statuses and all(status == "SUCCESS" for status in statuses):
        return "SUCCESS"
    return UNKNOWN if statuses else CREATED


def _resource_id(launch_name: str, token: str) -> str:
    return launch_name if token in launch_name else f"{launch_name}@{token}"
