"""All or nothing: no backfill of a program is launched before all of them have passed their check.

With ``--skip-preview`` the engine finds a bad declaration in the middle of the update. So every
launch waits, in the program, until all launch tokens of the program are registered: their check
covers the whole declaration.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any
from weakref import WeakKeyDictionary

import pulumi

from .._exceptions import DeclarationError

#: No engine takes so long to check a program; a gate that never opens must not hang for ever.
LONGEST_WAIT = 1800.0


class Gate:
    """The gate of one run of one program."""

    def __init__(self) -> None:
        self._tokens: dict[str, _Token] = {}
        self._names: dict[str, str] = {}
        self._program = _program_frame()

    @classmethod
    def of_this_run(cls) -> Gate:
        """Gives the gate of the run that the caller belongs to."""
        loop = asyncio.get_event_loop()
        gate = _GATES.get(loop)
        if gate is None:
            gate = _GATES[loop] = cls()
        return gate

    def wait_for(
        self,
        name: str,
        generations: pulumi.Output[Any],
        inputs: Mapping[str, Any],
        options: pulumi.ResourceOptions,
    ) -> None:
        """Has every launch wait for a token, unless that may itself wait for a launch.

        :param inputs: of the backfill; what holds an Output is one.
        """
        if may_wait_for(options):
            outputs = [value for value in inputs.values() if isinstance(value, pulumi.Output)]
            constant = asyncio.ensure_future(_are_of_no_resource(outputs)) if outputs else None
            self._tokens[name] = _Token(generations, constant)

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

    async def _hold(self, generations: Any) -> Any:
        # Only now: a program declares its resources before it waits for any of them.
        names = [name for name, token in self._tokens.items() if token.can_be_waited_for()]
        futures = [asyncio.ensure_future(_known(self._tokens[name].generations)) for name in names]
        done, pending = await asyncio.wait(futures, timeout=LONGEST_WAIT) if futures else ((), ())
        for future in done:
            future.result()
        if pending:
            names = [name for name, one in zip(names, futures, strict=True) if one in pending]
            raise DeclarationError(
                f"no launch was made: after {LONGEST_WAIT / 60:.0f} minutes these were still not "
                f"checked: {', '.join(names)}"
            )
        failure = _failure_of(self._program)
        if failure is not None:
            raise failure
        return generations


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


@dataclass(frozen=True)
class _Token:
    generations: pulumi.Output[Any]
    constant: asyncio.Future[bool] | None

    def can_be_waited_for(self) -> bool:
        """Not where its inputs come from other resources, nor while they are not known."""
        return self.constant is None or (self.constant.done() and self.constant.result())


async def _are_of_no_resource(outputs: Sequence[pulumi.Output[Any]]) -> bool:
    """Tells that Outputs hold what the program had at hand, such as a secret of the config."""
    try:
        return not any([await output.resources() for output in outputs])
    except Exception:  # noqa: BLE001 - the SDK reports what becomes of them
        return False


async def _known(output: pulumi.Output[Any]) -> None:
    await output.future()


def _program_frame() -> FrameType | None:
    """Finds the SDK's frame that runs the program, and keeps the exception that ends it."""
    frame: FrameType | None = sys._getframe()
    while frame is not None and frame.f_code.co_name != "run_pulumi_func":
        frame = frame.f_back
    return frame


def _failure_of(program: FrameType | None) -> BaseException | None:
    """The exception that the program ended with. Its resources would be made nevertheless."""
    failure = program.f_locals.get("ex") if program is not None else None
    return failure if isinstance(failure, BaseException) else None


_GATES: WeakKeyDictionary[asyncio.AbstractEventLoop, Gate] = WeakKeyDictionary()
