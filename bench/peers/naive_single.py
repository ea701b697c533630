"""COUNT backfills with the naive provider, one resource each."""

import os

from naive import Backfill, inputs

for number in range(int(os.environ["COUNT"])):
    Backfill(f"orders-{number}", inputs(number))
