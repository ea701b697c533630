"""Where to call and how: which source wins, and what is said of a value that cannot be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_dataworks import SettingsError
from pulumi_dataworks._api.settings import (
    ENDPOINT_VARIABLES,
    KEYS,
    REGION_VARIABLES,
    Settings,
    load_settings,
    parse_duration,
)

SHANGHAI = {"dataworks:region": "cn-shanghai"}


def endpoint(text: str) -> str:
    return load_settings({"dataworks:endpoint": text}, {}).endpoint


def problems(config: Mapping[str, str], environment: Mapping[str, str] | None = None) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load_settings(config, environment or {})
    return re.split("; (?!got |accepted )", str(caught.value))


# ---- Which source wins ------------------------------------------------------------------------


def test_each_source_of_the_region_hides_those_after_it() -> None:
    config = {"dataworks:region": "r-0", "alicloud:region": "r-1"}
    environment = {name: f"r-{number}" for number, name in enumerate(REGION_VARIABLES, 2)}

    for number, key in enumerate([*config, *environment]):
        assert load_settings(config, environment).region == f"r-{number}"
        config.pop(key, None)
        environment.pop(key, None)

    assert (config, environment) == ({}, {})


def test_each_source_of_the_endpoint_hides_those_after_it() -> None:
    config = {"dataworks:endpoint": "host-0"}
    environment = {name: f"host-{number}" for number, name in enumerate(ENDPOINT_VARIABLES, 1)}

    for number, key in enumerate([*config, *environment]):
        assert load_settings(config, environment).endpoint == f"https://host-{number}"
        config.pop(key, None)
        environment.pop(key, None)


def test_an_empty_value_is_none() -> None:
    config = {"dataworks:region": "", "alicloud:region": "cn-beijing", "dataworks:endpoint": ""}

    assert load_settings({**config, "dataworks:projectId": ""}, {}) == Settings(
        "cn-beijing", "https://dataworks.cn-beijing.aliyuncs.com"
    )


def test_an_endpoint_needs_no_region() -> None:
    assert load_settings({"dataworks:endpoint": "a.b:444"}, {}) == Settings("", "https://a.b:444")


def test_all_settings_are_read(tmp_path: Path) -> None:
    config = {
        **SHANGHAI,
        "dataworks:projectId": "10001",
        "dataworks:connectTimeout": "1500ms",
        "dataworks:readTimeout": "2m",
        "dataworks:settleWindow": "0",
        "dataworks:maxQps": "0.5",
        "dataworks:logFile": str(tmp_path / "log"),
        "aws:region": "eu-west-1",  # somebody else's, as are all keys of other namespaces
        "alicloud:assumeRole": "{}",
    }

    assert load_settings(config, {}) == Settings(
        region="cn-shanghai",
        endpoint="https://dataworks.cn-shanghai.aliyuncs.com",
        project_id="10001",
        connect_timeout=1.5,
        read_timeout=120.0,
        settle_window=0.0,
        max_qps=0.5,
        log_file=tmp_path / "log",
    )


# ---- What cannot be ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("config", "told"),
    [
        (
            {},
            "dataworks:region is missing: set it (pulumi config set dataworks:region cn-shanghai)",
        ),
        ({"dataworks:region": "Shanghai 1"}, "dataworks:region must be a region ID like cn-shangh"),
        ({"dataworks:region": "a.evil.com/"}, "dataworks:region must be a region ID"),
        ({"alicloud:region": "cn_shanghai"}, "alicloud:region must be a region ID like cn-shangha"),
        (
            {**SHANGHAI, "dataworks:projectId": "orders"},
            "must be the workspace's ID, digits; got '",
        ),
        (
            {**SHANGHAI, "dataworks:projectId": "0"},
            "dataworks:projectId must be the workspace's ID",
        ),
        (
            {**SHANGHAI, "dataworks:projectID": "1"},
            "dataworks:projectID is not a setting; accepted",
        ),
        ({**SHANGHAI, "dataworks:": "1"}, "dataworks: is not a setting; accepted are accessKey, "),
        *[
            (
                {**SHANGHAI, f"dataworks:{key}": bad},
                f"dataworks:{key} must be a duration like 10s or",
            )
            for key in ("connectTimeout", "readTimeout", "settleWindow")
            for bad in ("", "soon", "-1", "1w", "inf", "nan", "1e3", "\uff11", "2d", "9" * 99)
        ],
        *[
            (
                {**SHANGHAI, "dataworks:maxQps": bad},
                "must be a number of calls a second, 0.1 to 1000",
            )
            for bad in ("", "0", "-1", "many", "nan", "inf", "1001")
        ],
        *[
            ({**SHANGHAI, "dataworks:logFile": bad}, "dataworks:logFile must be a file in a folder")
            for bad in ("/", ".", "/no/such/folder/log", "~nobody-of-this-name/log")
        ],
        ({**SHANGHAI, "dataworks:readTimeout": "0"}, "dataworks:readTimeout must be a duration"),
        ({**SHANGHAI, "dataworks:connectTimeout": "0ms"}, "dataworks:connectTimeout must be a dur"),
    ],
)
def test_a_bad_setting_is_refused_under_its_key_with_what_is_accepted(
    config: dict[str, str], told: str
) -> None:
    found = problems(config)

    assert len(found) == 1
    assert told in found[0]


@pytest.mark.parametrize("name", [*REGION_VARIABLES, *ENDPOINT_VARIABLES])
def test_a_bad_value_in_the_environment_is_refused_under_its_variable(name: str) -> None:
    found = problems({} if name in REGION_VARIABLES else SHANGHAI, {name: "http://else where"})

    assert [problem.startswith(f"{name} must be ") for problem in found] == [True]


def test_all_that_is_wrong_is_told_at_once() -> None:
    found = problems(
        {"dataworks:regoin": "x", "dataworks:projectId": "x", "dataworks:endpoint": "http://x"},
        {"ALICLOUD_REGION": "X"},
    )

    assert [text.split()[0] for text in found] == [
        "dataworks:regoin",
        "ALICLOUD_REGION",
        "dataworks:projectId",
        "dataworks:endpoint",
    ]


def test_every_setting_is_named_where_one_is_misspelt() -> None:
    assert problems({**SHANGHAI, "dataworks:x": "1"})[0].endswith(f"are {', '.join(KEYS)}")


# ---- Endpoints --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "used"),
    [
        ("dataworks.cn-shanghai.aliyuncs.com", "https://dataworks.cn-shanghai.aliyuncs.com"),
        ("https://proxy.example:8443/", "https://proxy.example:8443"),
        ("localhost:8080", "https://localhost:8080"),
        ("http://localhost", "http://localhost"),
        ("HTTP://LocalHost:1", "http://LocalHost:1"),
        ("http://127.0.0.1:80", "http://127.0.0.1:80"),
        ("http://127.255.3.4", "http://127.255.3.4"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("https://10.0.0.1", "https://10.0.0.1"),
    ],
)
def test_a_good_endpoint_is_used_as_it_is_written(written: str, used: str) -> None:
    assert endpoint(written) == used


@pytest.mark.parametrize(
    "text",
    [
        "http://dataworks.cn-shanghai.aliyuncs.com",
        "http://localhost.evil.com",
        "http://localhost-evil.com",
        "http://evil.com.localhost",
        "http://127.0.0.1.evil.com",
        "http://127.0.0.1.nip.io",
        "http://128.0.0.1",
        "http://0.0.0.0",
        "http://10.0.0.1",
        "http://[::2]",
        "http://[::]",
        "http://[fe80::1]",
        "http://2130706433",
        "http://127.1",
        "http://0x7f.0.0.1",
    ],
)
def test_plain_http_is_for_the_loopback_interface_only(text: str) -> None:
    with pytest.raises(
        SettingsError, match=r"dataworks:endpoint must use https: plain http"
    ) as told:
        endpoint(text)

    assert text in str(told.value)


@pytest.mark.parametrize(
    "text",
    [
        "http://127.0.0.1@evil.com",
        "https://user:s3cret@host",
        "https://host/path",
        "https://host?a=s3cret",
        "https://host#s3cret",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
        "https://",
        "://host",
        "https://host:port",
        "https://host:0",
        "https://host:99999",
        "https://ho st",
        "https://host\\@evil.com",
        "https://h\u00f6st",
        "http://\uff11\uff12\uff17.0.0.1",
        "https://[::1",
        " ",
        "-",
    ],
)
def test_anything_else_is_no_endpoint_and_is_not_shown(text: str) -> None:
    with pytest.raises(SettingsError, match=r"dataworks:endpoint must be a host, or https") as told:
        endpoint(text)

    assert "s3cret" not in str(told.value)


@given(st.text(max_size=30) | st.text("htp:/@[].127localhost:#?\\ %").map("http://".__add__))
def test_no_text_makes_plain_http_leave_the_machine(text: str) -> None:
    try:
        used = load_settings({**SHANGHAI, "dataworks:endpoint": text}, {}).endpoint
    except SettingsError:
        return
    parts = urlsplit(used)
    assert (
        parts.scheme == "https"
        or parts.hostname in ("localhost", "::1")
        or (parts.hostname is not None and parts.hostname.startswith("127."))
    )


# ---- Durations --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("90s", 90), ("1.5m", 90), ("6h", 21600), ("1d", 86400), ("5 ms", 0.005)],
)
def test_a_duration_is_read_as(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds
