"""Waits in a provider process of their own; run with the package's changes to the SDK off."""

import pulumi
import pulumi_dataworks as dataworks
import waits

apart = pulumi.ResourceOptions(provider=dataworks.Provider("waits"))
waits.declare(
    lambda name, one: dataworks.BackfillCompletion(name, backfills=one, opts=apart).final_status,
)
