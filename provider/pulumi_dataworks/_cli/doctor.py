"""Check, before the first launch, all that a launch needs: what is well, what is not, what to do.

Looks at the settings, the credentials and where they came from, the clock, the endpoint, and the
right to see the root nodes. It reads, and launches nothing. The exit code is 1 where something
has to be done.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from .._api.credentials import find_credentials
from .._api.settings import Settings
from .._clock import utc_now
from .._declaration.plan import count_of
from .._declaration.versions import V2020
from .._exceptions import DataWorksError, NotSent
from .._preflight.catches import tell_nodes, tell_schedule
from .._run import Run
from .screen import show_json, show_table
from .stack import StackUnreadable, add_place_arguments, declared_backfills, read_config, read_state

WELL, NOTE, PROBLEM = "well", "note", "PROBLEM"
#: The gateway refuses a call whose time is further away.
_FURTHEST = timedelta(minutes=15)
_FAR = timedelta(minutes=1)
_EDITIONS = {V2020: "Enterprise or Ultimate"}


@dataclass(frozen=True)
class Finding:
    """What was looked at, whether it is well, and what to do where it is not."""

    what: str
    state: str
    seen: str
    todo: str = ""


@dataclass(frozen=True)
class Patient:
    """What is examined. ``roots`` are environments with the IDs of nodes."""

    config: Mapping[str, str] = field(default_factory=dict)
    roots: Sequence[tuple[str, str]] = ()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's own options."""
    add_place_arguments(parser)
    parser.add_argument(
        "--root",
        metavar="ID",
        action="append",
        default=[],
        help="a root node to look for; may be repeated. Default: those of the stack's backfills",
    )
    parser.add_argument("--env", choices=("PROD", "DEV"), default="PROD", help="default: PROD")
    parser.add_argument("--json", action="store_true", help="as JSON, for other programs")


def run(options: argparse.Namespace) -> int:
    """Shows one line for each finding."""
    stack, patient = _stack(options)
    found = [stack, *_findings(patient, options.env)]
    if options.json:
        show_json([asdict(one) for one in found])
    else:
        rows = [[one.state, one.what, one.seen] for one in found]
        show_table(("STATE", "WHAT", "SEEN"), rows)
        for one in found:
            if one.todo:
                print(f"\n{one.what}: {one.todo}")
    return int(any(one.state == PROBLEM for one in found))


def _stack(options: argparse.Namespace) -> tuple[Finding, Patient]:
    """Reads the stack. Without one, the environment alone says where and as whom."""
    roots = [(options.env, root) for root in options.root]
    try:
        config, declared = read_config(options), declared_backfills(read_state(options))
    except StackUnreadable as error:
        todo = (
            "run this where Pulumi.yaml is, or say --cwd and --stack. What follows holds for the "
            "environment alone"
        )
        return Finding("stack", PROBLEM, str(error), todo), Patient(roots=roots)
    places = [(one.outputs.get("projectEnv"), one.outputs.get("rootNodeId")) for one in declared]
    known = sorted({(str(where), str(root)) for where, root in places if where and root})
    seen = f"read, with {count_of(len(declared), 'backfill')}"
    return Finding("stack", WELL, seen), Patient(config, roots or known)


def _findings(patient: Patient, environment: str) -> Iterator[Finding]:
    run = Run(patient.config)
    try:
        settings = run.settings()
    except DataWorksError as error:
        yield Finding("settings", PROBLEM, str(error), "set what is named with pulumi config set")
        return
    yield _place(settings)
    reached = _server(settings)
    yield reached
    credentials = _credentials(patient.config)
    yield credentials
    if PROBLEM in (reached.state, credentials.state):
        return
    if not patient.roots:
        yield _workspace(run, settings, environment)
    for where, root in patient.roots:
        yield _root(run, where, root)
    yield _launching(settings)


def _place(settings: Settings) -> Finding:
    workspace = settings.project_id or "told by a node"
    seen = (
        f"region {settings.region or 'none'}, endpoint {settings.endpoint}, "
        f"API {settings.api_version}, workspace {workspace}"
    )
    return Finding("settings", WELL, seen)


def _server(settings: Settings) -> Finding:
    from .._api.server_clock import server_time  # loads HTTP: other commands do without

    try:
        told = server_time(settings)
    except NotSent as error:
        return Finding(
            "endpoint",
            PROBLEM,
            str(error),
            "is dataworks:region right, does the network let you out, is a proxy needed "
            "(HTTPS_PROXY)? A VPC has an endpoint of its own: dataworks:endpoint",
        )
    return _clock(told, utc_now())


def _clock(told: datetime | None, here: datetime) -> Finding:
    if told is None:
        return Finding("clock", NOTE, "the server answers, and does not tell its time")
    away = abs(here - told)
    seen = f"the server answers; its clock and this one are {away.total_seconds():.0f} s apart"
    if away <= _FAR:
        return Finding("clock", WELL, seen)
    state = PROBLEM if away > _FURTHEST else NOTE
    return Finding("clock", state, seen, "set this machine's clock: over 15 minutes are refused")


def _credentials(config: Mapping[str, str]) -> Finding:
    try:
        found = find_credentials(config, os.environ)()
    except DataWorksError as error:
        return Finding("credentials", PROBLEM, str(error), "give them in one of these places")
    key = found.access_key_id
    shown = f"...{key[-4:]}" if len(key) > 8 else "a short one"
    kind = "temporary" if found.security_token else "lasting"
    return Finding("credentials", WELL, f"from {found.source}; {kind}, access key {shown}")


def _workspace(run: Run, settings: Settings, environment: str) -> Finding:
    if settings.project_id is None:
        return Finding(
            "workspace",
            NOTE,
            "not looked at: nothing says which",
            "set dataworks:projectId, or name a root node with --root",
        )
    where = f"{environment} of workspace {settings.project_id}"
    try:
        nodes = run.workspace().nodes(environment, settings.project_id)
    except DataWorksError as error:
        return _refused("workspace", error)
    if not nodes:
        todo = "is dataworks:projectId the right workspace, and is anything deployed there?"
        return Finding("workspace", PROBLEM, f"no nodes are seen in {where}", todo)
    return Finding(
        "workspace", WELL, f"{len(nodes)} nodes are seen in {where}", "name a root with --root ID"
    )


def _root(run: Run, environment: str, root: str) -> Finding:
    what = f"root {root}"
    try:
        node = run.workspace().node(environment, root)
    except DataWorksError as error:
        return _refused(what, error)
    if node is None:
        return Finding(
            what,
            PROBLEM,
            f"{environment} has no such node, or it may not be seen",
            "find it by its name: pulumi-dataworks nodes NAME; a node counts once it is deployed",
        )
    seen = f"{tell_nodes([node])} in {environment}, owner {node.owner}, {tell_schedule(node)}"
    if node.kind == "PAUSE":
        return Finding(what, PROBLEM, f"{seen}; paused", "its instances would fail: resume it")
    if node.kind != "NORMAL":
        return Finding(what, NOTE, f"{seen}; {node.kind}", "it is dry-run: SUCCESS without running")
    return Finding(what, WELL, seen)


def _refused(what: str, error: DataWorksError) -> Finding:
    return Finding(
        what,
        PROBLEM,
        str(error),
        "the account must be a member of the workspace, with the right to read it (RAM action "
        "dataworks:*); Forbidden.Access may also mean that the edition is too low",
    )


def _launching(settings: Settings) -> Finding:
    """What no read can tell. To launch in order to know is not a doctor's way."""
    edition = _EDITIONS.get(settings.api_version, "Basic")
    return Finding(
        "launching",
        NOTE,
        "reads do not tell the edition, nor the right to run",
        f"API {settings.api_version} needs edition {edition}; the account needs the right to "
        "operate (O&M) every node that runs: one in the middle that it may not touch is dry-run "
        "without a word",
    )
