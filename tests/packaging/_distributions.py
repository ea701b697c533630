"""The distributions, built, and an environment that has nothing of ours but their wheels."""

from __future__ import annotations

import site
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_string
from email.message import Message
from pathlib import Path


@dataclass(frozen=True)
class Distribution:
    """A wheel and an sdist of one of our folders."""

    folder: Path
    package: str
    wheel: Path
    sdist: Path

    @property
    def in_wheel(self) -> set[str]:
        return set(zipfile.ZipFile(self.wheel).namelist())

    @property
    def in_sdist(self) -> set[str]:
        with tarfile.open(self.sdist) as archive:
            return {name.partition("/")[2] for name in archive.getnames()}

    @property
    def metadata(self) -> Message:
        (name,) = (name for name in self.in_wheel if name.endswith(".dist-info/METADATA"))
        return message_from_string(zipfile.ZipFile(self.wheel).read(name).decode())

    @property
    def version(self) -> str:
        text = (self.folder / self.package / "_version.py").read_text()
        return text.partition('__version__ = "')[2].partition('"')[0]

    @property
    def sources(self) -> set[str]:
        """All files of the package that are kept in the repository."""
        listed = subprocess.run(
            ["git", "ls-files", self.package],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        ).stdout.split()
        package = self.folder / self.package
        found = [p for p in package.rglob("*") if p.is_file() and p.suffix != ".pyc"]
        return set(listed) or {str(p.relative_to(self.folder)) for p in found}


def build(folder: Path, package: str, into: Path) -> Distribution:
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(into), str(folder)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    (wheel,) = into.glob(f"{package}-*.whl")
    (sdist,) = into.glob(f"{package}-*.tar.gz")
    return Distribution(folder, package, wheel, sdist)


def install(wheels: Sequence[Path], environment: Path) -> Path:
    """Makes an environment, installs wheels into it, and gives its interpreter.

    What they depend on is lent by the suite's environment, so that no network is needed.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / "bin" / "python"
    options = ["--no-deps", "--no-index", "--quiet", "--disable-pip-version-check"]
    pip = [sys.executable, "-m", "pip", "--python", str(python)]
    subprocess.run([*pip, "install", *options, *map(str, wheels)], check=True)
    _lend_dependencies(python)
    return python


def _lend_dependencies(python: Path) -> None:
    """Lets an environment import what the suite's has installed, but nothing of the clone.

    A path in a .pth file is added as it is: the editable installs' own .pth files stay unread.
    """
    (folder,) = python.parent.parent.glob("lib/python3*/site-packages")
    (folder / "lent.pth").write_text("\n".join(site.getsitepackages()))
