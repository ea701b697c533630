"""Declares the backfills of the stack's config, each a resource that is launched once."""

from __future__ import annotations

from typing import Any, cast

import pulumi
import pulumi_dataworks as dataworks

config = pulumi.Config()
declared = dataworks.read_backfills(config.get_object("backfills"))
wait = dataworks.read_wait(config.get_object("wait"))
is_secret = pulumi.runtime.is_config_secret(config.full_key("backfills"))


def arguments(inputs: dict[str, Any]) -> dataworks.BackfillArgsDict:
    """What is secret in the config stays secret in the state and in what is shown."""
    secrets = {"nodeParams", "triggers"} & inputs.keys() if is_secret else set()
    hidden = {key: pulumi.Output.secret(inputs[key]) for key in secrets}
    return cast(dataworks.BackfillArgsDict, {**inputs, **hidden})


backfills = {name: dataworks.Backfill(name, arguments(inputs)) for name, inputs in declared.items()}

pulumi.export("node_ids", {name: one.node_ids for name, one in backfills.items()})
pulumi.export("request_ids", {name: one.request_id for name, one in backfills.items()})
pulumi.export("launch_names", {name: one.launch_name for name, one in backfills.items()})
if wait is not None:
    waits = {
        name: dataworks.BackfillCompletion(f"{name}-done", backfills=one, **wait)
        for name, one in backfills.items()
    }
    pulumi.export("final_status", {name: one.final_status for name, one in waits.items()})
