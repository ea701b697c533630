"""A script on the official SDK: one backfill a run, as people start them today."""

import os
import sys

from alibabacloud_dataworks_public20200518.client import Client
from alibabacloud_dataworks_public20200518.models import RunCycleDagNodesRequest
from alibabacloud_tea_openapi.utils_models import Config


def client():
    return Client(
        Config(
            endpoint=os.environ["DATAWORKS_ENDPOINT"].removeprefix("http://"),
            protocol="http",
            access_key_id=os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"],
            access_key_secret=os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
        )
    )


def request(name):
    return RunCycleDagNodesRequest(
        project_env="PROD",
        name=name,
        root_node_id=74324,
        include_node_ids="74324",
        start_biz_date="2026-05-01 00:00:00",
        end_biz_date="2026-05-31 00:00:00",
        parallelism=False,
    )


if __name__ == "__main__":
    print(client().run_cycle_dag_nodes(request(sys.argv[1])).body.data)
