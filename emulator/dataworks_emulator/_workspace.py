"""The workspace file: what stands in the workspace that the emulator serves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta, timezone
from functools import cached_property
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic.alias_generators import to_camel

from ._calendar import check_cron

ProjectEnv = Literal["PROD", "DEV"]
SchedulerType = Literal["NORMAL", "PAUSE", "SKIP"]
SAMPLE = Path(__file__).with_name("sample.yaml")
INT64 = 2**63 - 1


class _Model(BaseModel):
    """Keys are snake_case in the workspace file, camelCase on the admin API; both are read."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True
    )


class Failure(_Model):
    """When runs of a node fail: always, or on some business dates, or the first attempts only."""

    business_dates: tuple[date, ...] | None = None
    attempts: int | None = Field(default=None, ge=1)
    message: str = "FAILED: ODPS-0130131: Table not found"

    def applies(self, business_date: date, attempt: int) -> bool:
        """Says whether this attempt (the first is 1) of this business date fails."""
        if self.business_dates is not None and business_date not in self.business_dates:
            return False
        return self.attempts is None or attempt <= self.attempts


class Behaviour(_Model):
    """How a run of a node goes: seconds of the emulator's clock, and whether it fails."""

    seconds: float = Field(default=2.0, ge=0)
    queue_seconds: float = Field(default=0.3, ge=0)
    failure: Failure | None = None


class Node(_Model):
    """A scheduled node. ``cron`` has six fields, seconds first; it means the run's day, D+1.

    ``parents`` are the nodes of the same cycle that must succeed first.
    """

    id: int = Field(gt=0, le=INT64)
    name: str
    owner: str
    parents: tuple[int, ...] = ()
    cron: str = "00 00 00 * * ?"
    program_type: str = "ODPS_SQL"
    scheduler_type: SchedulerType = "NORMAL"
    environments: tuple[ProjectEnv, ...] = ("PROD", "DEV")
    business_flow: str
    priority: int = 1
    parameters: str = "bizdate=$bizdate"
    description: str = ""
    behaviour: Behaviour = Behaviour()

    @field_validator("cron")
    @classmethod
    def _cron_can_be_read(cls, value: str) -> str:
        check_cron(value)
        return value


class AccessKey(_Model):
    """A key that may call, of the account with the UID ``user``; with a token it is an STS key."""

    id: str
    secret: str = Field(repr=False)
    user: str
    security_token: str | None = Field(default=None, repr=False)
    active: bool = True


class Project(_Model):
    """The workspace itself. ``time_zone`` is an offset from UTC; business dates are local to it."""

    id: int = Field(gt=0)
    name: str
    region: str = "cn-shanghai"
    time_zone: str = Field(default="+08:00", pattern=r"^[+-]\d\d:[0-5]\d$")

    @cached_property
    def zone(self) -> timezone:
        """The time zone of business dates and schedules."""
        sign, hours, minutes = re.findall(r"[+-]|\d+", self.time_zone)
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(-offset if sign == "-" else offset)


class Workspace(_Model):
    """A workspace with its people, keys, business flows (name to ID) and nodes."""

    project: Project
    owners: dict[str, str]
    access_keys: tuple[AccessKey, ...]
    business_flows: dict[str, int]
    nodes: tuple[Node, ...]

    @model_validator(mode="after")
    def _references_exist(self) -> Workspace:
        ids = [node.id for node in self.nodes]
        if len(set(ids)) != len(ids):
            raise ValueError("two nodes have the same id")
        for node in self.nodes:
            for kind, known, used in (
                ("parent", ids, node.parents),
                ("owner", self.owners, (node.owner,)),
                ("business flow", self.business_flows, (node.business_flow,)),
            ):
                for name in used:
                    if name not in known:
                        raise ValueError(f"node {node.id}: unknown {kind} {name!r}")
        self._refuse_cycles()
        return self

    def _refuse_cycles(self) -> None:
        done: set[int] = set()
        while ready := [n for n in self.nodes if n.id not in done and done.issuperset(n.parents)]:
            done.update(node.id for node in ready)
        if stuck := sorted(node.id for node in self.nodes if node.id not in done):
            raise ValueError(f"nodes depend on one another in a circle: {stuck}")

    @cached_property
    def _by_id(self) -> dict[int, Node]:
        return {node.id: node for node in self.nodes}

    def node(self, node_id: int, project_env: str) -> Node | None:
        """Finds a node in one environment."""
        node = self._by_id.get(node_id)
        return node if node is not None and project_env in node.environments else None

    def nodes_in(self, project_env: str) -> Iterator[Node]:
        """All nodes of one environment, as they stand in the file."""
        return (node for node in self.nodes if project_env in node.environments)

    def parents(self, node: Node, project_env: str) -> list[Node]:
        """The direct parents that exist in this environment."""
        return [p for i in node.parents if (p := self.node(i, project_env)) is not None]

    def children(self, node: Node, project_env: str) -> list[Node]:
        """The direct children that exist in this environment."""
        return [child for child in self.nodes_in(project_env) if node.id in child.parents]

    def descendants(self, node: Node, project_env: str) -> set[int]:
        """The IDs of all nodes below a node, without itself."""
        found: set[int] = set()
        level = [node]
        while level:
            level = [
                child
                for parent in level
                for child in self.children(parent, project_env)
                if child.id not in found
            ]
            found.update(child.id for child in level)
        return found

    def access_key(self, key_id: str, security_token: str | None) -> AccessKey | None:
        """Finds a key; of keys with the same ID the one with this token comes first."""
        keys = [key for key in self.access_keys if key.id == key_id]
        keys.sort(key=lambda key: key.security_token != security_token)
        return keys[0] if keys else None


def load_workspace(path: Path | str | None = None) -> Workspace:
    """Reads a workspace file (YAML or JSON); without a path, the sample that is shipped."""
    with Path(path or SAMPLE).open(encoding="utf-8") as file:
        return Workspace.model_validate(yaml.load(file, Loader=_Loader))  # noqa: S506 - a SafeLoader


# The C loader reads the sample five times as fast, where PyYAML has it.
_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
