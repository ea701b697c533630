"""Inputs that are Outputs of other resources, alone and within lists and dicts."""

import pulumi
import pulumi_dataworks as dataworks


class Node(pulumi.ComponentResource):
    """As the resources of pulumi-alicloud are typed."""

    @property
    def node_id(self) -> pulumi.Output[str]:
        raise NotImplementedError

    @property
    def number(self) -> pulumi.Output[int]:
        raise NotImplementedError

    @property
    def descendants(self) -> pulumi.Output[list[str]]:
        raise NotImplementedError


load, clean = Node("node", "load"), Node("node", "clean")
config = pulumi.Config()

first = dataworks.Backfill(
    "first",
    project_env=config.require("env"),
    root_node_id=load.node_id,
    include_node_ids=[load.node_id, clean.number, 74328],
    start_biz_date=load.node_id.apply(lambda _: "2026-05-01"),
    end_biz_date="2026-05-31",
    node_params={"74324": {"key": config.require_secret("key")}},
    parallelism=pulumi.Output.from_input(True),
    concurrent_runs=config.get_int("groups") or 2,
)
dataworks.Backfill(
    "second",
    dataworks.BackfillArgs(
        project_env="PROD",
        root_node_id=load.number,
        include_node_ids=load.descendants,
        start_biz_date="2026-05-01",
        end_biz_date="2026-05-31",
        triggers=[first.launch_name],
        node_params=config.require_secret_object("params"),
    ),
)
by_text: dict[str, dict[str, str]] = {"74324": {"region": "east"}}
by_number: dict[int, str] = {74324: "region=east"}
for params in (by_text, by_number):
    dataworks.Backfill(
        f"params-{len(params)}",
        project_env="PROD",
        root_node_id=74324,
        start_biz_date="2026-05-01",
        end_biz_date="2026-05-31",
        node_params=params,
    )
pulumi.export("dates", first.node_ids.apply(len))
