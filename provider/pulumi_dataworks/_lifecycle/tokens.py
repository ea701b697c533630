"""The launch token: a resource that Pulumi saves before the launch.

A launch that dies leaves nothing behind but its token, by which the next run finds it. The token
keeps its generations, one for each time that the backfill was to be launched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .. import _engine
from .._api.backend import Launched
from .._declaration.inputs import WHAT_RUNS
from .._declaration.plan import count_of
from .._declaration.refusals import Problem
from .._exceptions import SettingsError
from .._launch.generations import RETENTION, Generation, mint, trigger_digests, was_minted_for
from .._launch.protocol import Lost
from .._run import Run

_KEPT = (*WHAT_RUNS, "namePrefix", "onDestroy", "apiVersion")


def problems_of_settings(run: Run) -> list[Problem]:
    """Gives what is wrong with the settings, before anything is launched."""
    try:
        run.settings()
    except SettingsError as error:
        return [Problem("", str(error))]
    return []


def kept(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Picks what a token records: what runs, and nothing of how."""
    return {key: inputs[key] for key in _KEPT if key in inputs}


def create(run: Run, inputs: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Mints the first generation.

    :return: the resource's ID and outputs.
    :raises CredentialsNotFound: so that this shows before any launch of the program.
    """
    run.api()
    first = _mint(run, inputs, 1)
    return first.token, _outputs(inputs, [first])


def update(run: Run, olds: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Mints the next generation where what runs has changed. Gives the resource's outputs."""
    generations = read_generations(olds.get("generations"))
    current = generations[-1]
    if was_minted_for(current, inputs):
        generations[-1] = replace(current, triggers=trigger_digests(inputs, current.token))
    else:
        run.api()
        generations.append(_mint(run, inputs, current.number + 1))
    return _outputs(inputs, _in_memory(run, generations))


def delete(run: Run, olds: Mapping[str, Any]) -> None:
    """Looks for launches that nobody recorded, and stops all that still runs if that is asked.

    :raises DataWorksError: the API could not be asked; the token stays, for another try.
    """
    generations = _in_memory(run, read_generations(olds.get("generations")))
    concerned = [item for item in generations if not run.process.is_kept(item.token)]
    if olds.get("onDestroy") == "stop":
        for item in concerned:
            _stop(run, item)
        return
    for item in concerned:
        ids = run.process.ids_of(item.token)
        if ids:
            _engine.inform(
                f"{item.launch_name}: nothing is stopped, as onDestroy is leave. Its "
                f"{count_of(len(ids), 'DAG')} stay in DataWorks, and what still runs goes on"
            )
    for lost in _look_at(run, after_settled(run, concerned)):
        report_lost(run, lost, None)


def report_lost(run: Run, lost: Lost, on_destroy: str | None) -> None:
    """Says what was found of a launch that nobody had recorded, and stops it if that is asked."""
    name = lost.generation.launch_name
    if lost.launched is None:
        _engine.warn(f"An earlier launch was not recorded, and can't be looked for: {lost.doubt}")
        return
    ids = ", ".join(lost.launched.ids)
    if lost.launched.parked and on_destroy != "stop":
        _engine.warn(
            f"The earlier launch {name} was prepared and never started: nothing of it has run, or "
            f"will by itself. It is left as it is: DAGs {ids}"
        )
        return
    if on_destroy != "stop":
        _engine.warn(
            f"The earlier launch {name} was made and not recorded. It is left running: DAGs {ids}"
        )
        return
    stopped, _ = run.api(lost.generation.api_version).stop(lost.generation, lost.launched)
    _engine.warn(
        f"The earlier launch {name} was made and not recorded (DAGs {ids}). As onDestroy says, "
        f"{stopped} instances of it were stopped"
    )


def read_generations(states: Any) -> list[Generation]:
    """Reads the generations of a token's outputs."""
    return [Generation.from_state(state) for state in states]


def after_settled(run: Run, generations: Sequence[Generation]) -> list[Generation]:
    """Picks the generations after the last one that is recorded or was looked for."""
    settled = run.process.settled()
    known = [index for index, item in enumerate(generations) if item.token in settled]
    return list(generations[known[-1] + 1 if known else 0 :])


def _outputs(inputs: Mapping[str, Any], generations: Sequence[Generation]) -> dict[str, Any]:
    """What is recorded beside the inputs; its deletion has the outputs alone."""
    on_destroy = {"onDestroy": inputs["onDestroy"]} if "onDestroy" in inputs else {}
    return {**on_destroy, "generations": [item.to_state() for item in generations]}


def _stop(run: Run, generation: Generation) -> None:
    ids = run.process.ids_of(generation.token)
    found = [Lost(generation, Launched(ids), "")] if ids else _look_at(run, [generation])
    for lost in found:
        if lost.launched is None:
            _engine.warn(f"A launch can't be looked for, so it was not stopped: {lost.doubt}")
            continue
        stopped, ended = run.api(generation.api_version).stop(generation, lost.launched)
        _engine.warn(
            f"{generation.launch_name}: {stopped} instances were stopped, {ended} had ended"
        )


def _look_at(run: Run, generations: Sequence[Generation]) -> list[Lost]:
    return run.launcher().look_at(generations, {}) if generations else []


def _mint(run: Run, inputs: Mapping[str, Any], number: int) -> Generation:
    settings = run.settings()
    world = run.process.world
    generation = mint(
        inputs,
        number,
        settings.region,
        settings.endpoint,
        world.now(),
        world.random_hex,
        inputs.get("apiVersion", settings.api_version),
    )
    run.process.minted(generation.token)
    return generation


def _in_memory(run: Run, generations: Sequence[Generation]) -> list[Generation]:
    """Drops what DataWorks has forgotten, but never the current generation."""
    oldest = run.process.world.now() - RETENTION
    return [*(item for item in generations[:-1] if item.born >= oldest), generations[-1]]
