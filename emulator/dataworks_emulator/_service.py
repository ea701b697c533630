"""The parts that an operation works with, and the call that it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import _errors as errors
from ._clock import Clock, ClockState
from ._parameters import Form
from ._progress import Progress
from ._store import Store
from ._switches import DataShape, Switches
from ._workspace import AccessKey, Node, Workspace

ENVIRONMENTS = ("PROD", "DEV")


class Service:
    """A running DataWorks: its workspace, its memory, its clock and its switches."""

    def __init__(self, workspace: Workspace, store: Store, clock: Clock) -> None:
        self.workspace = workspace
        self.store = store
        self.clock = clock
        self.progress = Progress(store, clock, workspace)
        self.switches = Switches()
        self.restore()

    def restore(self) -> None:
        """Takes clock and switches from the database, if it holds them."""
        state, switches = self.store.meta("clock"), self.store.meta("switches")
        if isinstance(state, list):
            self.clock.state = ClockState(*state)
        self.switches = Switches.model_validate(switches or {})

    def set_switches(self, switches: Switches) -> None:
        """Changes the switches, for later starts too."""
        self.store.set_meta("switches", switches.model_dump(by_alias=True))
        self.switches = switches

    def save_clock(self) -> None:
        """Remembers the clock, for later starts."""
        state = self.clock.state
        self.store.set_meta("clock", [state.since, state.shown, state.scale])

    def node(self, node_id: int, project_env: str) -> Node:
        """A node, or the error that it is not there."""
        node = self.workspace.node(node_id, project_env)
        if node is None:
            raise errors.node_not_found(node_id, project_env)
        return node

    def check_project(self, project_id: int) -> None:
        """Refuses another workspace."""
        if project_id != self.workspace.project.id:
            raise errors.project_not_found(project_id)


@dataclass(frozen=True)
class Call:
    """One authenticated call. ``data_shape`` overrides the switch for this reply."""

    service: Service
    action: str
    form: Form
    request_id: str
    key: AccessKey
    data_shape: DataShape | None = None

    def project_env(self) -> str:
        """The environment, which nearly every operation requires."""
        return self.form.required_choice("ProjectEnv", ENVIRONMENTS)


Body = dict[str, Any]


@dataclass(frozen=True)
class Operation:
    """How an action is answered. ``handler`` gives the body without its envelope.

    ``writes`` decides which rate counts it; ``editions`` whether it needs Enterprise.
    """

    handler: Callable[[Call], Body]
    writes: bool = False
    needs_enterprise: bool = False
