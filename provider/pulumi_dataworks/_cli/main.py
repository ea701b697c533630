"""The command line as a whole: its commands, and how each ends.

Exit codes: 0 success; 1 failed; 2 wrong usage; 3 not ended within the time that was given;
130 interrupted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from typing import Protocol

from .._exceptions import DataWorksError
from .._version import __version__
from . import comment, doctor, logs, nodes, report, status, wait
from .preview import PreviewUnreadable
from .stack import StackUnreadable

SUCCESS, FAILED, USAGE, TIMED_OUT, INTERRUPTED = 0, 1, 2, 3, 130


class Command(Protocol):
    """What a module of a command has."""

    __doc__: str | None

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declares the command's own options."""

    def run(self, options: argparse.Namespace) -> int:
        """Does what the command is for, and gives its exit code."""


COMMANDS: Mapping[str, Command] = {
    "comment": comment,
    "doctor": doctor,
    "logs": logs,
    "nodes": nodes,
    "report": report,
    "status": status,
    "wait": wait,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and gives its exit code; errors that are expected are one line."""
    options = _parser().parse_args(arguments)
    try:
        return COMMANDS[options.command].run(options)
    except (DataWorksError, PreviewUnreadable, StackUnreadable) as error:
        print(f"error: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pulumi-dataworks",
        description="Backfills of DataWorks that a Pulumi stack declares.",
        epilog=_paragraphs(__doc__)[-1],
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        summary, *more = _paragraphs(command.__doc__)
        described = commands.add_parser(
            name,
            help=summary,
            description="\n\n".join([summary, *more]),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_arguments(described)
    return parser


def _paragraphs(docstring: str | None) -> list[str]:
    return (docstring or "").strip().split("\n\n")
