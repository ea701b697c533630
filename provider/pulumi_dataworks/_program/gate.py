"""All or nothing: no backfill of a program is launched before all of them have passed their check.

With ``--skip-preview`` the engine finds a bad declaration in the middle of the update. So every
launch waits, in the program, until all launch tokens of the program are registered: their check
covers the whole declaration.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pulumi
from pulumi.output import Unknown
from pulumi.runtime.settings import get_monitor

from .. import _engine
from .._declaration.inputs import normalize
from .._exceptions import DeclarationError

#: No engine takes so long to check a program; a gate that never opens must not hang for ever.
LONGEST_WAIT = 1800.0
_OURS = "_pulumi_dataworks_gate"


class Gate:
    """The gate of one run of one program."""

    def __init__(self) -> None:
        self._tokens: dict[str, pulumi.Output[Any]] = {}
        self._of_resources: dict[str, asyncio.Future[bool]] = {}
        self._refusals: list[str] = []
        self._names: dict[str, str] = {}
        self._launches: dict[str, pulumi.Output[Any]] = {}
        self._opening: asyncio.Future[None] | None = None
        self._checked: set[str] = set()
        self._monitor = get_monitor()
        self._failure = _engine.failure_of_program()

    @classmethod
    def of_this_run(cls) -> Gate:
        """Gives the gate of the run that the caller belongs to.

        Each run has an event loop and a monitor (the engine's, or a mock), and tests may run many
        on one loop. The gate lives as long as its loop.
        """
        loop = asyncio.get_event_loop()
        gate: Gate | None = getattr(loop, _OURS, None)
        if gate is None or gate._monitor is not get_monitor():
            gate = cls()
            setattr(loop, _OURS, gate)
        return gate

    def wait_for(
        self,
        name: str,
        generations: pulumi.Output[Any],
        inputs: Mapping[str, Any],
        options: pulumi.ResourceOptions,
    ) -> None:
        """Has every launch wait for a token, unless that may itself wait for a launch.

        Where it may, only what is known of the backfill already is checked before any launch.

        :param inputs: of the backfill; what holds an Output is one.
        """
        outputs = [value for value in inputs.values() if isinstance(value, pulumi.Output)]
        if outputs or not may_wait_for(options):
            self._refusals += _problems_so_far(name, inputs)
        if may_wait_for(options):
            self._tokens[name] = generations
            if outputs:
                self._of_resources[name] = asyncio.ensure_future(_are_of_resources(outputs))

    def claim_name(self, backfill: str, name: Any) -> None:
        """Refuses a Name that another backfill of the program has: launches are found by it."""
        if not isinstance(name, str):
            return
        other = self._names.setdefault(name, backfill)
        if other != backfill:
            raise DeclarationError(
                f"backfills {other!r} and {backfill!r} have the same name {name!r}: a launch is "
                "found by its name, so each needs its own. Leave name out to have one made"
            )

    def behind(self, generations: pulumi.Output[Any]) -> pulumi.Output[Any]:
        """Gives a value that is not known before the gate is open."""
        return generations.apply(self._hold)

    def launches(self, name: str, id_: pulumi.Output[Any]) -> None:
        """Has every wait for backfills begin after this launch, unless it may itself wait."""
        self._launches[name] = id_

    def after_launches(self, targets: pulumi.Output[Any]) -> pulumi.Output[Any]:
        """Gives a value that is not known before the program's backfills are launched.

        The engine works at a few resources at once: waits would keep launches from their turn.
        """
        return targets.apply(self._hold_back)

    async def _hold_back(self, targets: Any) -> Any:
        names = self._to_be_waited_for() & self._launches.keys()
        launches = [asyncio.ensure_future(_known(self._launches[name])) for name in names]
        if launches:
            await asyncio.wait(launches, timeout=LONGEST_WAIT)
        return targets

    async def _hold(self, generations: Any) -> Any:
        # Only now: a program declares its resources before it waits for any of them. One that is
        # asynchronous may declare more meanwhile.
        while self._to_be_waited_for() - self._checked:
            await asyncio.shield(self._open())
        if self._refusals and not pulumi.runtime.is_dry_run():
            raise DeclarationError(f"no launch was made: {'; '.join(self._refusals)}")
        failure = self._failure()
        if failure is not None:
            raise failure
        return generations

    def _to_be_waited_for(self) -> set[str]:
        """Not those whose inputs come from other resources, nor while that is not known."""
        may_wait_too = {
            name
            for name, of_resources in self._of_resources.items()
            if not of_resources.done() or of_resources.result()
        }
        return self._tokens.keys() - may_wait_too

    def _open(self) -> asyncio.Future[None]:
        """One wait for all that hold: a wait of each for all would grow with their square."""
        if self._opening is None or self._opening.done():
            names = self._to_be_waited_for() - self._checked
            self._opening = asyncio.ensure_future(self._wait_for(names))
        return self._opening

    async def _wait_for(self, names: Collection[str]) -> None:
        futures = {name: asyncio.ensure_future(_known(self._tokens[name])) for name in names}
        done, pending = await asyncio.wait(futures.values(), timeout=LONGEST_WAIT)
        for future in done:
            future.result()
        if pending:
            late = sorted(name for name, future in futures.items() if future in pending)
            raise DeclarationError(
                f"no launch was made: after {LONGEST_WAIT / 60:.0f} minutes these were still not "
                f"checked: {', '.join(late)}"
            )
        self._checked |= set(names)


def may_wait_for(opts: pulumi.ResourceOptions) -> bool:
    """Tells whether a launch token with these options can be waited for.

    One that itself waits for other resources cannot: they may wait for the gate.
    """
    if opts.depends_on:
        return False
    parent = opts.parent
    while parent is not None:
        if not isinstance(parent, (pulumi.ComponentResource, pulumi.runtime.stack.Stack)):
            return False
        parent = getattr(parent, "_parent", None)
    return True


async def _are_of_resources(outputs: Sequence[pulumi.Output[Any]]) -> bool:
    """Tells Outputs of resources from what the program has at hand, such as a secret config."""
    try:
        return any([await output.resources() for output in outputs])
    except Exception:  # noqa: BLE001 - the SDK reports what becomes of them
        return True


async def _known(output: pulumi.Output[Any]) -> None:
    await output.future()


def _problems_so_far(name: str, inputs: Mapping[str, Any]) -> list[str]:
    unknown = Unknown()  # type: ignore[no-untyped-call]
    known = {
        key: unknown if isinstance(value, pulumi.Output) else value for key, value in inputs.items()
    }
    found = normalize(known).problems
    return [f"backfill {name!r}: {problem.property} {problem.reason}" for problem in found]
