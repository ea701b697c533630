"""The backfills of the stack's config; CI shows them in the pull request, and applies them."""

import pulumi
import pulumi_dataworks as dataworks

declared = dataworks.read_backfills(pulumi.Config().get_object("backfills"))
backfills = {name: dataworks.Backfill(name, inputs) for name, inputs in declared.items()}

pulumi.export("node_ids", {name: one.node_ids for name, one in backfills.items()})
