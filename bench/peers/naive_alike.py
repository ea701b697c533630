"""COUNT backfills with the naive provider: as many resources and properties as ours have."""

import os

from naive import Backfill, TokenProvider, inputs
from pulumi.dynamic import Resource

#: Ours keep beside them the plan, how the launch was made, and how it was when last seen.
MORE = dict.fromkeys("abcdefg")


class Token(Resource):
    def __init__(self, name, props):
        super().__init__(TokenProvider(), name, {**props, "token": None})


for number in range(int(os.environ["COUNT"])):
    token = Token(f"token-{number}", inputs(number))
    Backfill(f"orders-{number}", {**inputs(number), **MORE, "token": token.id})
