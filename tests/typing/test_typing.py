"""What users' type checkers say of programs that use the package.

`programs/` holds them. A line that has to be refused is marked ``# error``; all others are fine,
as are all of the examples.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PROGRAMS = Path(__file__).parent / "programs"
REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLES = [*(REPOSITORY / "examples").glob("*/*.py")]
Places = set[tuple[str, int]]


def mypy(folder: Path) -> dict[tuple[str, int], str]:
    """What mypy refuses in strict mode, by file and line."""
    command = [
        "-m",
        "mypy",
        "--strict",
        "--config-file=",
        "--cache-dir",
        str(folder),
        "--no-pretty",
    ]
    said = run(folder, *command, *map(str, PROGRAMS.glob("*.py")))
    found = re.findall(r"^.*?(\w+\.py):(\d+): error: (.*)$", said, re.MULTILINE)
    return {(name, int(line)): text for name, line, text in found}


def pyright(folder: Path) -> dict[tuple[str, int], str]:
    """What pyright refuses in strict mode, by file and line."""
    settings = {
        "include": [str(file) for file in [PROGRAMS, *EXAMPLES]],
        "executionEnvironments": [{"root": str(one)} for one in {f.parent for f in EXAMPLES}],
        "reportImplicitRelativeImport": False,
        "typeCheckingMode": "strict",
        "pythonVersion": f"{sys.version_info[0]}.{sys.version_info[1]}",
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    said = json.loads(
        run(folder, "-m", "basedpyright", "--outputjson", "--pythonpath", sys.executable)
    )
    files = [*PROGRAMS.glob("*.py"), *EXAMPLES]
    assert said["summary"]["filesAnalyzed"] == len(files)
    return {
        (Path(one["file"]).name, one["range"]["start"]["line"] + 1): one["message"]
        for one in said["generalDiagnostics"]
        if one["severity"] == "error"
    }


def run(folder: Path, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, *command], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout


def marked() -> Places:
    return {
        (file.name, number)
        for file in PROGRAMS.glob("*.py")
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if line.endswith("# error")
    }


@pytest.mark.parametrize("checker", [mypy, pyright])
def test_right_programs_pass_and_wrong_lines_are_refused(
    checker: Callable[[Path], dict[tuple[str, int], str]], tmp_path: Path
) -> None:
    refused = checker(tmp_path)
    assert {place: text for place, text in refused.items() if place not in marked()} == {}
    assert sorted(marked() - set(refused)) == []
