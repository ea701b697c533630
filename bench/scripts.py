"""What a launch costs beside a script on the official SDK, which is what people do today.

``python -m bench.scripts``: one script a backfill, run by OpenTofu.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from bench._comparison import RUNS, ratio, up_anew
from bench._opentofu import OpenTofu, ensure_opentofu
from bench._setting import PEERS, Server, emulator, environment, median
from bench.results import Row, save

COMMAND = "python -m bench.scripts"
MANY = 100


def main() -> None:
    """Measures, and saves the figures."""
    with emulator() as server:
        save(_against_scripts(server), COMMAND)


def _against_scripts(server: Server) -> list[Row]:
    command = "pulumi-command's plugin is published in no registry that could be reached"
    rows = [Row(f"up of {MANY}: pulumi-command", "not measured", "", reason=command)]
    tofu = ensure_opentofu()
    if tofu is None:
        return [*rows, Row(f"apply of {MANY}: OpenTofu", "not measured", "", reason="no Go here")]
    ours = median([up_anew(server, "ours", MANY) for _ in range(RUNS)])
    scripts = median([_apply(server, tofu, MANY) for _ in range(RUNS)])
    text = "OpenTofu's terraform_data running a script on the official SDK"
    return [*rows, ratio(f"up of {MANY}, against scripts", ours, scripts, 0.25, text)]


def _apply(server: Server, tofu: OpenTofu, count: int) -> float:
    server.reset()
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(PEERS / "main.tf", folder)
        variables = {"amount": count, "python": sys.executable, "script": PEERS / "sdk_script.py"}
        seconds = tofu.apply(Path(folder), variables, environment(server))
    assert server.launches() == count, f"the scripts launched {server.launches()}"
    return seconds


if __name__ == "__main__":
    main()
