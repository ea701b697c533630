"""Whose credentials are used: the order of the sources, and what is said where none has any."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_credentials.utils import auth_constant
from pulumi_dataworks import CredentialsNotFound, SettingsError
from pulumi_dataworks._api.credentials import find_credentials
from pulumi_dataworks._api.signing import Credentials


def pair(names: str, prefix: str) -> dict[str, str]:
    """Key, secret and token under three names, each with a value of its own."""
    return dict(
        zip(names.split(), (f"{prefix}-id", f"{prefix}-key", f"{prefix}-token"), strict=True)
    )


IN_CONFIG = [
    pair("dataworks:accessKey dataworks:secretKey dataworks:securityToken", "dataworks"),
    pair("alicloud:accessKey alicloud:secretKey alicloud:securityToken", "alicloud"),
]
IN_ENVIRONMENT = [
    pair(
        "ALIBABA_CLOUD_ACCESS_KEY_ID ALIBABA_CLOUD_ACCESS_KEY_SECRET ALIBABA_CLOUD_SECURITY_TOKEN",
        "official",
    ),
    pair("ALICLOUD_ACCESS_KEY ALICLOUD_SECRET_KEY ALICLOUD_SECURITY_TOKEN", "terraform"),
]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The library reads HOME when it is imported."""
    monkeypatch.setattr(auth_constant, "HOME", str(tmp_path))
    return tmp_path


def write_cli_profile(home: Path, name: str = "default", **changes: str) -> None:
    (home / ".aliyun").mkdir(exist_ok=True)
    profile = {
        "name": name,
        "mode": "AK",
        "access_key_id": f"{name}-id",
        "access_key_secret": f"{name}-key",
        **changes,
    }
    config = {"current": name, "profiles": [profile]}
    (home / ".aliyun/config.json").write_text(json.dumps(config))


def parts(found: Credentials) -> tuple[str, str, str | None]:
    return found.access_key_id, found.access_key_secret, found.security_token


def failure(config: dict[str, str], environment: dict[str, str]) -> str:
    with pytest.raises(CredentialsNotFound) as caught:
        find_credentials(config, environment)
    shown = "".join(traceback.format_exception(caught.value))
    assert "s3cret" not in shown
    return str(caught.value)


# ---- Config and environment -------------------------------------------------------------------


def test_each_source_hides_those_after_it(home: Path) -> None:
    write_cli_profile(home)
    config = {**IN_CONFIG[0], **IN_CONFIG[1]}
    environment = {**IN_ENVIRONMENT[0], **IN_ENVIRONMENT[1]}

    for source in (*IN_CONFIG, *IN_ENVIRONMENT):
        assert parts(find_credentials(config, environment)()) == tuple(source.values())
        for key in source:
            config.pop(key, None)
            environment.pop(key, None)

    assert parts(find_credentials(config, environment)()) == ("default-id", "default-key", None)


def test_a_token_never_comes_from_another_source_than_its_key() -> None:
    config = {"dataworks:accessKey": "id", "dataworks:secretKey": "key", **IN_CONFIG[1]}

    assert parts(find_credentials(config, IN_ENVIRONMENT[0])()) == ("id", "key", None)


@pytest.mark.parametrize("source", [*IN_CONFIG, *IN_ENVIRONMENT], ids=lambda s: next(iter(s)))
@pytest.mark.parametrize("missing", [0, 1])
def test_half_a_pair_is_refused_and_not_passed_over(
    home: Path, source: dict[str, str], missing: int
) -> None:
    write_cli_profile(home)  # somebody else's
    names = list(source)
    half = {name: "s3cret" for name in names if name != names[missing]}
    config, environment = (half, {}) if ":" in names[0] else ({}, half)

    told = failure(config, environment)

    assert told.startswith(f"{names[missing]} is missing")
    assert "go together" in told


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("alicloud:assumeRole", '{"roleArn": "acs:ram::1:role/etl"}'),
        ("alicloud:assumeRoleWithOidc", '{"roleArn": "acs:ram::1:role/etl"}'),
        ("alicloud:sharedCredentialsFile", "team.json"),
    ],
)
def test_what_would_be_another_identity_for_pulumi_alicloud_is_refused_by_name(
    key: str, value: str
) -> None:
    of_alicloud = {**IN_CONFIG[1], key: value}
    with pytest.raises(CredentialsNotFound, match=rf"{key} can't be followed.*dataworks:profile"):
        find_credentials(of_alicloud, {})

    found = find_credentials({**of_alicloud, **IN_CONFIG[0]}, {})()
    assert found.access_key_id == "dataworks-id"


def test_an_empty_role_is_none() -> None:
    found = find_credentials({**IN_CONFIG[1], "alicloud:assumeRole": "{}"}, {})()
    assert found.access_key_id == "alicloud-id"


def test_a_whole_pair_in_the_environment_counts_whatever_stands_beside_it() -> None:
    environment = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "leftover", **IN_ENVIRONMENT[1]}

    assert find_credentials({}, environment)().access_key_id == "terraform-id"


def test_a_secret_that_no_header_can_carry_is_refused_without_being_shown() -> None:
    config = {"dataworks:accessKey": "id", "dataworks:secretKey": "s3cret\n"}

    with pytest.raises(SettingsError, match="dataworks:accessKey") as caught:
        find_credentials(config, {})()

    assert "s3cret" not in "".join(traceback.format_exception(caught.value))


def test_credentials_say_where_they_come_from_and_hide_what_they_are() -> None:
    for config, environment, place in (
        ({"dataworks:accessKey": "id", "dataworks:secretKey": "s3cret"}, {}, "dataworks:accessKey"),
        ({}, {"ALICLOUD_ACCESS_KEY": "id", "ALICLOUD_SECRET_KEY": "s3cret"}, "ALICLOUD_ACCESS_KEY"),
    ):
        shown = repr(find_credentials(config, environment)())

        assert place in shown
        assert "s3cret" not in shown


# ---- Profiles, and the official default chain -------------------------------------------------


@pytest.mark.parametrize(
    ("config", "environment"),
    [
        ({"dataworks:profile": "team"}, IN_ENVIRONMENT[0]),
        ({"alicloud:profile": "team"}, IN_ENVIRONMENT[0]),
        ({}, {"ALICLOUD_PROFILE": "team"}),
    ],
)
def test_a_profile_is_read_from_the_file_of_the_cli(
    home: Path, config: dict[str, str], environment: dict[str, str]
) -> None:
    write_cli_profile(home, "team", mode="StsToken", sts_token="t")

    assert parts(find_credentials(config, environment)()) == ("team-id", "team-key", "t")


@pytest.mark.parametrize(
    "content",
    [None, "", "{s3cret", "[]", '{"profiles": [{"name": "team", "mode": "s3cret"}]}'],
    ids=["no file", "empty", "no JSON", "no object", "unknown mode"],
)
def test_a_profile_that_cannot_be_read_is_refused_and_never_replaced_by_another(
    home: Path, content: str | None
) -> None:
    if content is not None:
        (home / ".aliyun").mkdir()
        (home / ".aliyun/config.json").write_text(content)

    with pytest.raises(CredentialsNotFound) as caught:
        find_credentials({"dataworks:profile": "team"}, IN_ENVIRONMENT[0])

    assert str(caught.value) == "no credentials in the profile 'team' of ~/.aliyun/config.json"


def test_where_none_has_any_it_says_where_they_were_looked_for(home: Path) -> None:
    told = failure({}, {})

    for place in (
        "dataworks:accessKey",
        "dataworks:profile",
        "alicloud:",
        "ALIBABA_CLOUD_ACCESS_KEY_ID",
        "ALICLOUD_ACCESS_KEY",
        "OIDC",
        "~/.aliyun/config.json",
        "~/.alibabacloud/credentials.ini",
        "ECS",
        "ALIBABA_CLOUD_CREDENTIALS_URI",
    ):
        assert place in told


def test_a_broken_file_shows_nothing_of_what_it_holds(home: Path) -> None:
    write_cli_profile(home, access_key_id="", access_key_secret="s3cret")
    (home / ".alibabacloud").mkdir()
    (home / ".alibabacloud/credentials.ini").write_text(
        "[default]\ntype = access_key\naccess_key_secret = s3cret\n"
    )

    assert failure({}, {}).startswith("no credentials found")


LOOK = """
import os
from pulumi_dataworks._api.credentials import find_credentials
found = find_credentials({}, os.environ)()
print(found.access_key_id, found.access_key_secret, found.security_token)
"""


@pytest.mark.parametrize("file", ["cli", "ini"])
def test_a_process_of_its_own_finds_the_files_of_its_user(tmp_path: Path, file: str) -> None:
    if file == "cli":
        write_cli_profile(tmp_path, "cli")
    else:
        (tmp_path / ".alibabacloud").mkdir()
        (tmp_path / ".alibabacloud/credentials.ini").write_text(
            "[default]\ntype = access_key\naccess_key_id = ini-id\naccess_key_secret = ini-key\n"
        )

    found: Any = subprocess.run(
        [sys.executable, "-c", LOOK],
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (found.stdout, found.stderr) == (f"{file}-id {file}-key None\n", "")
