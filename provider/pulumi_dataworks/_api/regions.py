"""Which host serves which region. Source: the endpoint maps of the official SDK (2020-05-18)."""

from __future__ import annotations

_CENTRAL = "dataworks.aliyuncs.com"
_CENTRAL_REGIONS = frozenset(
    [
        "ap-northeast-2-pop",
        "ap-south-1",
        "ap-southeast-2",
        "cn-beijing-finance-pop",
        "cn-beijing-gov-1",
        "cn-beijing-nu16-b01",
        "cn-edge-1",
        "cn-fujian",
        "cn-haidian-cm12-c01",
        "cn-hangzhou-bj-b01",
        "cn-hangzhou-finance",
        "cn-hangzhou-internal-prod-1",
        "cn-hangzhou-internal-test-1",
        "cn-hangzhou-internal-test-2",
        "cn-hangzhou-internal-test-3",
        "cn-hangzhou-test-306",
        "cn-hongkong-finance-pop",
        "cn-huhehaote",
        "cn-huhehaote-nebula-1",
        "cn-qingdao",
        "cn-qingdao-nebula",
        "cn-shanghai-et15-b01",
        "cn-shanghai-et2-b01",
        "cn-shanghai-inner",
        "cn-shanghai-internal-test-1",
        "cn-shenzhen-inner",
        "cn-shenzhen-st4-d01",
        "cn-shenzhen-su18-b01",
        "cn-wuhan",
        "cn-yushanfang",
        "cn-zhangbei",
        "cn-zhangbei-na61-b01",
        "cn-zhangjiakou-na62-a01",
        "cn-zhengzhou-nebula-1",
        "eu-west-1-oxs",
        "rus-west-1-pop",
    ]
)
_REGIONAL = frozenset(
    [
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-southeast-1",
        "ap-southeast-3",
        "ap-southeast-5",
        "cn-beijing",
        "cn-beijing-finance-1",
        "cn-chengdu",
        "cn-hangzhou",
        "cn-hongkong",
        "cn-north-2-gov-1",
        "cn-shanghai",
        "cn-shanghai-finance-1",
        "cn-shenzhen",
        "cn-shenzhen-finance-1",
        "cn-wulanchabu",
        "cn-zhangjiakou",
        "eu-central-1",
        "eu-west-1",
        "me-central-1",
        "me-east-1",
        "us-east-1",
        "us-west-1",
    ]
)


def endpoint_of(region: str) -> str:
    """Gives the base URL that serves a region, as the official SDK chooses it.

    A region that the SDK's map does not have gets the SDK's general form, so that a new region
    works before this list knows it.
    """
    if region in _REGIONAL:
        return f"https://dataworks.{region}.aliyuncs.com"
    if region in _CENTRAL_REGIONS:
        return f"https://{_CENTRAL}"
    return f"https://dataworks-public.{region}.aliyuncs.com"
