"""The admin side: what tests and people do to the emulator, and what they may look at.

The same methods serve the HTTP routes under ``/__admin__/`` and the class Emulator. Answers are
plain values, as JSON has them; names are in camelCase.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from pydantic.alias_generators import to_snake

from ._board import board
from ._clock import Clock
from ._faults import Faults, Holds, Rule
from ._gateway import Gateway
from ._service import Service
from ._store import Row
from ._switches import Switches
from ._workspace import Behaviour

Json = dict[str, Any]
_STARTED = "SELECT DISTINCT op_seq FROM changes WHERE kind = 'start'"


class Admin:
    """Looks at a service and changes how it behaves. Any thread may use it."""

    def __init__(self, service: Service, gateway: Gateway, faults: Faults, holds: Holds) -> None:
        self._service = service
        self._store = service.store
        self._gateway = gateway
        self._faults = faults
        self._holds = holds
        self.workspace_file = ""

    def health(self) -> Json:
        """Which process serves which workspace from which database."""
        return {
            "database": self._store.path,
            "workspace": self.workspace_file,
            "pid": os.getpid(),
            "projectId": self._service.workspace.project.id,
        }

    def launches(self) -> list[Json]:
        """Every launch ever made, purged ones too, oldest first.

        ``parked`` says that nobody has started it, so that nothing of it has run.
        """
        dag_ids: dict[int, list[int]] = {}
        for row in self._store.rows("SELECT op_seq, dag_id FROM dags ORDER BY dag_id"):
            dag_ids.setdefault(row["op_seq"], []).append(row["dag_id"])
        now = self._service.clock.now()
        started = {row["op_seq"] for row in self._store.rows(_STARTED)}
        return [
            {
                "opSeq": row["op_seq"],
                "name": row["name"],
                "projectEnv": row["project_env"],
                "dagIds": dag_ids.get(row["op_seq"], []),
                "createTime": row["created"],
                "createUser": row["create_user"],
                "requestId": row["request_id"],
                "parameters": json.loads(row["parameters"]),
                "parked": row["op_seq"] not in started and _was_parked(row),
                "visible": row["visible"] is not None and row["visible"] <= now,
                "purged": bool(row["purged"]),
            }
            for row in self._store.rows("SELECT * FROM launches ORDER BY op_seq, created")
        ]

    def board(self) -> Json:
        """The newest backfills as matrices of nodes by dates, as the page shows them."""
        return board(self._service)

    def requests(self) -> list[Json]:
        """Every call, oldest first; ``status`` is None while it is open, or if none was sent."""
        return [
            {
                "requestId": row["request_id"],
                "time": _iso(row["time"]),
                "action": row["action"],
                "version": row["version"],
                "accessKeyId": row["access_key_id"],
                "parameters": json.loads(row["parameters"]),
                "status": row["status"],
                "code": row["code"],
                "fault": row["fault"],
            }
            for row in self._store.rows("SELECT * FROM requests ORDER BY seq")
        ]

    def clear_requests(self) -> int:
        """Empties the log of calls; returns how many it held."""
        return self._store.write("DELETE FROM requests")

    def reset(self) -> Json:
        """Forgets launches, calls, rules, switches and the clock's settings."""
        self._holds.release()
        self._store.clear()
        self._service.progress.forget()
        self._gateway.quotas.forget()
        self._service.clock.state = Clock(self._service.clock.wall).state
        self._service.restore()
        return self.health()

    def switches(self) -> Json:
        """All switches."""
        return self._service.switches.model_dump(by_alias=True)

    def set_switches(self, values: Mapping[str, object]) -> Json:
        """Changes the switches that are named, in camelCase or snake_case; returns all."""
        current = self._service.switches.model_dump()
        changed = Switches.model_validate(dict(values)).model_dump(exclude_unset=True)
        self._service.set_switches(Switches.model_validate({**current, **changed}))
        return self.switches()

    def faults(self) -> list[Json]:
        """All rules, with ``id``, ``seen`` and ``applied``."""
        return self._faults.listed()

    def add_fault(self, rule: Mapping[str, object]) -> int:
        """Adds a rule; returns its ID."""
        return self._faults.add(Rule.model_validate(dict(rule)))

    def clear_faults(self, rule_id: int | None = None) -> int:
        """Removes one rule, or all; returns how many."""
        return self._faults.remove(rule_id)

    def holds(self) -> list[Json]:
        """The calls that are held now."""
        return self._holds.listed()

    def release(self, hold: int | None = None) -> int:
        """Lets one held call go on, or all; returns how many."""
        return self._holds.release(hold)

    def reveal(self, op_seq: int | None = None) -> int:
        """Makes the instances of one launch visible, or of all; returns of how many launches."""
        now = self._service.clock.now()
        sql = "UPDATE launches SET visible = ? WHERE (visible IS NULL OR visible > ?)"
        return self._of_launch(sql, [now, now], op_seq)

    def purge(self, op_seq: int | None = None) -> int:
        """Purges the history of one launch, or of all; returns of how many launches."""
        return self._of_launch("UPDATE launches SET purged = 1 WHERE purged = 0", [], op_seq)

    def _of_launch(self, sql: str, values: list[int], op_seq: int | None) -> int:
        if op_seq is None:
            return self._store.write(sql, values)
        return self._store.write(f"{sql} AND op_seq = ?", [*values, op_seq])

    def clock(self) -> Json:
        """The clock: ``now`` in milliseconds since 1970 UTC, its scale, whether it is frozen."""
        now, scale = self._service.clock.now(), self._service.clock.state.scale
        return {"now": now, "time": _iso(now / 1000), "scale": scale, "frozen": scale == 0}

    def set_clock(self, *, scale: float | None = None, step: float | None = None) -> Json:
        """Sets the scale (0 freezes), steps forward by so many seconds, or both."""
        if scale is not None:
            self._service.clock.scale(scale)
        if step is not None:
            self._service.clock.step(step)
        self._service.save_clock()
        return self.clock()

    def node(self, node_id: int) -> Json:
        """How a node behaves now."""
        return self._behaviour(node_id).model_dump(mode="json", by_alias=True)

    def set_node(self, node_id: int, **changes: object) -> Json:
        """Changes how a node behaves from now on; what is not named stays as it is."""
        current = self._behaviour(node_id).model_dump(mode="json")
        changed = {to_snake(key): value for key, value in changes.items()}
        behaviour = Behaviour.model_validate_json(json.dumps({**current, **changed}))
        self._service.progress.behave(node_id, behaviour)
        return self.node(node_id)

    def _behaviour(self, node_id: int) -> Behaviour:
        behaviours = self._service.progress.behaviours()
        if node_id not in behaviours:
            raise ValueError(f"no node {node_id} in the workspace file")
        return behaviours[node_id]


def _was_parked(launch: Row) -> bool:
    return bool(json.loads(launch["plan"]).get("parked"))


def _iso(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
