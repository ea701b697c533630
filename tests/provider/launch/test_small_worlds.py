"""Every small world, one by one: depth first through all that can happen, and when.

A world is a sequence of commands (`up` with one of two declarations, or `destroy`; the first is an
`up`), with up to two faults anywhere in it: the engine killed with its provider or without it, the
latter going on at any later moment; before the state is saved; a launch that is lost, processed
late, answered 5xx after it was processed, throttled, refused; a look-up that is refused. After it
the last command is repeated, in peace, until it succeeds; what was left behind runs to its end; and
the command is repeated once more.

With three commands and two faults there are some 6,000 worlds of each kind. SMALL_WORLDS_DEEPER=1
in the environment makes every world a command longer, 2 two.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise, product
from typing import Any

import pytest
from pulumi_dataworks._api.backend import Launched
from pulumi_dataworks._exceptions import DataWorksError, ServerFault
from pulumi_dataworks._launch import protocol
from pulumi_dataworks._launch.generations import Generation
from pulumi_dataworks._launch.process import Process
from pulumi_dataworks._launch.protocol import Launcher
from pulumi_dataworks._lifecycle import backfills, tokens

from tests.provider.launch._choices import Chooser, every_script
from tests.provider.launch._pulumi import Stack
from tests.provider.launch._world import Plugin, Setting, World, in_small_worlds

DEEPER = int(os.environ.get("SMALL_WORLDS_DEEPER", "0"))
DATES = {"A": "2026-05-01", "B": "2026-05-02"}
DESTROY = "destroy"

SEEN_LATE = Setting(visibility=50)
SEEN_AT_ONCE = Setting(visibility=0)
ERROR_HOOK = Setting(error_hook=True)
NAMED = Setting(name="orders")
TWO_PHASES = Setting(two_phases=True)
TWO_PHASES_NAMED = Setting(two_phases=True, name="orders")


@pytest.mark.parametrize("second", [*DATES, DESTROY])
@pytest.mark.parametrize("setting", [SEEN_LATE, TWO_PHASES])
def test_three_commands_and_two_faults(setting: Setting, second: str) -> None:
    assert explore(setting, ("A",), (second,), faults=2) > 1_000


KINDS = [SEEN_AT_ONCE, ERROR_HOOK, NAMED, TWO_PHASES, TWO_PHASES_NAMED]


@pytest.mark.parametrize("setting", KINDS)
def test_two_commands_and_two_faults(setting: Setting) -> None:
    assert explore(setting, ("A",), faults=2) > 1_000


@pytest.mark.parametrize("setting", KINDS)
def test_three_commands_and_one_fault(setting: Setting) -> None:
    assert explore(setting, ("A",), (*DATES, DESTROY), faults=1) > 300


def explore(setting: Setting, *commands: Sequence[str], faults: int) -> int:
    """Plays all worlds with these commands, then any other; gives how many there are."""
    anything = (*DATES, DESTROY)
    worlds = 0
    with in_small_worlds():
        for actions in product(*commands, *[anything] * (1 + DEEPER)):
            worlds += every_script(partial(play, actions, setting), faults)
    return worlds


def play(actions: Sequence[str], setting: Setting, chooser: Chooser) -> None:
    """Plays a world to its end, and looks whether all is well there."""
    world = World(chooser, setting)
    stack = Stack(world)
    for action in actions:
        act(world, stack, action)
    chooser.faults = 0
    calm(world, stack, actions[-1])
    while world.orphans:
        world.wait(30)
        for plugin in list(world.orphans):
            plugin.go_on()
    world.wait(120)
    launches = len(world.dataworks.launches)
    calm(world, stack, actions[-1])
    assert len(world.dataworks.launches) == launches, "launched once more, by the same command"
    assert_all_is_known(world)
    assert_launched_once(world)
    if actions[-1] != DESTROY:
        assert_declared_runs(world, stack, actions[-1])


def act(world: World, stack: Stack, action: str) -> bool:
    world.wait(1)
    if action == DESTROY:
        done = stack.destroy()
        wanted = None
    else:
        done = stack.up(declared(action, world.setting))
        wanted = (world.setting.name or "", DATES[action])
    if done:
        world.dataworks.done.append((len(world.dataworks.launches), wanted))
    if done and action == DESTROY and world.setting.name:
        # Of one Name, what was destroyed in these minutes can't be told from what is new.
        world.wait(1000)
    return done


def calm(world: World, stack: Stack, action: str) -> None:
    """Repeats a command, while nothing goes wrong, until it succeeds."""
    for _ in range(4):
        if act(world, stack, action):
            return
        if "a name of its own" in world.told[-1]:
            world.setting = replace(world.setting, name="other")
    raise AssertionError(f"{action} does not succeed: {world.told[-1]}")


def declared(which: str, setting: Setting) -> dict[str, Any]:
    naming = {"name": setting.name} if setting.name else {"namePrefix": "orders"}
    return {
        "projectEnv": "PROD",
        "rootNodeId": "1",
        "startBizDate": DATES[which],
        "endBizDate": DATES[which],
        **naming,
    }


def assert_all_is_known(world: World) -> None:
    for launch in world.dataworks.launches:
        told = any(f"DAGs {launch.ids[0]}" in text for text in world.told)
        assert told or set(launch.ids) <= world.recorded, f"nobody knows of {launch}"


def assert_launched_once(world: World) -> None:
    """No generation twice, and no declaration twice, unless another was reached in between."""
    launches = world.dataworks.launches
    if world.setting.name is None:
        names = [launch.name for launch in launches]
        assert len(names) == len(set(names)), f"launched twice: {launches}"
    for number, (former, latter) in enumerate(pairwise(launches), 1):
        between = {wanted for count, wanted in world.dataworks.done if count == number}
        again = former.declared == latter.declared and between <= {former.declared}
        assert not again, f"launched twice: {launches}"


def assert_declared_runs(world: World, stack: Stack, which: str) -> None:
    assert stack.backfill is not None
    outputs = stack.backfill.outputs
    assert not stack.replaced
    assert len(outputs["nodeIds"]) == 1
    [launch] = [one for one in world.dataworks.launches if one.ids == outputs["nodeIds"]]
    assert outputs["launchName"] == launch.name
    runs = launch.inputs["startBizDate"]
    assert runs == outputs["startBizDate"] == DATES[which], f"something else runs: {launch}"


send_once, find = Launcher._send_once, Launcher._find


def sent_again_after_5xx(self: Launcher, generation: Generation, inputs: Any) -> Launched:
    try:
        return send_once(self, generation, inputs)
    except ServerFault:
        return send_once(self, generation, inputs)


def absent_where_it_failed(
    self: Launcher, generation: Generation
) -> tuple[Launched | None, DataWorksError | None]:
    return find(self, generation)[0], None


def differs_by_token(olds: Any, news: Any) -> list[str]:
    return ["launch"] if olds.get("launch") != news.get("launch") else []


@pytest.mark.parametrize(
    ("owner", "rule", "without", "setting", "commands", "faults"),
    [
        # No settle window: a launch that is not to be seen yet is launched again.
        (Process, "quiet_for", lambda *_: 1e9, SEEN_LATE, ("A", "A"), 1),
        # A new process does not wait: what an earlier one sent may not be to be seen yet.
        (Launcher, "look_up", lambda *_: None, SEEN_AT_ONCE, ("A", "A"), 1),
        # Freshness is not consumed: an error hook calls create again.
        (Process, "no_longer_fresh", lambda *_: None, ERROR_HOOK, ("A", "A"), 2),
        # A look-up soon after a send, in the same process.
        (Process, "sent", lambda *_: None, ERROR_HOOK, ("A", "A"), 2),
        # The engine is not asked before a send: an orphan sends after the next up.
        (Plugin, "assert_engine_lives", lambda *_: None, SEEN_LATE, ("A", "A"), 1),
        # A 5xx is taken for "not processed".
        (Launcher, "_send_once", sent_again_after_5xx, SEEN_LATE, ("A", "A"), 1),
        # A look-up that failed is taken for "not there".
        (Launcher, "_find", absent_where_it_failed, SEEN_LATE, ("A", "A"), 2),
        # Earlier generations are forgotten, by an up and by a destroy.
        (backfills, "unsettled", lambda *_: [], SEEN_LATE, ("A", "B"), 1),
        (tokens, "after_settled", lambda *_: [], SEEN_LATE, ("A", DESTROY), 1),
        # A change that was refused and taken back runs again.
        (backfills, "runs_again", differs_by_token, SEEN_LATE, ("A", "B", "A"), 1),
        (protocol, "was_minted_for", lambda *_: False, SEEN_LATE, ("A", "B", "A"), 2),
        # Of one Name, the launch of another generation is taken for this one's absence, or for it.
        (Process, "ids_of_others", lambda *_: frozenset(), NAMED, ("A", "B"), 1),
        (protocol, "_SAME_NAME", None, NAMED, ("A", "B", "A"), 2),
    ],
)
def test_without_one_of_its_rules_the_protocol_is_found_out(
    owner: object,
    rule: str,
    without: Callable[..., object],
    setting: Setting,
    commands: Sequence[str],
    faults: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(owner, rule, without)
    found_out = r"launched (twice|once)|nobody knows|something else runs"
    with in_small_worlds(), pytest.raises(AssertionError, match=found_out):
        every_script(partial(play, commands, setting), faults)
