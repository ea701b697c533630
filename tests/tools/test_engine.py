"""The search for an engine: each way, in its turn, with stand-ins for what would take minutes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tools import engine
from tools._shared import ToolError


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH besides the system's shell."""
    folder = tmp_path / "path"
    folder.mkdir()
    for name in ("sh", "cat", "mkdir", "touch", "chmod"):
        found = next(Path(d) / name for d in ("/bin", "/usr/bin") if (Path(d) / name).exists())
        (folder / name).symlink_to(found)
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def no_download(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_DOWNLOAD", "raise SystemExit(1)")


def script(place: Path, text: str = "") -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(f"#!/bin/sh\n{text}\n")
    place.chmod(0o755)
    return place


def pulumi(folder: Path, version: str = f"v{engine.VERSION}") -> Path:
    return script(folder / "pulumi", f"echo {version}")


def go(place: Path, version: str = "go1.26.8", sdk: Path | None = None) -> Path:
    """A compiler whose products say who made them."""
    return script(
        place,
        f"""
        case $1 in
        version) echo go version {version} linux/amd64;;
        list) echo {sdk};;
        build) while [ "$1" != -o ]; do shift; done
            mkdir -p "${{2%/*}}"; echo "built $CGO_ENABLED" > "$2"; chmod 755 "$2";;
        esac""",
    )


@pytest.fixture
def sdk(tmp_path: Path) -> Path:
    for name in engine.SCRIPTS:
        script(tmp_path / "sdk" / name)
    return tmp_path / "sdk"


def ensure(cache: Path) -> engine.Engine:
    return engine.ensure(Path(sys.executable), cache)


def test_the_one_on_path_comes_first(path: Path, cache: Path) -> None:
    pulumi(cache / engine.VERSION / "bin")
    script(path / engine.LANGUAGE_HOST)
    first = pulumi(path)
    assert ensure(cache).pulumi == first


def test_on_path_as_a_link_into_a_bundle(path: Path, cache: Path, tmp_path: Path) -> None:
    real = pulumi(tmp_path / "bundle")
    script(tmp_path / "bundle" / engine.LANGUAGE_HOST)
    (path / "pulumi").symlink_to(real)
    assert ensure(cache).pulumi == path / "pulumi"


def test_on_path_without_a_language_host_is_of_no_use(path: Path, cache: Path) -> None:
    pulumi(path)
    cached = pulumi(cache / engine.VERSION / "bin")
    assert ensure(cache).pulumi == cached


@pytest.mark.parametrize("version", ["v3.9.0", "v3.258.1", "garbage"])
def test_on_path_but_too_old(path: Path, cache: Path, version: str) -> None:
    pulumi(path, version)
    script(path / engine.LANGUAGE_HOST)
    cached = pulumi(cache / engine.VERSION / "bin")
    assert ensure(cache).pulumi == cached


@pytest.mark.parametrize("version", ["v3.259.0", "v3.300.2-dev", "3.1000.0"])
def test_on_path_and_new_enough(path: Path, cache: Path, version: str) -> None:
    pulumi(path, version)
    script(path / engine.LANGUAGE_HOST)
    assert ensure(cache).folder == path


def test_find_makes_nothing(path: Path, cache: Path) -> None:
    go(path / "go")
    assert engine.find(cache) is None
    assert not cache.exists()


def test_the_download_comes_before_a_build(
    path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go(path / "go")
    code = (
        "import pathlib, sys\n"
        "folder = pathlib.Path(sys.argv[1], 'bin'); folder.mkdir(parents=True)\n"
        f"for name in ('pulumi', {engine.LANGUAGE_HOST!r}):\n"
        "    (folder / name).touch(0o755)"
    )
    monkeypatch.setattr(engine, "_DOWNLOAD", code)
    assert ensure(cache).pulumi == cache / engine.VERSION / "bin" / "pulumi"
    assert leftovers(cache) == []


def test_half_a_download_is_none(
    path: Path, cache: Path, sdk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "import pathlib, sys; pathlib.Path(sys.argv[1], 'bin').mkdir(parents=True)"
    monkeypatch.setattr(engine, "_DOWNLOAD", code)
    go(path / "go", sdk=sdk)
    assert "built" in ensure(cache).origin
    assert not (cache / engine.VERSION).exists()


def test_a_download_that_hangs_is_given_up(
    path: Path, cache: Path, sdk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_DOWNLOAD", "import time; time.sleep(60)")
    monkeypatch.setattr(engine, "DOWNLOAD_SECONDS", 0.2)
    go(path / "go", sdk=sdk)
    assert "built" in ensure(cache).origin


@pytest.mark.usefixtures("no_download")
def test_a_build_is_made_once(path: Path, cache: Path, sdk: Path) -> None:
    compiler = go(path / "go", sdk=sdk)
    made = ensure(cache)
    assert made.pulumi.read_text() == "built 0\n"
    names = {file.name for file in made.folder.iterdir()}
    assert names == {
        "pulumi",
        "pulumi-language-python",
        "pulumi-language-python-exec",
        "pulumi-resource-pulumi-python",
    }
    assert all(os.access(file, os.X_OK) for file in made.folder.iterdir())
    compiler.unlink()
    assert ensure(cache).pulumi == made.pulumi
    assert leftovers(cache) == []


@pytest.mark.usefixtures("no_download")
def test_a_failed_build_says_why_and_leaves_nothing(path: Path, cache: Path) -> None:
    script(path / "go", "[ $1 = version ] && echo go1.26.0 && exit; echo disk full >&2; exit 1")
    with pytest.raises(ToolError, match=r"(?s)Building pulumi failed.*Install Pulumi.*disk full"):
        ensure(cache)
    assert leftovers(cache) == []
    assert engine.find(cache) is None


@pytest.mark.usefixtures("no_download")
@pytest.mark.parametrize("version", [None, "go1.25.10", "go1.9", "unreadable"])
def test_without_a_new_enough_go_the_wheel_brings_one(
    path: Path, cache: Path, sdk: Path, version: str | None
) -> None:
    if version:
        go(path / "go", version, sdk)
    brought = cache / engine.GO_WHEEL.replace("==", "-") / "go" / "bin" / "go"
    go(brought, sdk=sdk)
    assert "built" in ensure(cache).origin


@pytest.mark.usefixtures("no_download")
def test_says_what_to_install_when_nothing_works(path: Path, cache: Path) -> None:
    no_pip = script(path / "python", "echo no index >&2; exit 1")
    with pytest.raises(ToolError, match=r"(?s)Install Pulumi .*or Go 1\.25\.11 or newer.*no index"):
        engine.ensure(no_pip, cache)


def test_the_cache_is_where_the_user_wants_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/elsewhere")
    assert engine.cache_folder() == Path("/elsewhere/pulumi-dataworks/engine")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert engine.cache_folder() == Path.home() / ".cache/pulumi-dataworks/engine"


def test_other_sources_are_another_engine(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = engine._built(cache)
    monkeypatch.setattr(engine, "SOURCE", tmp_path)
    assert engine._built(cache) != before


def leftovers(cache: Path) -> list[Path]:
    return [p for p in cache.iterdir() if p.name.startswith(("build-", "download-", "go-"))]
