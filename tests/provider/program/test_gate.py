"""All or nothing: no launch before every launch token of the program has passed its check."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from pulumi_dataworks import Backfill, BackfillArgsDict, DeclarationError
from pulumi_dataworks._program import gate as gates
from pulumi_dataworks._program.gate import Gate

from tests.provider.program._programs import BACKFILL, TOKEN, Engine, declared, run

ORDERS: BackfillArgsDict = {
    "project_env": "PROD",
    "root_node_id": 74324,
    "start_biz_date": "2026-05-01",
    "end_biz_date": "2026-05-31",
}
PLAIN = pulumi.ResourceOptions()


class Token:
    """A launch token whose check ends when the test says so."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.check: asyncio.Future[Any] = loop.create_future()
        known: asyncio.Future[bool] = loop.create_future()
        known.set_result(True)
        self.generations: pulumi.Output[Any] = pulumi.Output(set(), self.check, known)


def launches(gate: Gate, *tokens: Token) -> list[asyncio.Future[Any]]:
    """What each launch waits for."""
    return [asyncio.ensure_future(gate.behind(token.generations).future()) for token in tokens]


async def turns() -> None:
    """Lets everything run that can."""
    for _ in range(50):
        await asyncio.sleep(0)


async def opened(*futures: asyncio.Future[Any]) -> list[bool]:
    await turns()
    return [future.done() for future in futures]


def on_a_loop(scenario: Callable[[], Any]) -> None:
    asyncio.run(scenario())


# ---- One gate ---------------------------------------------------------------------------------


def test_nobody_passes_before_the_last_token_is_checked() -> None:
    async def scenario() -> None:
        gate, tokens = Gate.of_this_run(), [Token() for _ in range(3)]
        for number, token in enumerate(tokens):
            gate.wait_for(str(number), token.generations, {}, PLAIN)
        waiting = launches(gate, *tokens)

        for number, token in enumerate(tokens):
            assert await opened(*waiting) == [False] * 3
            token.check.set_result([number])

        assert await opened(*waiting) == [True] * 3
        assert [future.result() for future in waiting] == [[0], [1], [2]]

    on_a_loop(scenario)


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 0, 2]])
def test_where_one_fails_nobody_passes(order: list[int]) -> None:
    async def scenario() -> None:
        gate, tokens = Gate.of_this_run(), [Token() for _ in range(3)]
        for number, token in enumerate(tokens):
            gate.wait_for(str(number), token.generations, {}, PLAIN)
        waiting = launches(gate, *tokens)

        for number in order:
            if number == 1:
                tokens[number].check.set_exception(RuntimeError("1 is refused"))
            else:
                tokens[number].check.set_result([number])

        await turns()
        for future in waiting:
            with pytest.raises(RuntimeError, match="1 is refused"):
                future.result()

    on_a_loop(scenario)


def test_a_token_that_comes_before_the_gate_opens_is_waited_for_too() -> None:
    async def scenario() -> None:
        gate, first, second = Gate.of_this_run(), Token(), Token()
        gate.wait_for("first", first.generations, {}, PLAIN)
        waiting = launches(gate, first)
        gate.wait_for("second", second.generations, {}, PLAIN)
        first.check.set_result([])

        assert await opened(*waiting) == [False]
        second.check.set_result([])
        assert await opened(*waiting) == [True]

    on_a_loop(scenario)


def test_a_gate_that_never_opens_ends_with_the_names_of_those_it_waits_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gates, "LONGEST_WAIT", 0.01)

    async def scenario() -> None:
        gate, stuck, checked = Gate.of_this_run(), Token(), Token()
        gate.wait_for("stuck", stuck.generations, {}, PLAIN)
        gate.wait_for("checked", checked.generations, {}, PLAIN)
        checked.check.set_result([])

        with pytest.raises(DeclarationError, match=r"no launch was made.*: stuck$"):
            await launches(gate, checked)[0]

    on_a_loop(scenario)


def test_each_token_is_waited_for_once_however_many_launches_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A wait of each launch for each token took longer than the launches, from 100 on."""
    waits: list[object] = []
    known = gates._known

    async def counted(output: pulumi.Output[Any]) -> None:
        waits.append(output)
        await known(output)

    monkeypatch.setattr(gates, "_known", counted)

    async def scenario() -> None:
        gate, tokens = Gate.of_this_run(), [Token() for _ in range(20)]
        for number, token in enumerate(tokens):
            gate.wait_for(str(number), token.generations, {}, PLAIN)
        waiting = launches(gate, *tokens)
        for token in tokens:
            token.check.set_result([])
            await turns()

        assert await opened(*waiting) == [True] * 20
        assert len(waits) == 20

    on_a_loop(scenario)


# ---- Who is waited for ------------------------------------------------------------------------


def test_a_token_that_waits_for_a_resource_is_not_waited_for() -> None:
    async def scenario() -> None:
        gate, free, bound = Gate.of_this_run(), Token(), Token()
        never: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        not_yet: pulumi.Output[str] = pulumi.Output(set(), never, never)
        gate.wait_for("free", free.generations, {}, PLAIN)
        gate.wait_for("bound", bound.generations, {"rootNodeId": not_yet}, PLAIN)
        waiting = launches(gate, free, bound)
        free.check.set_result([])

        assert await opened(*waiting) == [True, False]
        bound.check.set_result([])
        assert await opened(*waiting) == [True, True]
        never.cancel()

    on_a_loop(scenario)


def test_a_secret_that_the_program_has_at_hand_is_no_reason_not_to_wait() -> None:
    async def scenario() -> None:
        gate, plain, secret = Gate.of_this_run(), Token(), Token()
        params = pulumi.Output.secret({"74324": {"password": "s3cret"}}).apply(lambda known: known)
        gate.wait_for("plain", plain.generations, {}, PLAIN)
        gate.wait_for("secret", secret.generations, {"nodeParams": params}, PLAIN)
        waiting = launches(gate, plain)
        await turns()  # as the registration of the token takes
        plain.check.set_result([])

        assert await opened(*waiting) == [False]
        secret.check.set_result([])
        assert await opened(*waiting) == [True]

    on_a_loop(scenario)


# ---- Programs ---------------------------------------------------------------------------------


def failing(program: Callable[[], object], *names: str) -> Engine:
    engine = Engine(fails=names)
    with pytest.raises(Exception, match="is refused"):
        asyncio.run(run(program, engine))
    return engine


def test_one_bad_backfill_of_a_program_and_no_launch() -> None:
    engine = failing(lambda: [Backfill(f"b{n}", ORDERS) for n in range(9)], "b4-launch")

    assert engine.names(BACKFILL) == []


def test_a_program_that_fails_after_its_declarations_launches_nothing() -> None:
    def program() -> None:
        Backfill("orders", ORDERS)
        raise RuntimeError("the program is refused")

    assert failing(program).names(BACKFILL) == []


def test_a_chain_of_backfills_does_not_wait_for_itself() -> None:
    def program() -> None:
        first = Backfill("first", ORDERS)
        Backfill("second", {**ORDERS, "triggers": [first.node_ids]})
        third = Backfill("third", ORDERS, pulumi.ResourceOptions(depends_on=[first]))
        Backfill("child", ORDERS, pulumi.ResourceOptions(parent=third))

    engine = declared(program)

    assert sorted(engine.names(BACKFILL)) == ["child", "first", "second", "third"]


def test_a_lone_backfill_of_anothers_outputs_is_launched() -> None:
    def program() -> None:
        source = pulumi.CustomResource("my:source:Node", "source", {"nodeId": 74324})
        Backfill("orders", {**ORDERS, "root_node_id": source.id.apply(lambda _: 74324)})

    assert declared(program).names(BACKFILL) == ["orders"]


def test_what_a_program_left_open_is_nothing_to_the_next_one_of_its_process() -> None:
    failing(lambda: Backfill("orders", ORDERS), "orders-launch")

    engine = declared(lambda: Backfill("orders", ORDERS))

    assert engine.names(TOKEN) == ["orders-launch"]
    assert engine.names(BACKFILL) == ["orders"]


def test_gates_of_several_loops_open_each_for_itself() -> None:
    opened_by: dict[str, list[Any]] = {}
    both = threading.Barrier(2)

    async def scenario(name: str) -> None:
        gate, token = Gate.of_this_run(), Token()
        gate.wait_for("same name", token.generations, {}, PLAIN)
        waiting = launches(gate, token)
        await turns()
        both.wait(60)  # each has its gate, and waits
        if name == "bad":
            token.check.set_exception(RuntimeError("refused"))
        else:
            token.check.set_result([name])
        opened_by[name] = await asyncio.gather(*waiting, return_exceptions=True)

    threads = [threading.Thread(target=asyncio.run, args=[scenario(n)]) for n in ("good", "bad")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert opened_by["good"] == [["good"]]
    assert isinstance(opened_by["bad"][0], RuntimeError)


def test_a_gate_is_forgotten_with_the_run_that_it_belongs_to() -> None:
    seen: list[weakref.ref[Gate]] = []

    async def scenario() -> None:
        gate, token = Gate.of_this_run(), Token()
        assert Gate.of_this_run() is gate
        gate.wait_for("orders", token.generations, {}, PLAIN)
        token.check.set_result([])
        await launches(gate, token)[0]
        seen.append(weakref.ref(gate))

    on_a_loop(scenario)
    gc.collect()

    assert seen[0]() is None
