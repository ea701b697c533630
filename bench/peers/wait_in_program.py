"""Waits in the program, behind an Output, as one would write them with the official SDK."""

import asyncio

import sdk_script
import waits
from alibabacloud_dataworks_public20200518.models import GetDagRequest

client = sdk_script.client()


def status(dag_id):
    request = GetDagRequest(dag_id=int(dag_id), project_env="PROD")
    return client.get_dag(request).body.data.status


async def end_of(dag_ids):
    for dag_id in dag_ids:
        while (seen := await asyncio.to_thread(status, dag_id)) not in ("SUCCESS", "FAILURE"):
            await asyncio.sleep(2)
    return seen


waits.declare(lambda name, one: one.node_ids.apply(end_of))
