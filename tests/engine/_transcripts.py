"""What a person sees: recorded from Pulumi's own engine, without what differs from run to run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.engine._harness import Engine

FOLDER = Path(__file__).with_name("transcripts")

_REPLACED = (
    (r"http://127\.0\.0\.1:\d+", "http://127.0.0.1:PORT"),
    (r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", "REQUEST-ID"),
    (r'digest( *): "[0-9a-f]{16}"', r'digest\1: "DIGEST"'),
    (r"(?<![0-9a-f])[0-9a-f]{12}(?![0-9a-f])", "TOKEN"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(\+00:00|Z)", "TIME"),
    (r"made \d{4}-\d\d-\d\d \d\d:\d\d", "made TIME"),
    (r"after today, \d{4}-\d\d-\d\d", "after today, TODAY"),
    (r" \(\d+(\.\d+)?m?s\)", ""),
    (r"Duration: .*", "Duration: ..."),
)
#: Lines that come while the engine works, in the order of its threads.
_PROGRESS = re.compile(r"@ \w+ing .*| [ +~-]{2} +pulumi(-python)?:.*")
_DIAGNOSTICS = re.compile(r"(?<=^Diagnostics:\n)(  pulumi.*?)(?=\n\n\S)", re.DOTALL | re.MULTILINE)


class Transcript:
    """Runs commands in a project, and writes down what they say."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        engine.environment.pop("DATAWORKS_PREFLIGHT")
        engine.emulator.admin.set_clock(scale=0)
        self.lines: list[str] = []

    def declare(
        self, backfills: Mapping[str, Mapping[str, Any]], config: Mapping[str, Any] | None = None
    ) -> None:
        """Takes the repository's program with other backfills, and settings of the stack."""
        limits = {"dataworks:projectId": "10001", "dataworks:maxQps": "1000"}
        self.engine.configure({"backfills": backfills, **limits, **(config or {})})

    def say(self, text: str) -> None:
        """Writes down why the next command is given."""
        self.lines.append(f"# {text}\n")

    def run(self, *command: str, fails: bool = False) -> str:
        """Runs a command that has to succeed, or to fail, and writes down what a person sees."""
        unseen = ("--yes",) if command[0] in ("up", "destroy") else ()
        result = self.engine.run(*command, *unseen, "--suppress-progress")
        seen = self._same_for_all(result.failed().text if fails else result.succeeded().text)
        self.lines.append(f"$ pulumi {' '.join(command)}\n{seen}\n")
        return seen

    def text(self) -> str:
        """Gives what was written down."""
        return "\n".join(self.lines)

    def _same_for_all(self, text: str) -> str:
        text = text.replace(str(self.engine.folder), "PROJECT")
        for pattern, word in _REPLACED:
            text = re.sub(pattern, word, text)
        kept = [line.rstrip() for line in text.splitlines() if not _PROGRESS.fullmatch(line)]
        seen = _DIAGNOSTICS.sub(_sorted, "\n".join(kept))
        return re.sub(r"\n{3,}", "\n\n", seen.strip()) + "\n"


def _sorted(diagnostics: re.Match[str]) -> str:
    """Puts what resources say into the order of their names: they are checked side by side."""
    return "\n\n".join(sorted(re.split(r"\n\n(?=  pulumi)", diagnostics[1])))
