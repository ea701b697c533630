"""Every backfill that the stack's config lists: who asks for one changes YAML, and no program."""

import pulumi
import pulumi_dataworks as dataworks

declared = dataworks.read_backfills(pulumi.Config().get_object("backfills"))
backfills = {name: dataworks.Backfill(name, inputs) for name, inputs in declared.items()}

pulumi.export("node_ids", {name: one.node_ids for name, one in backfills.items()})
