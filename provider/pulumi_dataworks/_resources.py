"""The resources that a program declares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast, overload

import pulumi
from pulumi.dynamic import Resource
from pydantic.alias_generators import to_snake
from typing_extensions import Unpack

from ._declaration.arguments import BackfillArgs, BackfillArgsDict
from ._declaration.inputs import ALL, INPUTS
from ._declaration.values import to_input
from ._exceptions import DeclarationError
from ._launch.generations import safe_prefix
from ._program.gate import Gate
from ._program.options import backfill_options, in_camel_case, token_options
from .providers import BackfillProvider, LaunchTokenProvider

_COMPUTED = (
    "nodeIds",
    "requestId",
    "launchName",
    "launchedAt",
    "consoleUrl",
    "lastSeenStatus",
    "statusByDate",
)


class LaunchToken(Resource, module="dataworks", name="LaunchToken"):
    """What a launch is recognised by; made by `Backfill`, and saved before it launches."""

    def __init__(self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions) -> None:
        super().__init__(LaunchTokenProvider(), name, {**inputs, "generations": None}, opts)

    @property
    def generations(self) -> pulumi.Output[Any]:
        """The launches that it stands for, oldest first, the current one last."""
        return _output(self, "generations")


class Backfill(Resource, module="dataworks", name="Backfill"):
    """A backfill of DataWorks: nodes of a workspace run for a range of business dates, once.

    ::

        may = dataworks.Backfill(
            "orders-may",
            project_env="PROD",
            root_node_id=74324,
            include_node_ids=[74324, 74325],
            start_biz_date="2026-05-01",
            end_biz_date="2026-05-31",
        )
        pulumi.export("node_ids", may.node_ids)

    Creating it calls RunCycleDagNodes (DataWorks API, version 2020-05-18; of 2024-05-18 it is
    CreateWorkflowInstances, and StartWorkflowInstances) at most once, and returns
    as soon as the backfill is launched. Bad inputs are refused in the preview, all at once.

    :raises DeclarationError: inputs that no engine needs to be asked about.
    """

    @overload
    def __init__(
        self,
        resource_name: str,
        args: BackfillArgs | BackfillArgsDict,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None: ...

    @overload
    def __init__(
        self,
        resource_name: str,
        *,
        opts: pulumi.ResourceOptions | None = None,
        **inputs: Unpack[BackfillArgsDict],
    ) -> None: ...

    def __init__(
        self,
        resource_name: str,
        args: BackfillArgs | Mapping[str, Any] | None = None,
        opts: pulumi.ResourceOptions | None = None,
        **inputs: Any,
    ) -> None:
        options = pulumi.ResourceOptions.merge(opts, None)
        _refuse_import(resource_name, options)
        declared = _declared(resource_name, [*_items(resource_name, args), *inputs.items()])
        trigger = getattr(options, "replacement_trigger", None)
        if trigger is not None:
            declared["replacementTrigger"] = to_input("triggers", trigger)
        in_camel_case(options, _CAMEL_CASE)

        gate = Gate.of_this_run()
        gate.claim_name(resource_name, declared.get("name"))
        naming = {} if "name" in declared else {"namePrefix": safe_prefix(resource_name)}
        token = LaunchToken(
            f"{resource_name}-launch", {**naming, **declared}, token_options(options)
        )
        gate.wait_for(resource_name, token.generations, declared, options)
        props = {
            "includeNodeIds": None,  # has a default that the provider knows, and waits ask for
            **declared,
            "launch": gate.behind(token.generations),
            "plan": None,
            **dict.fromkeys(_COMPUTED),
        }
        super().__init__(BackfillProvider(), resource_name, props, backfill_options(options))
        gate.launches(resource_name, self.id)

    @property
    def node_ids(self) -> pulumi.Output[list[str]]:
        """The reply's ``Data``: the IDs of the backfill's DAGs, one per business date, sorted."""
        return _output(self, "nodeIds")

    @property
    def dag_ids(self) -> pulumi.Output[list[str]]:
        """The same as ``node_ids``, by the name of newer documents."""
        return self.node_ids

    @property
    def request_id(self) -> pulumi.Output[str | None]:
        """The ID of the launching call, for Alibaba's support; None where it was taken over."""
        return _output(self, "requestId")

    @property
    def launch_name(self) -> pulumi.Output[str]:
        """The backfill's Name, by which it is found in the Operation Center."""
        return _output(self, "launchName")

    @property
    def launched_at(self) -> pulumi.Output[str]:
        """When it was launched: ISO 8601, UTC."""
        return _output(self, "launchedAt")

    @property
    def console_url(self) -> pulumi.Output[str]:
        """The page of the Operation Center where the backfill is found by its Name."""
        return _output(self, "consoleUrl")

    @property
    def last_seen_status(self) -> pulumi.Output[str]:
        """How it was when last read: CREATED, RUNNING, SUCCESS, FAILURE, EXPIRED or UNKNOWN."""
        return _output(self, "lastSeenStatus")

    @property
    def status_by_date(self) -> pulumi.Output[dict[str, str]]:
        """How each business date was when last read, by ``YYYY-MM-DD``."""
        return _output(self, "statusByDate")

    @property
    def plan(self) -> pulumi.Output[dict[str, Any]]:
        """What the declaration means: business dates, days they are scheduled on, nodes."""
        return _output(self, "plan")


def _output(resource: Resource, name: str) -> pulumi.Output[Any]:
    return cast("pulumi.Output[Any]", resource.__dict__[name])


_SNAKE_CASE = {key: to_snake(key) for key in ALL}


_CAMEL_CASE = {
    **{snake: camel for camel, snake in _SNAKE_CASE.items()},
    **{to_snake(camel): camel for camel in _COMPUTED},
    "dag_ids": "nodeIds",
}


def _items(
    resource_name: str, args: BackfillArgs | Mapping[str, Any] | None
) -> Iterable[tuple[str, Any]]:
    if args is None:
        return ()
    if isinstance(args, BackfillArgs):
        return vars(args).items()
    if isinstance(args, Mapping):
        return args.items()
    raise DeclarationError(
        f"backfill {resource_name!r}: args must be BackfillArgs or a dict; got a "
        f"{type(args).__name__}. Options are given as opts="
    )


def _declared(resource_name: str, given: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Gives the inputs that are set, by their names on the wire; both spellings are taken."""
    declared: dict[str, Any] = {}
    unknown: list[str] = []
    for key, value in given:
        name = _CAMEL_CASE.get(key, key)
        if name not in INPUTS:
            unknown.append(str(key))
        elif value is None:
            continue
        elif name in declared:
            raise DeclarationError(f"backfill {resource_name!r}: {name} is given twice")
        else:
            declared[name] = to_input(name, value)
    if unknown:
        accepted = ", ".join(_SNAKE_CASE[key] for key in INPUTS)
        raise DeclarationError(
            f"backfill {resource_name!r}: unknown inputs {', '.join(unknown)}; accepted are "
            f"{accepted}"
        )
    return declared


def _refuse_import(resource_name: str, options: pulumi.ResourceOptions) -> None:
    if options.id is not None or options.import_ is not None:
        raise DeclarationError(
            f"backfill {resource_name!r}: a dynamic resource can't be imported. To take over a "
            "backfill that was launched elsewhere, declare it with adopt_dag_id"
        )
