"""The targets of the Makefile: ``python -m tools TARGET [ARGUMENTS]``."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tools import engine, environment
from tools._shared import LOCAL, ROOT, ToolError, exclusive, say
from tools.emulator import Emulator

STACK = "local"
# Variables that would turn a run against the emulator into something else.
FOREIGN = ("PULUMI_", "DATAWORKS_", "ALIBABA_CLOUD_", "ALIBABACLOUD_", "ALICLOUD_")


def main(arguments: Sequence[str]) -> int:
    """Runs one target, and turns what the user has to do into one message."""
    target, *rest = arguments or ["help"]
    try:
        return _TARGETS[target](rest)
    except ToolError as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def up(arguments: Sequence[str]) -> int:
    """Previews and updates the stack."""
    return _pulumi("up", "--yes", *arguments)


def preview(arguments: Sequence[str]) -> int:
    """Shows what an update would do."""
    return _pulumi("preview", *arguments)


def refresh(arguments: Sequence[str]) -> int:
    """Asks the emulator how the backfills are."""
    return _pulumi("refresh", "--yes", *arguments)


def destroy(arguments: Sequence[str]) -> int:
    """Deletes everything in the stack."""
    return _pulumi("destroy", "--yes", *arguments)


def outputs(arguments: Sequence[str]) -> int:
    """Prints the stack's outputs as JSON, and nothing else on stdout."""
    return _pulumi("stack", "output", "--json", *arguments)


def pulumi(arguments: Sequence[str]) -> int:
    """Runs any other command of the CLI on the stack."""
    return _pulumi(*arguments)


def test(arguments: Sequence[str]) -> int:
    """Runs the whole test suite; without an engine, all but the tests that need one."""
    with _set_up_alone():
        python = environment.ensure(tests=True)
    try:
        say("engine", _described(engine.ensure(python)))
    except ToolError as problem:
        say("engine", f"none, so the engine tests will be skipped. {problem}")
    return _run(
        [python, "-m", "pytest", "-n", "auto", "--dist", "worksteal", *arguments], os.environ
    )


def test_lowest(arguments: Sequence[str]) -> int:
    """Runs the packages' tests and the examples on the oldest versions of what we depend on."""
    with _set_up_alone():
        python = environment.ensure_lowest(environment.ensure(tests=True))
    wanted = ["tests/provider", "tests/emulator", "tests/engine/test_examples.py"]
    return _run(
        [python, "-m", "pytest", "-n", "auto", "--dist", "worksteal", *wanted, *arguments],
        os.environ,
    )


def docs(arguments: Sequence[str]) -> int:
    """Builds the documentation's site into .local/site; a warning is an error."""
    with _set_up_alone():
        python = environment.ensure(tests=True)
    say("docs", ".local/site/index.html")
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    return _run([python, "-m", "mkdocs", "build", "--strict", "--quiet", *arguments], quiet)


def bench(arguments: Sequence[str]) -> int:
    """Repeats the measurements, and writes them to bench/results.json and bench/README.md."""
    with _set_up_alone():
        python = environment.ensure(tests=True)
    say("engine", _described(engine.ensure(python)))
    return _run([python, "-m", "bench", *arguments], os.environ)


def check(arguments: Sequence[str]) -> int:
    """Runs the linter, the formatter's check and the type checker; all of them, always."""
    with _set_up_alone():
        python = environment.ensure(tests=True)
    commands = (
        ["ruff", "check", *arguments],
        ["ruff", "format", "--check"],
        ["mypy"],
    )
    codes = []
    for command in commands:
        say("check", " ".join(command))
        codes.append(_run([python, "-m", *command], os.environ))
    return max(codes)


def down(_: Sequence[str]) -> int:
    """Stops the emulator; its database and the stack's state stay."""
    stopped = _emulator(environment.PYTHON).stop()
    say("emulator", "stopped" if stopped else "was not running")
    return 0


def clean(_: Sequence[str]) -> int:
    """Stops the emulator, and removes all that the other targets have made in this clone."""
    down(())
    for folder in (environment.VENV, LOCAL):
        if folder.exists():
            say("clean", f"removing {folder.name}")
            shutil.rmtree(folder)
    return 0


def set_up(_: Sequence[str]) -> int:
    """Prepares all that the other targets need, and runs nothing."""
    _set_up()
    return 0


_TARGETS: Mapping[str, Callable[[Sequence[str]], int]] = {
    "up": up,
    "preview": preview,
    "refresh": refresh,
    "destroy": destroy,
    "outputs": outputs,
    "pulumi": pulumi,
    "test": test,
    "test-lowest": test_lowest,
    "docs": docs,
    "bench": bench,
    "check": check,
    "down": down,
    "clean": clean,
    "setup": set_up,
}


def _set_up() -> tuple[Path, dict[str, str]]:
    """Gives the engine's command, and the environment in which it works on the local stack."""
    with _set_up_alone():
        python = environment.ensure()
        found = engine.ensure(python)
        say("engine", _described(found))
        endpoint = _emulator(python).start()
        variables = _variables(found, endpoint)
        _create_stack(found.pulumi, variables)
    return found.pulumi, variables


def _set_up_alone() -> contextlib.AbstractContextManager[None]:
    return exclusive(LOCAL / "lock", "setup", "another one runs in this clone; waiting for that")


def _pulumi(*arguments: str) -> int:
    command, variables = _set_up()
    return _run([command, *arguments, "--stack", STACK], variables)


def _described(found: engine.Engine) -> str:
    return f"Pulumi {engine.VERSION}, {found.origin}"


def _emulator(python: Path) -> Emulator:
    return Emulator(LOCAL, python, ROOT / "emulator" / "dataworks_emulator")


def _variables(found: engine.Engine, endpoint: str) -> dict[str, str]:
    """The stack ``local`` works the same for everyone: no settings of the user's own get in."""
    state = LOCAL / "state"
    state.mkdir(parents=True, exist_ok=True)
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(FOREIGN)}
    return {
        **inherited,
        "PATH": os.pathsep.join([str(found.folder), inherited.get("PATH", os.defpath)]),
        "PULUMI_BACKEND_URL": f"file://{state}",
        "PULUMI_CONFIG_PASSPHRASE": STACK,
        "PULUMI_HOME": str(LOCAL / "pulumi"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "DATAWORKS_ENDPOINT": endpoint,
        "ALIBABA_CLOUD_REGION_ID": "cn-shanghai",
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "testid",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "testsecret",
    }


def _create_stack(command: Path, variables: Mapping[str, str]) -> None:
    if any((LOCAL / "state" / ".pulumi" / "stacks").glob(f"*/{STACK}.json")):
        return
    say("stack", f"creating {STACK} (state in .local/state)")
    made = subprocess.run(
        [command, "stack", "init", STACK, "--non-interactive"],
        cwd=ROOT,
        env=dict(variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        raise ToolError(f"The stack could not be created:\n{made.stderr.strip()}")


def _run(command: Sequence[str | Path], variables: Mapping[str, str]) -> int:
    """Runs a command as if the user had typed it."""
    process = subprocess.Popen([str(word) for word in command], cwd=ROOT, env=dict(variables))
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue  # the command got it as well, and ends in its own way


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
