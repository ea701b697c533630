"""Wait until the backfills of a stack have ended.

The same wait as that of BackfillCompletion, outside of the engine: it takes no lock of the stack.
Exit codes: 0 all ended well; 1 one failed or expired, or can't be asked for; 2 wrong usage;
3 not ended within the time that was given; 130 interrupted. The backfills go on in any case.
"""

from __future__ import annotations

import argparse
import sys
import time
from datetime import datetime, timezone
from typing import Any

from .._declaration.completions import normalize_wait
from .._exceptions import WaitTimedOut
from .._follow.culprits import failed_instances, failure_text
from .._follow.progress import duration, progress_of
from .._follow.targets import SUCCESS, Followed
from .._follow.watch import Patience, Watch
from .._lifecycle.waiting import patience, read_log
from .screen import show_json
from .stack import Stack, add_stack_arguments, read_stack

_FAILED, _TIMED_OUT = 1, 3
_SILENCE = 30.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's own options."""
    add_stack_arguments(parser)
    parser.add_argument("--timeout", metavar="6h", help="how long to wait; default: 24h")
    parser.add_argument("--poll-interval", metavar="30s", help="default: adapted")
    parser.add_argument("--warn-after", metavar="30m", help="of an instance that waits so long")
    parser.add_argument(
        "--rerun-failed", metavar="N", type=int, help="restart a failed instance so often"
    )
    parser.add_argument("--json", action="store_true", help="the result as JSON on stdout")


def run(options: argparse.Namespace) -> int:
    """Waits, and gives the exit code."""
    how = _patience(options)
    if how is None:
        return 2
    stack = read_stack(options)
    if not stack.backfills:
        print("The stack has no backfills.")
        return 0
    followed = stack.followed()
    timed_out: WaitTimedOut | None = None
    with _show() as show:
        try:
            _watch(stack, followed, how, show).run()
        except WaitTimedOut as error:
            timed_out = error
    failed = failure_text(followed, read_log)
    if options.json:
        show_json(_result(followed))
    for text in (failed, str(timed_out or "")):
        if text:
            print(text, file=sys.stderr)
    if failed:
        return _FAILED
    if timed_out:
        return _TIMED_OUT
    if not options.json:
        print(f"{len(followed)} of {len(followed)} backfills ended well.")
    return 0


def _patience(options: argparse.Namespace) -> Patience | None:
    declared = normalize_wait(
        {
            "timeout": options.timeout,
            "pollInterval": options.poll_interval,
            "warnAfter": options.warn_after,
            "rerunFailed": options.rerun_failed,
        }
    )
    for problem in declared.problems:
        print(f"error: {problem.property} {problem.reason}", file=sys.stderr)
    return None if declared.problems else patience(declared.inputs)


def _watch(stack: Stack, followed: list[Followed], how: Patience, show: Any) -> Watch:
    max_qps = stack.run().settings().max_qps
    return Watch(
        followed=followed,
        patience=how,
        show=show,
        clock=time.monotonic,
        now=lambda: datetime.now(timezone.utc),
        max_qps=lambda: max_qps,
        pause=time.sleep,
    )


def _result(followed: list[Followed]) -> dict[str, Any]:
    progress = progress_of(followed)
    return {
        "status": {one.name: one.end for one in followed},
        "succeeded": all(one.end == SUCCESS for one in followed),
        "datesByStatus": dict(progress.dates),
        "instancesByStatus": dict(progress.counted),
        "failedInstances": failed_instances(followed),
    }


def _show() -> Any:
    return _OnTerminal() if sys.stderr.isatty() else _InLog()


class _InLog:
    """Shows a wait in a log: a line now and then, on standard error."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._silent_until = self._began

    def __enter__(self) -> _InLog:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def progress(self, text: str) -> None:
        """Prints a line, if the last one is long enough ago."""
        now = time.monotonic()
        if now >= self._silent_until:
            self._silent_until = now + max(_SILENCE, (now - self._began) / 10)
            self.line(text)

    def line(self, text: str) -> None:
        """Prints a line."""
        print(f"[{duration(time.monotonic() - self._began)}] {text}", file=sys.stderr, flush=True)

    def warn(self, text: str) -> None:
        """Prints a warning."""
        self.line(f"warning: {text}")


class _OnTerminal:
    """Shows a wait on a terminal: one line that is written anew, warnings above it."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(stderr=True)
        self._status = self._console.status("asking")

    def __enter__(self) -> _OnTerminal:
        self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._status.stop()

    def progress(self, text: str) -> None:
        """Shows how far it is."""
        from rich.markup import escape

        self._status.update(escape(text))

    def line(self, text: str) -> None:
        """Shows a line as progress: a terminal needs none that stay."""
        self.progress(text)

    def warn(self, text: str) -> None:
        """Prints a warning above."""
        from rich.text import Text

        self._console.print(Text(f"warning: {text}", style="yellow"))
