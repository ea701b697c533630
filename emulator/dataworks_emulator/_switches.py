"""What the documents leave open, or what an account's edition decides: switches.

Every default is the harder case for a client, or the one that the documents show.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

DataShape = Literal[
    "list", "scalar", "string", "strings", "wrapped", "missing", "null", "empty", "absurd"
]


class Switches(BaseModel):
    """The switches, by their names on the admin API in camelCase."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True
    )

    data_shape: DataShape = "list"
    """The form of RunCycleDagNodes' ``Data``; "scalar" and "string" hold the first ID alone."""

    huge_ids: bool = False
    """New IDs lie above 2^53, where a double loses digits."""

    business_errors: Literal["reply", "gateway"] = "reply"
    """Business errors as HTTP 200 with Success false, or as HTTP 4xx of the gateway."""

    placeholder_errors: bool = False
    """Success true beside a filled ErrorCode, as the samples of the documents show."""

    enum_suffixes: Literal["none", "taskType", "all"] = "taskType"
    """Which words carry their number, as in NORMAL(0). The samples show it at TaskType alone."""

    unrelated_nodes: Literal["refuse", "accept"] = "refuse"
    """What a launch does with a node that is not below its root."""

    visibility_delay: float | Literal["release"] = 0.0
    """Seconds (of the emulator's clock) until a launch's instances can be listed; "release" hides
    them until the admin API reveals them."""

    creation_delay: float = Field(default=0.0, ge=0)
    """Seconds (of the emulator's clock) that CreateWorkflowInstances works on in the background."""

    creation_errors: Literal["result", "gateway"] = "result"
    """Where CreateWorkflowInstances tells of nodes that it can't run: in its result, as
    CreateFailure, or at once as HTTP 4xx."""

    edition: Literal["Basic", "Standard", "Professional", "Enterprise", "Ultimate"] = "Enterprise"
    """Below Enterprise, RunCycleDagNodes answers 403 Forbidden.Access."""

    read_qps: float | None = Field(default=None, gt=0)
    """Reads allowed in a second of real time; more get 429 Throttling.User."""

    write_qps: float | None = Field(default=None, gt=0)
    """Writes allowed in a second of real time."""

    daily_calls: int | None = Field(default=None, ge=0)
    """Calls allowed in 24 hours; more get 429 Throttling.Api.Risk."""

    retry_after: int | None = Field(default=None, gt=0)
    """Milliseconds that the header x-acs-retry-after of these 429 names; none without it."""
