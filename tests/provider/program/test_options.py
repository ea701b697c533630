"""Resource options: in which names, and what of them the launch token gets."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from pulumi_dataworks import Backfill, BackfillArgsDict

from tests.provider.program._programs import BACKFILL, TOKEN, declared

ORDERS: BackfillArgsDict = {
    "project_env": "PROD",
    "root_node_id": 74324,
    "start_biz_date": "2026-05-01",
    "end_biz_date": "2026-05-31",
}


def registered(**options: Any) -> tuple[Any, Any]:
    """What is asked of the engine for the token and for the backfill."""
    engine = declared(lambda: Backfill("orders", ORDERS, pulumi.ResourceOptions(**options)))
    return engine.requests[TOKEN, "orders-launch"], engine.requests[BACKFILL, "orders"]


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("include_node_ids", "includeNodeIds"),
        ("includeNodeIds", "includeNodeIds"),
        ("include_node_ids[0]", "includeNodeIds[0]"),
        ("node_params.74324.some_key", "nodeParams.74324.some_key"),
        ('node_params["74324"]', 'nodeParams["74324"]'),
        ("alert_type", "alertType"),
        ("*", "*"),
    ],
)
def test_changes_are_ignored_under_either_name_by_both_resources(written: str, sent: str) -> None:
    token, backfill = registered(ignore_changes=[written])

    assert list(token.ignoreChanges) == [sent]
    assert list(backfill.ignoreChanges) == [sent]


def test_secret_outputs_take_their_python_names_and_inputs_are_secret_in_both() -> None:
    names = ["node_params", "launch_name", "dag_ids", "statusByDate"]

    token, backfill = registered(additional_secret_outputs=names)

    assert set(backfill.additionalSecretOutputs) == {
        "nodeParams",
        "launchName",
        "nodeIds",
        "statusByDate",
    }
    assert set(token.additionalSecretOutputs) == {"nodeParams"}


def test_the_options_of_the_caller_stay_as_they_were() -> None:
    options = pulumi.ResourceOptions(ignore_changes=["alert_type"], protect=True)

    declared(lambda: [Backfill(name, ORDERS, options) for name in ("orders", "parcels")])

    assert options.ignore_changes == ["alert_type"]
    assert options.aliases is None


def test_what_guards_a_backfill_guards_its_token() -> None:
    for request in registered(protect=True, retain_on_delete=True):
        assert request.protect
        assert request.retainOnDelete


@pytest.mark.parametrize(
    ("alias", "of_token"),
    [
        (pulumi.Alias(name="may"), "may-launch"),
        (
            f"urn:pulumi:dev::shop::{BACKFILL}::may",
            f"urn:pulumi:dev::shop::{TOKEN}::may-launch",
        ),
        (
            f"urn:pulumi:dev::shop::my:component:Jobs${BACKFILL}::may",
            f"urn:pulumi:dev::shop::my:component:Jobs${TOKEN}::may-launch",
        ),
    ],
)
def test_a_renamed_backfill_takes_its_token_along(alias: pulumi.Alias | str, of_token: str) -> None:
    token, backfill = registered(aliases=[alias])

    assert _named(token.aliases[0]) == of_token
    assert _named(backfill.aliases[0]) == of_token.replace(TOKEN, BACKFILL).removesuffix("-launch")


def _named(alias: Any) -> str:
    return str(alias.urn or alias.spec.name)


def test_the_parent_of_a_backfill_is_that_of_its_token() -> None:
    def program() -> None:
        jobs = pulumi.ComponentResource("my:component:Jobs", "jobs")
        Backfill("orders", ORDERS, pulumi.ResourceOptions(parent=jobs))

    engine = declared(program)

    for key in ((TOKEN, "orders-launch"), (BACKFILL, "orders")):
        assert engine.requests[key].parent.endswith("my:component:Jobs::jobs")


def test_a_replacement_trigger_is_an_input_of_both_and_no_option_of_either() -> None:
    if not hasattr(pulumi.ResourceOptions(), "replacement_trigger"):
        pytest.skip("this SDK has no replacement_trigger")
    options = pulumi.ResourceOptions(replacement_trigger=["v2"])

    engine = declared(lambda: Backfill("orders", ORDERS, options))

    for key in ((TOKEN, "orders-launch"), (BACKFILL, "orders")):
        assert engine.inputs[key]["replacementTrigger"] == ["v2"]
        assert not engine.requests[key].HasField("replacement_trigger")
