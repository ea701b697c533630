"""``python -m bench [NAME ...]``: runs the measurements of these modules, or all of them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from bench.results import FOLDER

_NONE = ("__init__", "__main__", "results")


def main(names: Sequence[str]) -> int:
    """Runs each in a process of its own, so that none pays for what another has loaded."""
    every = sorted(path.stem for path in FOLDER.glob("[!_]*.py") if path.stem not in _NONE)
    unknown = set(names) - set(every)
    if unknown:
        print(f"no such measurement: {', '.join(unknown)}; there are {', '.join(every)}")
        return 2
    codes = [
        subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode
        for name in names or every
    ]
    return max(codes, default=0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
