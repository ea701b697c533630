"""Hosts by region, against the official SDK's own choice; and the page for people."""

from __future__ import annotations

import pytest
from alibabacloud_dataworks_public20200518.client import Client
from alibabacloud_tea_openapi.utils_models import Config
from pulumi_dataworks._api.console import console_url
from pulumi_dataworks._api.regions import endpoint_of


def sdk(region: str) -> Client:
    return Client(Config(access_key_id="id", access_key_secret="secret", region_id=region))


REGIONS = sorted(sdk("cn-shanghai")._endpoint_map)


@pytest.mark.parametrize("region", [*REGIONS, "cn-region-of-next-year"])
def test_a_region_is_served_by_the_host_that_the_official_sdk_calls(region: str) -> None:
    assert endpoint_of(region) == f"https://{sdk(region)._endpoint}"


def test_the_console_is_that_of_the_region_and_the_workspace() -> None:
    assert console_url("cn-shanghai", "10001").endswith("/cn-shanghai/oc?defaultProjectId=10001")
    assert console_url("cn-shanghai", None).endswith("/cn-shanghai/oc")
    assert console_url("", None).startswith("https://dataworks.data.aliyun.com/oc")
