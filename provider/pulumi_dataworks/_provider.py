"""An account, region or workspace of its own, for some of a program's resources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
from pydantic.alias_generators import to_camel

from ._api.settings import KEYS, NAMESPACE
from ._exceptions import DeclarationError

_PACKAGE = "pulumi-python"  # that of all dynamic providers
#: Who calls, and where: never taken over from the stack's config, so that accounts do not mix.
_IDENTITY = (
    "accessKey",
    "endpoint",
    "profile",
    "projectId",
    "region",
    "secretKey",
    "securityToken",
)
_SECRET = ("accessKey", "secretKey", "securityToken")


class Provider(pulumi.ProviderResource):
    """Settings for the resources that are declared with ``opts=ResourceOptions(provider=...)``.

    ::

        north = dataworks.Provider("north", region="cn-beijing", profile="north")
        dataworks.Backfill("orders-north", ..., opts=pulumi.ResourceOptions(provider=north))

    What is not given here is taken from the stack's config (timeouts, limits and the like) or,
    if it says who calls or where, from the environment alone. The resources of each provider run
    in a process of its own.

    :param region: such as ``cn-shanghai``.
    :param settings: every other setting, by the name of its config key in snake_case.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        region: pulumi.Input[str] | None = None,
        endpoint: pulumi.Input[str] | None = None,
        project_id: pulumi.Input[str] | None = None,
        access_key: pulumi.Input[str] | None = None,
        secret_key: pulumi.Input[str] | None = None,
        security_token: pulumi.Input[str] | None = None,
        profile: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
        **settings: pulumi.Input[str],
    ) -> None:
        given: dict[str, pulumi.Input[str] | None] = {
            "region": region,
            "endpoint": endpoint,
            "projectId": project_id,
            "accessKey": access_key,
            "secretKey": secret_key,
            "securityToken": security_token,
            "profile": profile,
            **{to_camel(key): value for key, value in settings.items()},
        }
        unknown = [key for key in given if key not in KEYS]
        if unknown:
            raise DeclarationError(
                f"provider {resource_name!r}: unknown settings {', '.join(unknown)}; accepted are "
                f"{', '.join(KEYS)}, in snake_case"
            )
        super().__init__(_PACKAGE, resource_name, _properties(given), opts)


def _properties(given: Mapping[str, pulumi.Input[str] | None]) -> dict[str, Any]:
    stack = pulumi.Config(NAMESPACE)
    inherited = {f"{NAMESPACE}:{key}": stack.get(key) for key in KEYS if key not in _IDENTITY}
    own = {
        f"{NAMESPACE}:{key}": pulumi.Output.secret(value) if key in _SECRET else value
        for key, value in given.items()
        if value is not None
    }
    return {key: value for key, value in {**inherited, **own}.items() if value is not None}
