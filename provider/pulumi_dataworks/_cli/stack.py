"""What a command reads of a stack: its backfills and its config. It takes no lock.

The state is read rather than the outputs that the program exports: it tells all that a command
needs, of every program.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._follow.targets import Followed, Target
from .._lifecycle.waiting import follow
from .._run import Run

_BACKFILL = "pulumi-python:dynamic/dataworks:Backfill"
#: The key by which Pulumi's state marks a value as one of its own kinds, here a secret.
_SECRET = "4dabf18193072939515e22adb298388d"  # noqa: S105 - a mark, not a secret


class StackUnreadable(Exception):
    """The stack's state or config could not be read. The text says what Pulumi says."""


@dataclass(frozen=True)
class DeclaredBackfill:
    """A backfill of the stack's state: its resource's name, its ID and its outputs."""

    name: str
    id: str
    outputs: Mapping[str, Any]


@dataclass(frozen=True)
class Stack:
    """The backfills of a stack, and its config, by ``namespace:key``."""

    backfills: list[DeclaredBackfill]
    config: Mapping[str, str]

    def run(self) -> Run:
        """Gives the API as the stack's own provider would call it."""
        return Run(self.config)

    def followed(self) -> list[Followed]:
        """Prepares to ask for the backfills, each by the version of the API that launched it."""
        states = [{**one.outputs, "id": one.id} for one in self.backfills]
        return follow(self.run(), [Target.from_state(state) for state in states])


def add_place_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares how a command is told its stack."""
    parser.add_argument("--stack", metavar="NAME", help="the stack; default: the selected one")
    parser.add_argument("--cwd", metavar="FOLDER", default=".", help="where Pulumi.yaml is")


def add_stack_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares how a command is told its stack and its backfills."""
    add_place_arguments(parser)
    parser.add_argument(
        "names",
        metavar="BACKFILL",
        nargs="*",
        help="names of the backfills' resources; default: all of the stack",
    )


def read_stack(options: argparse.Namespace) -> Stack:
    """Reads the stack that the options name, with the backfills that they name.

    :raises StackUnreadable: Pulumi does not give it, or it has no such backfill.
    """
    backfills = declared_backfills(read_state(options))
    missing = sorted(set(options.names) - {one.name for one in backfills})
    if missing:
        known = ", ".join(one.name for one in backfills) or "none"
        raise StackUnreadable(
            f"the stack has no backfill named {', '.join(missing)}; it has {known}"
        )
    named = [one for one in backfills if not options.names or one.name in options.names]
    return Stack(named, read_config(options))


def read_state(options: argparse.Namespace) -> Mapping[str, Any]:
    """Exports the state of the stack that the options name, secrets as well.

    :raises StackUnreadable: Pulumi does not give it.
    """
    return _pulumi(options, "stack", "export", "--show-secrets")


def read_config(options: argparse.Namespace) -> Mapping[str, str]:
    """Reads the config of the stack that the options name, secrets as well.

    :raises StackUnreadable: Pulumi does not give it.
    """
    config = _pulumi(options, "config", "--json", "--show-secrets")
    return {key: str(entry.get("value", "")) for key, entry in config.items()}


def declared_backfills(exported: Mapping[str, Any]) -> list[DeclaredBackfill]:
    """Picks the backfills of an exported stack, in the order of their names."""
    resources: Sequence[Mapping[str, Any]] = (exported.get("deployment") or {}).get(
        "resources"
    ) or ()
    found = [
        DeclaredBackfill(_name(one), str(one["id"]), _opened(one.get("outputs") or {}))
        for one in resources
        if one.get("type") == _BACKFILL and one.get("id") and not one.get("delete")
    ]
    return sorted(found, key=lambda one: one.name)


def _opened(outputs: Mapping[str, Any]) -> dict[str, Any]:
    """Opens secret outputs. Of ``nodeParams`` only secret ones stay: logs hide them."""
    secret = {key: value["plaintext"] for key, value in outputs.items() if _is_secret(value)}
    plain = {key: value for key, value in outputs.items() if key not in (*secret, "nodeParams")}
    return {**plain, **{key: json.loads(text) for key, text in secret.items()}}


def _is_secret(value: Any) -> bool:
    return isinstance(value, Mapping) and _SECRET in value and "plaintext" in value


def _name(resource: Mapping[str, Any]) -> str:
    return str(resource["urn"]).rpartition("::")[2]


def _pulumi(options: argparse.Namespace, *command: str) -> Mapping[str, Any]:
    which = ["--stack", options.stack] if options.stack else []
    try:
        answer = subprocess.run(
            ["pulumi", *command, *which, "--cwd", options.cwd, "--non-interactive"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise StackUnreadable("there is no `pulumi` on PATH") from None
    if answer.returncode:
        raise StackUnreadable(f"pulumi {' '.join(command)}: {answer.stderr.strip()}")
    read: Mapping[str, Any] = json.loads(answer.stdout)
    return read
