"""Reads the workspace for all declarations of a process: each thing once, and few of them.

The API may be out of reach. Then nobody waits for it twice: what could not be read is `Unread`
from there on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from .._api.backend import Instance, Neighbour, Node, Workspace
from .._declaration.plan import nodes_that_run
from .._exceptions import (
    CredentialsNotFound,
    DataWorksError,
    ServerFault,
    Throttled,
    TransportError,
)
from .lineage import Lineage, trace

_MOST_TRIES = 3
_PAUSE = 1.0
#: Of the backfills that ran a node before, the newest ones are told.
_MOST_NAMED = 3

T = TypeVar("T")


@dataclass(frozen=True)
class EarlierBackfill:
    """A backfill that ran a node of a declaration on some of its dates; ``created`` is UTC."""

    name: str
    created: datetime | None
    instances: Sequence[Instance]


@dataclass(frozen=True)
class Facts:
    """What was read for one declaration. None stands for what could not be read.

    ``nodes`` are those that the environment has, by ID. ``earlier`` is newest first.
    """

    project_id: str = ""
    nodes: Mapping[str, Node] | None = None
    lineage: Lineage | None = None
    earlier: Sequence[EarlierBackfill] | None = None


@dataclass
class Survey:
    """Reads for all declarations of a process. Threads share it, and take turns.

    :param workspace: gives the API; :param sleep: waits for so many seconds.
    """

    workspace: Callable[[], Workspace]
    sleep: Callable[[float], None]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _read: dict[tuple[str, ...], Any] = field(default_factory=dict)
    _unread: dict[str, str] = field(default_factory=dict)
    _told: set[str] = field(default_factory=set)
    _closed: str = ""

    def facts(self, inputs: Mapping[str, Any]) -> Facts:
        """Reads what there is to know of a declaration in normal form, all of it known."""
        with self._lock:
            return self._facts(inputs)

    def unread(self) -> dict[str, str]:
        """Says what could not be read so far, and why."""
        with self._lock:
            return {"the workspace": self._closed} if self._closed else dict(self._unread)

    def news(self) -> dict[str, str]:
        """Says what could not be read and has not been said yet."""
        unread = self.unread()
        with self._lock:
            news = {what: why for what, why in unread.items() if what not in self._told}
            self._told.update(news)
        return news

    def _facts(self, inputs: Mapping[str, Any]) -> Facts:
        environment, root = inputs["projectEnv"], inputs["rootNodeId"]
        running, dry = nodes_that_run(inputs), list(inputs.get("excludeNodeIds") or [])
        declared = [root, *running, *dry]
        found = self._ask("the nodes", lambda: self._nodes(environment, declared))
        if found is None:
            return Facts()
        project, nodes = found
        if len(nodes) < len(set(declared)):
            return Facts(project, nodes)
        return Facts(
            project,
            nodes,
            self._ask(
                "dependencies",
                lambda: trace(root, running, dry, lambda node: self._parents(environment, node)),
            ),
            self._ask("earlier backfills", lambda: self._earlier(project, inputs, running)),
        )

    def _ask(self, what: str, question: Callable[[], T]) -> T | None:
        if self._closed or what in self._unread:
            return None
        try:
            return question()
        except (TransportError, CredentialsNotFound, Throttled) as error:
            self._closed = str(error)
        except DataWorksError as error:
            self._unread[what] = str(error)
        return None

    def _nodes(self, environment: str, declared: Sequence[str]) -> tuple[str, dict[str, Node]]:
        """Gives the workspace's ID, and the declared nodes that there are."""
        project = self.workspace().project_id or self._project_of(environment, declared[0])
        if project is None:
            return "", {}
        listing = self._listing(environment, project)
        # A listing has the nodes of one workspace, and is cut where it is long.
        asked = {node: listing.get(node) or self._node(environment, node) for node in declared}
        return project, {node: one for node, one in asked.items() if one is not None}

    def _project_of(self, environment: str, root: str) -> str | None:
        for key, read in self._read.items():
            if key[:2] == ("nodes", environment) and root in read:
                return key[2]
        node = self._node(environment, root)
        return node.project_id if node else None

    def _listing(self, environment: str, project: str) -> dict[str, Node]:
        return self._once(
            ("nodes", environment, project),
            lambda: {one.id: one for one in self.workspace().nodes(environment, project)},
        )

    def _node(self, environment: str, node: str) -> Node | None:
        return self._once(
            ("node", environment, node), lambda: self.workspace().node(environment, node)
        )

    def _parents(self, environment: str, node: str) -> list[Neighbour]:
        return self._once(
            ("parents", environment, node), lambda: self.workspace().parents(environment, node)
        )

    def _earlier(
        self, project: str, inputs: Mapping[str, Any], running: Sequence[str]
    ) -> list[EarlierBackfill]:
        if not running:
            return []
        root, environment = inputs["rootNodeId"], inputs["projectEnv"]
        node = root if root in running else running[0]
        dates = (inputs["startBizDate"], inputs["endBizDate"])
        instances = self._once(
            ("backfilled", environment, node, *dates),
            lambda: self.workspace().backfilled(environment, project, node, *dates),
        )
        made: dict[datetime | None, list[Instance]] = {}
        for one in instances:
            if not one.task_type.startswith("SKIP"):
                made.setdefault(one.created, []).append(one)
        newest = list(made.items())[:_MOST_NAMED]
        return [
            EarlierBackfill(self._name(environment, ran[0].dag_id), created, ran)
            for created, ran in newest
        ]

    def _name(self, environment: str, dag_id: str) -> str:
        return self._once(
            ("name", environment, dag_id), lambda: self.workspace().name_of(environment, dag_id)
        )

    def _once(self, key: tuple[str, ...], read: Callable[[], T]) -> T:
        if key not in self._read:
            self._read[key] = self._patiently(read)
        answer: T = self._read[key]
        return answer

    def _patiently(self, read: Callable[[], T]) -> T:
        for attempt in range(1, _MOST_TRIES):
            try:
                return read()
            except (Throttled, ServerFault) as error:
                asked = error.retry_after if isinstance(error, Throttled) else None
                self.sleep(max(asked or 0.0, _PAUSE * attempt))
        return read()
