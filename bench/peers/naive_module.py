"""COUNT backfills with the naive provider, each with a second resource, as ours have."""

import os

from naive import Backfill, Token, inputs

for number in range(int(os.environ["COUNT"])):
    token = Token(f"token-{number}")
    Backfill(f"orders-{number}", {**inputs(number), "token": token.id})
