"""Puts comment.md into the pull request (GitHub) or merge request (GitLab) that CI runs for.

There is one comment for each stack: that of an earlier commit, found by its first line, is changed.
It needs the variables that GitHub Actions and GitLab CI set, and a token: GH_TOKEN, GITLAB_TOKEN.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests


@dataclass(frozen=True)
class Host:
    """Where comments are listed and made, how one is changed, and who asks."""

    comments: str
    comment: str
    change: str
    header: tuple[str, str]


def host_of(environment: dict[str, str]) -> Host:
    if number := environment.get("PULL_REQUEST"):
        api, repository = environment["GITHUB_API_URL"], environment["GITHUB_REPOSITORY"]
        issues = f"{api}/repos/{repository}/issues"
        token = f"Bearer {environment['GH_TOKEN']}"
        return Host(
            f"{issues}/{number}/comments", f"{issues}/comments", "PATCH", ("Authorization", token)
        )
    if number := environment.get("CI_MERGE_REQUEST_IID"):
        api, project = environment["CI_API_V4_URL"], environment["CI_PROJECT_ID"]
        notes = f"{api}/projects/{project}/merge_requests/{number}/notes"
        return Host(notes, notes, "PUT", ("PRIVATE-TOKEN", environment["GITLAB_TOKEN"]))
    sys.exit("no pull request: neither PULL_REQUEST (GitHub) nor CI_MERGE_REQUEST_IID is set")


def call(host: Host, method: str, url: str, body: str | None = None) -> Any:
    data = None if body is None else {"body": body}
    answer = requests.request(method, url, json=data, headers=dict([host.header]), timeout=30)
    answer.raise_for_status()
    return answer.json()


def comments(host: Host) -> Iterator[dict[str, Any]]:
    page = 1
    while found := call(host, "GET", f"{host.comments}?per_page=100&page={page}"):
        yield from found
        page += 1


def post(host: Host, text: str) -> None:
    mark = text.splitlines()[0]
    for earlier in comments(host):
        if earlier["body"].startswith(mark):
            call(host, host.change, f"{host.comment}/{earlier['id']}", text)
            return
    call(host, "POST", host.comments, text)


if __name__ == "__main__":
    post(host_of(dict(os.environ)), Path(__file__).with_name("comment.md").read_text("utf-8"))
