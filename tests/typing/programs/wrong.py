"""What a type checker has to refuse: each line with the mark, and no other."""

import pulumi
import pulumi_dataworks as dataworks

good: dataworks.BackfillArgsDict = {
    "project_env": "PROD",
    "root_node_id": 74324,
    "start_biz_date": "2026-05-01",
    "end_biz_date": "2026-05-31",
}
number = pulumi.Output.from_input(3)

dataworks.Backfill("missing", project_env="PROD", root_node_id=74324)  # error
dataworks.Backfill("misspelt", **good, star_biz_date="2026-05-01")  # error
dataworks.Backfill("list", **good, include_node_ids=[[74324]])  # error
dataworks.Backfill("float", **good, adopt_dag_id=1.5)  # error
dataworks.Backfill("boolean", **good, parallelism="yes")  # error
dataworks.Backfill("output", **good, reason=number)  # error
dataworks.Backfill("count", **good, concurrent_runs="4")  # error
dataworks.Backfill("params", **good, node_params={"74324": 3.5})  # error
dataworks.Backfill("both", good, reason="given as dict and as keywords")  # error
dataworks.Backfill("options", good, opts={"protect": True})  # error
dataworks.Backfill(good)  # error
dataworks.BackfillArgs("PROD", 74324, "2026-05-01", "2026-05-31")  # error
dataworks.BackfillArgs(**good, include_nodes=[1])  # error

incomplete: dataworks.BackfillArgsDict = {"project_env": "PROD"}  # error
wrong: dataworks.BackfillArgsDict = {**good, "parallelism": "yes"}  # error
backfill = dataworks.Backfill("good", good)
print(backfill.nodes)  # error
names: list[str] = backfill.node_ids  # error
