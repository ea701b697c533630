"""Programs that declare backfills, as text for a project of the harness."""

from __future__ import annotations

from typing import Any

HEAD = """\
import pulumi
import pulumi_dataworks as dataworks
from pulumi import Alias, ComponentResource, ResourceOptions

"""
DAYS: dict[str, Any] = {
    "project_env": "PROD",
    "root_node_id": 74324,
    "start_biz_date": "2026-05-01",
    "end_biz_date": "2026-05-02",
}


def declaring(backfill: str = "may", options: str = "", **inputs: Any) -> str:
    """Gives a program of one backfill, of which it exports the IDs.

    :param options: arguments of ResourceOptions, as source text.
    :param inputs: what differs from `DAYS`.
    """
    return HEAD + backfill_of(backfill, options, **inputs)


def backfill_of(backfill: str, options: str = "", **inputs: Any) -> str:
    """Gives the lines that declare one backfill."""
    given = {**DAYS, **inputs}
    variable = backfill.replace("-", "_")
    return (
        f"{variable} = dataworks.Backfill({backfill!r}, opts=ResourceOptions({options}),"
        f" **{given!r})\n"
        f"pulumi.export({backfill!r}, {variable}.node_ids)\n"
    )


def inside(component: str, options: str = "", *, inner: str = "") -> str:
    """Gives a program whose backfill is the child of a component.

    :param options: of the component; ``inner``: of the backfill, beside its parent.
    """
    opts = f"ResourceOptions({options})"
    made = f'group = ComponentResource("x:index:Group", {component!r}, None, {opts})\n'
    return HEAD + made + backfill_of("may", f"parent=group, {inner}")


def account(name: str) -> str:
    """Gives a program whose backfill has a provider of its own."""
    made = f'account = pulumi.ProviderResource("pulumi-python", {name!r}, {{}})\n'
    return HEAD + made + backfill_of("may", "provider=account")
