"""The generations of a launch token: one for each time that a backfill was to be launched.

A generation is minted, and saved by Pulumi, before its launch is sent. Its token is part of the
backfill's Name, by which a launch that got lost is found again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from .._declaration.inputs import LONGEST_PREFIX, RUN_AGAIN, WHAT_RUNS
from .._declaration.versions import V2020

#: DataWorks keeps instances, by which a launch is found, for about 30 days.
RETENTION = timedelta(days=30)
#: The version of the API of a generation that records none.
FIRST_VERSION = V2020
LOOKED_UP_BY = ("projectEnv", "includeNodeIds", "startBizDate", "endBizDate", "bizDates")


@dataclass(frozen=True)
class Generation:
    """One launch that is to be, or was, made.

    ``number`` counts from 1. ``token`` is random. ``launch_name`` is the Name that is sent.
    ``born`` is UTC. ``region`` and ``endpoint`` are where it was to be launched, ``api_version``
    with which version of the API. ``digest`` tells what it was minted for, and ``triggers`` for
    which triggers, by their names. ``runs`` holds what a look-up needs: environment, nodes, dates.
    """

    number: int
    token: str
    launch_name: str
    born: datetime
    region: str
    endpoint: str
    digest: str
    triggers: Mapping[str, str]
    runs: Mapping[str, Any]
    api_version: str = FIRST_VERSION

    @property
    def environment(self) -> str:
        """PROD or DEV."""
        return str(self.runs["projectEnv"])

    def to_state(self) -> dict[str, Any]:
        """Gives the form in which it stands in Pulumi's state."""
        version = {} if self.api_version == FIRST_VERSION else {"apiVersion": self.api_version}
        triggers = {"triggers": dict(self.triggers)} if self.triggers else {}
        return {
            "number": self.number,
            "token": self.token,
            "launchName": self.launch_name,
            "born": self.born.isoformat(),
            "region": self.region,
            "endpoint": self.endpoint,
            "digest": self.digest,
            **triggers,
            "runs": dict(self.runs),
            **version,
        }

    def to_backfill_state(self) -> dict[str, Any]:
        """Gives the form in which it stands beside the inputs that it was minted for.

        They tell what runs, the token counts, and the engine writes all of the state anew for each
        of its resources.
        """
        state = self.to_state()
        return {key: state[key] for key in state if key not in ("number", "runs")}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Generation:
        """Reads what `to_state` wrote."""
        return cls(
            number=int(state["number"]),
            token=str(state["token"]),
            launch_name=str(state["launchName"]),
            born=datetime.fromisoformat(str(state["born"])),
            region=str(state.get("region", "")),
            endpoint=str(state["endpoint"]),
            digest=str(state["digest"]),
            triggers=dict(state.get("triggers") or {}),
            runs=dict(state["runs"]),
            api_version=str(state.get("apiVersion") or FIRST_VERSION),
        )

    @classmethod
    def of_backfill(cls, properties: Mapping[str, Any]) -> Generation:
        """Reads the generation under ``launch`` of a backfill's inputs or outputs."""
        known = {"number": 0, "digest": "", "runs": looked_up_by(properties)}
        return cls.from_state({**known, **properties["launch"]})


def mint(
    inputs: Mapping[str, Any],
    number: int,
    region: str,
    endpoint: str,
    now: datetime,
    random_hex: Callable[[int], str],
    api_version: str = FIRST_VERSION,
) -> Generation:
    """Makes a new generation for inputs in their normal form.

    :param random_hex: gives twice as many hexadecimal digits as it is asked for bytes.
    """
    token = random_hex(6)
    return Generation(
        number=number,
        token=token,
        launch_name=str(inputs.get("name") or f"{inputs.get('namePrefix', 'pulumi')}_{token}"),
        born=now.replace(microsecond=0),
        region=region,
        endpoint=endpoint,
        digest=digest(inputs, token),
        triggers=trigger_digests(inputs, token),
        runs=looked_up_by(inputs),
        api_version=api_version,
    )


def safe_prefix(resource_name: str) -> str:
    """Makes a prefix for Name out of a resource's name.

    The API's character set is not documented: all but ASCII letters, digits and ``_`` become ``_``.
    """
    return re.sub(r"[^A-Za-z0-9_]", "_", resource_name)[:LONGEST_PREFIX]


def looked_up_by(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Picks the inputs by which a launch is found, beside its Name."""
    return {key: inputs[key] for key in LOOKED_UP_BY if inputs.get(key) is not None}


def what_runs(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Picks the inputs that define a launch. An absent one stays absent."""
    return {key: inputs[key] for key in WHAT_RUNS if inputs.get(key) is not None}


def runs_again(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Names the inputs whose change makes a new launch.

    A trigger runs again when its value changes; adding or removing it does not.
    """
    before, after = what_runs(old), what_runs(new)
    changed = [key for key in WHAT_RUNS if before.get(key) != after.get(key)]
    return [key for key in changed if key not in RUN_AGAIN or (key in before and key in after)]


def digest(inputs: Mapping[str, Any], token: str) -> str:
    """Tells what a generation was minted for, its triggers apart, salted with its token."""
    runs = {key: value for key, value in what_runs(inputs).items() if key not in RUN_AGAIN}
    return _hash(token, runs)


def trigger_digests(inputs: Mapping[str, Any], token: str) -> dict[str, str]:
    """Tells for which triggers a generation was minted."""
    given = what_runs(inputs)
    return {key: _hash(token, given[key]) for key in RUN_AGAIN if key in given}


def was_minted_for(generation: Generation, inputs: Mapping[str, Any]) -> bool:
    """Tells whether a generation is one for these inputs, in their normal form."""
    triggers = trigger_digests(inputs, generation.token)
    common = triggers.keys() & generation.triggers.keys()
    return digest(inputs, generation.token) == generation.digest and all(
        triggers[key] == generation.triggers[key] for key in common
    )


def _hash(token: str, value: Any) -> str:
    text = json.dumps([token, value], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
