"""Waits as this package makes them."""

import pulumi_dataworks as dataworks
import waits

waits.declare(
    lambda name, one: dataworks.BackfillCompletion(name, backfills=one).final_status,
)
