"""Both distributions, as they would be published: built, looked into, installed, used."""

from __future__ import annotations

import re
import site
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from email import message_from_string
from email.message import Message
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHONS = [f"3.{minor}" for minor in range(10, 15)]


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


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Distribution:
    into = tmp_path_factory.mktemp("provider")
    return build(ROOT / "provider", "pulumi_dataworks", into)


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Distribution:
    into = tmp_path_factory.mktemp("emulator")
    return build(ROOT / "emulator", "dataworks_emulator", into)


@pytest.fixture(scope="module", params=["provider", "emulator"])
def distribution(request: pytest.FixtureRequest) -> Distribution:
    made: Distribution = request.getfixturevalue(request.param)
    return made


def test_wheel_and_sdist_hold_every_file_of_the_package(distribution: Distribution) -> None:
    assert f"{distribution.package}/py.typed" in distribution.sources
    assert distribution.sources <= distribution.in_wheel
    assert distribution.sources <= distribution.in_sdist
    assert {"README.md", "LICENSE", "pyproject.toml"} <= distribution.in_sdist


def test_wheel_holds_nothing_else(distribution: Distribution) -> None:
    others = distribution.in_wheel - distribution.sources
    assert {name.split("/")[0] for name in others} == {
        f"{distribution.package}-{distribution.version}.dist-info"
    }


def test_metadata(distribution: Distribution) -> None:
    said = distribution.metadata
    assert said["Version"] == distribution.version
    assert said["Requires-Python"] == f">={PYTHONS[0]}"
    assert said["License-Expression"] == "Apache-2.0"
    assert said["License-File"] == "LICENSE"
    assert said["Description-Content-Type"] == "text/markdown"
    assert str(said.get_payload()).startswith("# " + said["Name"])
    classifiers = said.get_all("Classifier") or []
    versions = [c.rpartition(" ")[2] for c in classifiers if re.search(r":: 3\.\d+$", c)]
    assert versions == PYTHONS
    assert "Typing :: Typed" in classifiers
    needs = [n for n in said.get_all("Requires-Dist") or [] if "extra ==" not in n]
    assert needs
    assert all(">=" in need for need in needs)
    assert said.get_all("Project-URL")


def test_the_license_is_that_of_the_repository(distribution: Distribution) -> None:
    license_text = (ROOT / "LICENSE").read_text()
    assert (distribution.folder / "LICENSE").read_text() == license_text


def test_the_changelog_tells_of_this_version(
    provider: Distribution, emulator: Distribution
) -> None:
    headings = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert provider.version == emulator.version
    assert headings[1:2] in ([provider.version], [])


def test_the_wheels_work_where_the_repository_is_not(
    provider: Distribution, emulator: Distribution, tmp_path: Path
) -> None:
    fresh = tmp_path / "fresh"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", fresh], check=True)
    python = fresh / "bin" / "python"
    install = ["install", "--no-deps", "--no-index", "--quiet", "--disable-pip-version-check"]
    wheels = [str(provider.wheel), str(emulator.wheel)]
    pip = [sys.executable, "-m", "pip", "--python", str(python)]
    subprocess.run([*pip, *install, *wheels], check=True)
    _lend_dependencies(python)

    program = (
        "import pulumi_dataworks, dataworks_emulator\n"
        "with dataworks_emulator.Emulator() as emulator: nodes = emulator.workspace.nodes\n"
        "print(pulumi_dataworks.__file__, dataworks_emulator.__file__, len(nodes))"
    )
    first, second, nodes = run(tmp_path, python, "-I", "-c", program).split()
    assert all(str(fresh) in place for place in (first, second))
    assert int(nodes) > 10
    for command, made in (("pulumi-dataworks", provider), ("dataworks-emulator", emulator)):
        assert made.version in run(tmp_path, fresh / "bin" / command, "--version")


def _lend_dependencies(python: Path) -> None:
    """Lets an environment import what the suite's has installed, but nothing of the clone.

    A path in a .pth file is added as it is: the editable installs' own .pth files stay unread.
    """
    (folder,) = python.parent.parent.glob("lib/python3*/site-packages")
    (folder / "lent.pth").write_text("\n".join(site.getsitepackages()))


def run(folder: Path, *command: str | Path) -> str:
    answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout
