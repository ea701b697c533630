"""Resource options: what of a backfill's options its launch token gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from .._declaration.inputs import ALL

SUFFIX = "-launch"
_BACKFILL = "pulumi-python:dynamic/dataworks:Backfill"
_TOKEN = "pulumi-python:dynamic/dataworks:LaunchToken"  # noqa: S105 - a type, not a secret


def token_options(options: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
    """Gives the options of a launch token, from those of its backfill."""
    return pulumi.ResourceOptions(
        parent=options.parent,
        provider=options.provider,
        protect=options.protect,
        depends_on=options.depends_on,
        ignore_changes=options.ignore_changes,
        additional_secret_outputs=[
            name for name in options.additional_secret_outputs or () if name in ALL
        ],
        retain_on_delete=options.retain_on_delete,
        deleted_with=options.deleted_with,
        aliases=_token_aliases(options.aliases),
    )


def backfill_options(options: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
    """Gives the options of a backfill. Its replacement trigger is an input, for a readable diff."""
    if hasattr(options, "replacement_trigger"):
        options.replacement_trigger = None
    if hasattr(options, "hide_diffs"):
        options.hide_diffs = [*(options.hide_diffs or ()), "launch"]
    return options


def in_camel_case(options: pulumi.ResourceOptions, names: Mapping[str, str]) -> None:
    """Lets the options that name properties take their Python names."""
    for field in ("ignore_changes", "replace_on_changes", "additional_secret_outputs"):
        paths: Sequence[str] | None = getattr(options, field, None)
        if paths:
            setattr(options, field, [_translated(path, names) for path in paths])


def _translated(path: str, names: Mapping[str, str]) -> str:
    head = path.partition(".")[0].partition("[")[0]
    return names.get(head, head) + path[len(head) :]


def _token_aliases(aliases: Any) -> Any:
    if isinstance(aliases, pulumi.Output):
        return aliases.apply(_token_aliases)
    return [_token_alias(alias) for alias in aliases] if aliases else None


def _token_alias(alias: Any) -> Any:
    if isinstance(alias, pulumi.Output):
        return alias.apply(_token_alias)
    if isinstance(alias, str):
        head, _, name = alias.rpartition("::")
        return f"{head.replace(_BACKFILL, _TOKEN)}::{name}{SUFFIX}"
    if not isinstance(alias, pulumi.Alias):
        return alias
    changed = {key: value for key, value in vars(alias).items() if key not in ("type_", "name")}
    if isinstance(alias.name, str):
        changed["name"] = f"{alias.name}{SUFFIX}"
    return pulumi.Alias(**changed)
