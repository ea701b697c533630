"""The resources as a program declares them, on the SDK's mocks."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from pulumi.runtime import rpc
from pulumi_dataworks import Backfill, BackfillArgs, BackfillArgsDict, DeclarationError

from tests.provider.program._programs import BACKFILL, GENERATIONS, OUTPUTS, TOKEN, declared

MAY = datetime.date(2026, 5, 1)
ORDERS: BackfillArgsDict = {
    "project_env": "PROD",
    "root_node_id": 74324,
    "include_node_ids": [2**53 + 1, 74324],
    "start_biz_date": MAY,
    "end_biz_date": "2026-05-31",
}
SENT = {
    "projectEnv": "PROD",
    "rootNodeId": "74324",
    "includeNodeIds": [str(2**53 + 1), "74324"],
    "startBizDate": "2026-05-01",
    "endBizDate": "2026-05-31",
}
IN_CAMEL_CASE: dict[str, Any] = {
    "projectEnv": "PROD",
    "rootNodeId": 74324,
    "includeNodeIds": [2**53 + 1, 74324],
    "startBizDate": MAY,
    "endBizDate": "2026-05-31",
}


def refused(program: Callable[[], object]) -> str:
    with pytest.raises(DeclarationError) as caught:
        declared(program)
    return str(caught.value)


@pytest.mark.parametrize(
    "declare",
    [
        lambda: Backfill("orders-may", **ORDERS),
        lambda: Backfill("orders-may", ORDERS),
        lambda: Backfill("orders-may", args=BackfillArgs(**ORDERS)),
        lambda: Backfill("orders-may", IN_CAMEL_CASE),  # type: ignore[call-overload]  # of a config
        lambda: Backfill("orders-may", {**ORDERS, "reason": None}),  # type: ignore[call-overload]  # a default
    ],
    ids=["keywords", "dict", "object", "camelCase", "None"],
)
def test_every_way_to_declare_a_backfill_registers_the_same(declare: Callable[[], object]) -> None:
    engine = declared(declare)

    assert list(engine.inputs) == [(TOKEN, "orders-may-launch"), (BACKFILL, "orders-may")]
    assert engine.inputs[TOKEN, "orders-may-launch"] == {**SENT, "namePrefix": "orders_may"}
    assert engine.inputs[BACKFILL, "orders-may"] == {**SENT, "launch": GENERATIONS}


def test_the_prefix_of_a_made_name_is_the_resources_name_unless_one_is_given() -> None:
    def program() -> None:
        Backfill("b\u00fccher & more/2", ORDERS)
        Backfill("x" * 200, ORDERS)
        Backfill("prefixed", {**ORDERS, "name_prefix": "mine"})
        Backfill("named", {**ORDERS, "name": "as it is"})

    engine = declared(program)

    sent = {
        name.removesuffix("-launch"): inputs
        for (kind, name), inputs in engine.inputs.items()
        if kind == TOKEN
    }
    assert sent["b\u00fccher & more/2"]["namePrefix"] == "b_cher___more_2"
    assert sent["x" * 200]["namePrefix"] == "x" * 115
    assert sent["prefixed"]["namePrefix"] == "mine"
    assert "namePrefix" not in sent["named"]


def test_outputs_have_python_names() -> None:
    seen: dict[str, Any] = {}

    def program() -> None:
        orders = Backfill("orders", ORDERS)
        outputs = (orders.node_ids, orders.dag_ids, orders.launch_name)
        pulumi.Output.all(*outputs).apply(lambda known: seen.update(known=known))

    declared(program)

    assert seen["known"] == [OUTPUTS["nodeIds"], OUTPUTS["nodeIds"], OUTPUTS["launchName"]]


def test_a_secret_anywhere_in_the_parameters_of_nodes_hides_them_all_on_both_resources() -> None:
    def program() -> None:
        password = pulumi.Output.secret("s3cret")
        params = {74324: {"password": password}}
        Backfill("orders", {**ORDERS, "node_params": params})

    engine = declared(program)

    for key in ((TOKEN, "orders-launch"), (BACKFILL, "orders")):
        sent = engine.requests[key].object.fields["nodeParams"].struct_value.fields
        assert sent[rpc._special_sig_key].string_value == rpc._special_secret_sig


# ---- What no engine needs to be asked about ---------------------------------------------------


def test_unknown_inputs_are_all_named_with_those_that_are_accepted() -> None:
    changed: Any = {**ORDERS, "root_node": 1, "bizdate": 2}

    told = refused(lambda: Backfill("orders", changed))

    assert (
        "backfill 'orders': unknown inputs root_node, bizdate; accepted are project_env, " in told
    )
    assert "adopt_dag_id" in told
    assert "replacement_trigger" not in told


@pytest.mark.parametrize(
    ("args", "inputs"),
    [
        ({**ORDERS, "rootNodeId": 1}, {}),
        (ORDERS, {"root_node_id": 1}),
        (ORDERS, {"rootNodeId": 1}),
        (BackfillArgs(**ORDERS), {"root_node_id": 1}),
    ],
)
def test_an_input_that_is_given_twice_is_refused(args: Any, inputs: dict[str, Any]) -> None:
    declare: Any = Backfill

    told = refused(lambda: declare("orders", args, **inputs))

    assert told == "backfill 'orders': rootNodeId is given twice"


@pytest.mark.parametrize("args", [pulumi.ResourceOptions(), "PROD", 74324, [ORDERS]])
def test_what_is_no_set_of_inputs_is_refused(args: Any) -> None:
    told = refused(lambda: Backfill("orders", args))

    assert told.startswith("backfill 'orders': args must be BackfillArgs or a dict; got a ")


@pytest.mark.parametrize("options", [{"import_": "orders_1"}, {"id": "orders_1"}])
def test_an_import_is_refused_with_the_way_to_take_a_backfill_over(options: Any) -> None:
    told = refused(lambda: Backfill("orders", ORDERS, pulumi.ResourceOptions(**options)))

    assert "adopt_dag_id" in told


def test_a_name_belongs_to_one_backfill_of_a_program() -> None:
    def program() -> None:
        for one in ("orders", "parcels"):
            Backfill(one, {**ORDERS, "name": "same"})

    told = refused(program)

    assert "backfills 'orders' and 'parcels' have the same name 'same'" in told
    # Another program, in the same process, may have it again.
    declared(lambda: Backfill("letters", {**ORDERS, "name": "same"}))


def test_a_trigger_without_a_lasting_text_is_refused() -> None:
    assert "memory" in refused(lambda: Backfill("orders", {**ORDERS, "triggers": [object()]}))
