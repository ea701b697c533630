"""As the documentation tells it: an environment with the two wheels alone, and a first launch.

`pytest tests/engine/test_first_launch.py --update-transcripts` writes the page's transcript anew.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.engine._harness import REPOSITORY, Engine
from tests.engine._transcripts import Transcript
from tests.packaging._distributions import build, install

PAGE = REPOSITORY / "docs" / "first-launch.md"


def block(page: Path, opening: str) -> str:
    """The first block of a page that opens so."""
    text = page.read_text(encoding="utf-8")
    found = re.search(rf"^```{re.escape(opening)}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    assert found, f"no block {opening!r} in {page}"
    return found[1]


@contextmanager
def serving(command: Path) -> Iterator[str]:
    """Runs the local DataWorks by its own command; gives its URL."""
    options = ("--port", "0", "--clock-scale", "0")
    with subprocess.Popen([command, *options], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().removeprefix("listening on ").strip()
        finally:
            process.terminate()


def test_the_first_launch_reads_as_its_page_says(
    engine: Engine, tmp_path: Path, update_transcripts: bool
) -> None:
    wheels = [
        build(REPOSITORY / "provider", "pulumi_dataworks", tmp_path / "dist").wheel,
        build(REPOSITORY / "emulator", "dataworks_emulator", tmp_path / "dist").wheel,
    ]
    shop = tmp_path / "shop"
    shop.mkdir()
    settings = block(PAGE, 'yaml title="Pulumi.yaml"')
    (shop / "Pulumi.yaml").write_text(settings)
    (shop / "__main__.py").write_text(block(REPOSITORY / "docs" / "index.md", "python"))
    engine.take(shop)
    (engine.folder / "Pulumi.yaml").write_text(settings)  # with its own interpreter, not ours
    python = install(wheels, engine.folder / ".venv")
    where = "import pulumi_dataworks; print(pulumi_dataworks.__file__)"
    imported = subprocess.check_output([python, "-I", "-c", where], text=True)
    assert imported.startswith(str(engine.folder / ".venv"))

    transcript = Transcript(engine)
    with serving(python.with_name("dataworks-emulator")) as url:
        engine.environment["DATAWORKS_ENDPOINT"] = url
        transcript.run("up")
        transcript.run("up")
    written = transcript.text().rstrip() + "\n"
    if update_transcripts:
        page, before = PAGE.read_text(encoding="utf-8"), block(PAGE, "console")
        PAGE.write_text(page.replace(f"```console\n{before}", f"```console\n{written}"))
    assert written == block(PAGE, "console")
