"""COUNT backfills with a provider whose class stands in the program itself."""

import os

import naive
from pulumi.dynamic import CreateResult, Resource, ResourceProvider


class BackfillProvider(ResourceProvider):
    def create(self, props):
        ids = naive.launch(props)
        return CreateResult(str(ids[0]), {**props, "nodeIds": [str(one) for one in ids]})


class Backfill(Resource):
    pass


for number in range(int(os.environ["COUNT"])):
    Backfill(BackfillProvider(), f"orders-{number}", {**naive.inputs(number), "nodeIds": None})
