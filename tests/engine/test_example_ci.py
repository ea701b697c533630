"""The example for CI: what it plans is what it applies, and the comment is there once."""

from __future__ import annotations

import json
import runpy
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from pulumi_dataworks._cli.comment import comment_of
from pulumi_dataworks._cli.preview import read_preview
from pulumi_dataworks._follow.progress import duration

from tests.engine._harness import STACK, Engine
from tests.engine.test_examples import EXAMPLES, take

CI = EXAMPLES / "ci"


def script(engine: Engine, name: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", f"./{name}"],
        cwd=engine.folder,
        env={**engine.environment, "STACK": STACK},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def project(engine: Engine) -> Engine:
    take(engine, "ci")
    return engine


def change(project: Engine, old: str, new: str) -> None:
    config = project.folder / f"Pulumi.{STACK}.yaml"
    assert old in config.read_text()
    config.write_text(config.read_text().replace(old, new))


def test_what_was_planned_is_applied_and_nothing_else(project: Engine) -> None:
    planned = script(project, "plan.sh")
    assert planned.returncode == 0, planned.stderr
    comment = (project.folder / "comment.md").read_text()
    assert "1 to launch" in comment
    assert "31 dates x 2 nodes" in comment
    assert project.launches() == []

    change(project, "2026-05-31", "2026-06-30")
    refused = script(project, "apply.sh")
    assert refused.returncode != 0
    assert "endBizDate" in refused.stdout + refused.stderr
    assert project.launches() == []

    change(project, "2026-06-30", "2026-05-31")
    applied = script(project, "apply.sh")
    assert applied.returncode == 0, applied.stdout + applied.stderr
    assert len(project.launches()) == 1


def test_a_bad_declaration_fails_and_the_comment_says_why(project: Engine) -> None:
    change(project, "2026-05-31", "2026-05-32")
    assert script(project, "plan.sh").returncode != 0
    comment = (project.folder / "comment.md").read_text()
    assert "orders-may.endBizDate is no day of the calendar" in comment


def test_the_comment_says_what_is_waited_for_and_how_long_it_took_before(engine: Engine) -> None:
    take(engine, "wait-and-act")
    engine.emulator.admin.set_clock(scale=1000)
    engine.up("--skip-preview").succeeded()
    took = engine.resources()["orders-done"]["outputs"]["durationSeconds"]
    program = engine.folder / "__main__.py"
    program.write_text(program.read_text().replace("2026-05-02", "2026-05-04"))
    text = comment_of(read_preview(json.dumps(engine.preview_json().raw)))
    assert f"about {duration(2 * took)}, as 2 dates (2026-05-01 to 2026-05-02) of orders" in text
    assert "- `orders-done`: for the end of `orders`; at most 6h; a failure fails" in text


class _Host(BaseHTTPRequestHandler):
    """As much of the API of GitHub and GitLab as the script uses: two pages of comments."""

    comments: list[dict[str, Any]]
    calls: list[str]

    def do_GET(self) -> None:
        page = int(self.path.rpartition("=")[2])
        self._answer(self.comments[(page - 1) * 2 : page * 2])

    def do_POST(self) -> None:
        self._answer({})

    do_PATCH = do_PUT = do_POST  # noqa: N815 - the names are those of the base class

    def _answer(self, body: object) -> None:
        if self.command != "GET":
            sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.calls.append(f"{self.command} {self.path} {sent['body']}")
        assert "secret" in (self.headers["Authorization"] or self.headers["PRIVATE-TOKEN"])
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def host() -> Iterator[tuple[type[_Host], str]]:
    handler = type("Host", (_Host,), {"comments": [], "calls": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield handler, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("kind", ["github", "gitlab"])
@pytest.mark.parametrize("earlier", [False, True])
def test_there_is_one_comment(
    host: tuple[type[_Host], str], kind: str, earlier: bool, tmp_path: Path
) -> None:
    handler, url = host
    mark = "<!-- pulumi-dataworks dev -->"
    others = [{"id": n, "body": "looks good"} for n in range(3)]
    handler.comments = [*others, *([{"id": 9, "body": f"{mark}\nold"}] if earlier else [])]
    (tmp_path / "comment.md").write_text(f"{mark}\nnew")
    (tmp_path / "post_comment.py").write_text((CI / "post_comment.py").read_text())
    module = runpy.run_path(str(tmp_path / "post_comment.py"))
    where, issues, notes = {
        "github": (
            {"PULL_REQUEST": "7", "GITHUB_API_URL": url, "GITHUB_REPOSITORY": "a/b"},
            "/repos/a/b/issues/7/comments",
            "PATCH /repos/a/b/issues/comments/9",
        ),
        "gitlab": (
            {"CI_MERGE_REQUEST_IID": "7", "CI_API_V4_URL": url, "CI_PROJECT_ID": "5"},
            "/projects/5/merge_requests/7/notes",
            "PUT /projects/5/merge_requests/7/notes/9",
        ),
    }[kind]
    environment = {**where, "GH_TOKEN": "secret", "GITLAB_TOKEN": "secret"}
    module["post"](module["host_of"](environment), f"{mark}\nnew")
    assert handler.calls == [f"{notes if earlier else f'POST {issues}'} {mark}\nnew"]


@pytest.mark.parametrize("file", [".github/workflows/backfills.yml", ".gitlab-ci.yml"])
def test_workflows_use_the_scripts_that_are_there(file: str) -> None:
    text = (CI / file).read_text()
    yaml.safe_load(text)
    for name in ("plan.sh", "apply.sh", "post_comment.py"):
        assert name in text
        assert (CI / name).exists()
