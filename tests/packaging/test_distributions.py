"""Both distributions, as they would be published: built, looked into, installed, used."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.packaging._distributions import Distribution, build, install

ROOT = Path(__file__).resolve().parents[2]
PYTHONS = [f"3.{minor}" for minor in range(10, 15)]


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
    python = install([provider.wheel, emulator.wheel], fresh)

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


def run(folder: Path, *command: str | Path) -> str:
    answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout
