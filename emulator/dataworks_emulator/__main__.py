"""``python -m dataworks_emulator``: serves until SIGINT or SIGTERM."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence

from pydantic import ValidationError

from ._app import Application
from ._server import Server, address, listen
from ._store import Store
from ._version import __version__
from ._workspace import SAMPLE, load_workspace

# As a process that was killed: nothing is flushed, nobody is told.
_KILLED = 137


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the server; returns the status of the process."""
    options = _parser().parse_args(arguments)
    try:
        workspace = load_workspace(options.workspace)
        application = Application(
            workspace, Store(options.database), time.time, lambda: os._exit(_KILLED)
        )
        if options.faults:
            application.faults.load(options.faults)
        if options.clock_scale is not None:
            application.admin.set_clock(scale=options.clock_scale)
        opened = listen(options.host, options.port)
    except (OSError, ValueError, ValidationError) as error:
        print(f"dataworks-emulator: {error}", file=sys.stderr)
        return 1
    application.admin.workspace_file = str(options.workspace)
    Server(application, lambda: print(f"listening on {address(opened)}", flush=True)).run([opened])
    application.service.store.close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dataworks-emulator", description="A local Alibaba Cloud DataWorks."
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=0, help="port; 0 takes a free one")
    parser.add_argument("--database", help="SQLite file that keeps all state; default: memory")
    parser.add_argument("--workspace", default=str(SAMPLE), help="workspace file, YAML or JSON")
    parser.add_argument("--faults", help="file with fault rules, YAML or JSON")
    parser.add_argument(
        "--clock-scale", type=float, help="how fast the clock runs; 1 is real time, 0 frozen"
    )
    parser.add_argument("--version", action="version", version=__version__)
    return parser


if __name__ == "__main__":
    sys.exit(main())
