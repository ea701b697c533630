"""COUNT backfills with the naive provider: as many resources and properties as ours have."""

import os

from naive import Backfill, Token, inputs

#: Ours keep beside them the plan, how the launch was made, and how it was when last seen.
MORE = dict.fromkeys("abcdefg")

for number in range(int(os.environ["COUNT"])):
    token = Token(f"token-{number}", inputs(number))
    Backfill(f"orders-{number}", {**inputs(number), **MORE, "token": token.id})
