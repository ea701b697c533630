"""OpenTofu, built once for the machine from its Go module, with the replacement of its go.mod."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import which

from tools.engine import cache_folder

VERSION = "v1.10.0"
_MODULE = "github.com/opentofu/opentofu"


@dataclass(frozen=True)
class OpenTofu:
    """The command."""

    path: Path

    def apply(
        self, folder: Path, variables: Mapping[str, object], environment: Mapping[str, str]
    ) -> float:
        """Initialises and applies a configuration; gives the seconds of the apply."""
        flags = [f"-var={name}={value}" for name, value in variables.items()]
        self._run(folder, environment, "init")
        started = time.perf_counter()
        self._run(folder, environment, "apply", "-auto-approve", *flags)
        return time.perf_counter() - started

    def _run(self, folder: Path, environment: Mapping[str, str], *arguments: str) -> None:
        done = subprocess.run(
            [self.path, *arguments, "-no-color"],
            cwd=folder,
            env={**environment, "CHECKPOINT_DISABLE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"tofu {arguments[0]} failed:\n{done.stdout[-3000:]}{done.stderr}")


def ensure_opentofu() -> OpenTofu | None:
    """Finds ``tofu``, or builds it; None where there is no Go to build it with."""
    place = cache_folder().parent / f"opentofu-{VERSION}" / "tofu"
    found = which("tofu")
    if found:
        return OpenTofu(Path(found))
    if not place.exists():
        go = which("go")
        if go is None:
            return None
        _build(Path(go), place)
    return OpenTofu(place)


def _build(go: Path, place: Path) -> None:
    print(f"building OpenTofu {VERSION} (about 5 minutes, once for this machine)")
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "GOFLAGS": "-mod=mod", "CGO_ENABLED": "0"}

        def run(*arguments: str) -> str:
            return subprocess.run(
                [go, *arguments],
                cwd=folder,
                env=environment,
                check=True,
                capture_output=True,
                text=True,
            ).stdout

        run("mod", "init", "bench.local/opentofu")
        module = json.loads(run("mod", "download", "-json", f"{_MODULE}@{VERSION}"))
        own = json.loads(run("mod", "edit", "-json", module["GoMod"]))
        for replaced in own.get("Replace") or ():
            new = replaced["New"]
            target = f"{new['Path']}@{new['Version']}"
            run("mod", "edit", f"-replace={replaced['Old']['Path']}={target}")
        run("get", f"{_MODULE}/cmd/tofu@{VERSION}")
        place.parent.mkdir(parents=True, exist_ok=True)
        run("build", "-trimpath", "-ldflags=-s -w", "-o", str(place), f"{_MODULE}/cmd/tofu")
