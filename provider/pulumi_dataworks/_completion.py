"""The resource that waits for backfills."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import pulumi
from pulumi.dynamic import Resource

from ._api.settings import parse_duration
from ._declaration.completions import normalize_wait
from ._exceptions import DeclarationError
from ._launch.generations import LOOKED_UP_BY, Generation
from ._lifecycle.completions import COMPUTED
from ._program.gate import Gate
from ._resources import Backfill
from .providers import BackfillCompletionProvider

_OF_LAUNCH = ("token", "launchName", "born", "endpoint", "runs", "apiVersion")


class BackfillCompletion(Resource, module="dataworks", name="BackfillCompletion"):
    """Waits until backfills have ended.

    ::

        done = dataworks.BackfillCompletion("may-done", backfills=[orders, parcels], timeout="6h")

    One waits for any number of backfills. It launches nothing, whatever happens: interrupted,
    killed, timed out or failed, the next `pulumi up` goes on waiting. Once it has succeeded, a
    further `up` makes no call. A change of ``backfills`` waits anew; other changes are recorded.

    :param backfills: what to wait for: one or many.
    :param timeout: how long, such as ``6h``; default ``24h``. The option ``custom_timeouts`` counts
        as well: the shorter one holds.
    :param poll_interval: how often to ask; default: adapted, quick at first, then slower, and
        never more than half of the calls that ``dataworks:maxQps`` allows.
    :param warn_after: an instance that waits so long for a resource or its time is warned of;
        default ``30m``.
    :param on_failure: ``fail`` (default), or ``warn``: the wait ends well, with the failure among
        its outputs.
    :param rerun_failed: how often a failed instance is restarted, 0 (default) to 10. Never the
        backfill.
    :raises DeclarationError: inputs that no engine needs to be asked about.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        backfills: Backfill | Sequence[Backfill] | Mapping[str, Backfill],
        timeout: pulumi.Input[str] | None = None,
        poll_interval: pulumi.Input[str] | None = None,
        warn_after: pulumi.Input[str] | None = None,
        on_failure: pulumi.Input[str] | None = None,
        rerun_failed: pulumi.Input[int] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        options = pulumi.ResourceOptions.merge(opts, None)
        waited_for = _backfills(resource_name, backfills)
        how = {
            "timeout": _shorter(resource_name, timeout, options.custom_timeouts),
            "pollInterval": poll_interval,
            "warnAfter": warn_after,
            "onFailure": on_failure,
            "rerunFailed": rerun_failed,
        }
        _refuse_what_is_wrong(resource_name, how)
        targets = pulumi.Output.all(*(_target(one) for one in waited_for))
        props = {
            **how,
            "backfills": [one.id for one in waited_for],
            "targets": Gate.of_this_run().after_launches(targets),
            **dict.fromkeys(COMPUTED),
        }
        super().__init__(
            BackfillCompletionProvider(), resource_name, props, _options(options, waited_for)
        )

    @property
    def final_status(self) -> pulumi.Output[str]:
        """How they ended together: SUCCESS, FAILURE or EXPIRED, the worst of them."""
        return _output(self, "finalStatus")

    @property
    def backfill_statuses(self) -> pulumi.Output[dict[str, str]]:
        """How each ended, by the ID of its resource."""
        return _output(self, "backfillStatuses")

    @property
    def dates_by_status(self) -> pulumi.Output[dict[str, int]]:
        """The number of business dates by status, of all backfills."""
        return _output(self, "datesByStatus")

    @property
    def instances_by_status(self) -> pulumi.Output[dict[str, int]]:
        """The number of instances by status, of those dates whose instances were listed.

        Many dates are not: to list them all would cost a call for each.
        """
        return _output(self, "instancesByStatus")

    @property
    def started_at(self) -> pulumi.Output[str | None]:
        """When the first date began: ISO 8601, UTC."""
        return _output(self, "startedAt")

    @property
    def finished_at(self) -> pulumi.Output[str | None]:
        """When the last date ended: ISO 8601, UTC."""
        return _output(self, "finishedAt")

    @property
    def duration_seconds(self) -> pulumi.Output[float | None]:
        """The seconds between the two."""
        return _output(self, "durationSeconds")

    @property
    def failed_instances(self) -> pulumi.Output[list[dict[str, Any]]]:
        """The instances that failed: backfill, instance, node, business date, when."""
        return _output(self, "failedInstances")


def _output(resource: Resource, name: str) -> pulumi.Output[Any]:
    return cast("pulumi.Output[Any]", resource.__dict__[name])


def _target(backfill: Backfill) -> pulumi.Output[dict[str, Any]]:
    properties = backfill.__dict__
    found_by = {key: properties[key] for key in LOOKED_UP_BY if key in properties}
    launch = pulumi.Output.all(launch=properties["launch"], **found_by).apply(_launch)
    return pulumi.Output.all(
        id=backfill.id,
        launch=launch,
        nodeIds=backfill.node_ids,
        nodeParams=_if_secret(properties.get("nodeParams")),
    )


def _launch(properties: Mapping[str, Any]) -> dict[str, Any]:
    state = Generation.of_backfill(properties).to_state()
    return {key: state[key] for key in _OF_LAUNCH if key in state}


def _if_secret(node_params: pulumi.Output[Any] | None) -> pulumi.Output[Any] | None:
    """Secret parameters are passed on, as secrets, so that they can be hidden in logs."""
    if node_params is None:
        return None
    secret: pulumi.Output[bool] = pulumi.Output.from_input(cast("Any", node_params.is_secret()))
    both = pulumi.Output.all(node_params, secret)
    return both.apply(lambda known: known[0] if known[1] else None)


def _backfills(resource_name: str, given: Any) -> list[Backfill]:
    if isinstance(given, Backfill):
        given = [given]
    found = list(given.values() if isinstance(given, Mapping) else given or ())
    if not found or not all(isinstance(one, Backfill) for one in found):
        raise DeclarationError(
            f"completion {resource_name!r}: backfills must be one or many Backfill resources"
        )
    return found


def _refuse_what_is_wrong(resource_name: str, how: Mapping[str, Any]) -> None:
    known = {key: value for key, value in how.items() if not isinstance(value, pulumi.Output)}
    problems = normalize_wait(known).problems
    if problems:
        lines = "\n".join(f"  - {one.property} {one.reason}" for one in problems)
        raise DeclarationError(f"completion {resource_name!r} is declared wrongly:\n{lines}")


def _shorter(resource_name: str, timeout: Any, custom: pulumi.CustomTimeouts | None) -> Any:
    """Gives the timeout that holds: the SDK's provider never sees the option of that name."""
    option = getattr(custom, "create", None)
    if option is None or timeout is None:
        return option or timeout
    if isinstance(timeout, pulumi.Output):
        return timeout.apply(lambda known: _shorter(resource_name, known, custom))
    try:
        return min(timeout, option, key=parse_duration)
    except (ValueError, AttributeError):
        return timeout  # what is wrong with it is told with all else


def _options(
    options: pulumi.ResourceOptions, backfills: Sequence[Backfill]
) -> pulumi.ResourceOptions:
    """A wait asks where its backfills were launched: it takes over a provider of their own."""
    if options.provider is None:
        options.provider = getattr(backfills[0], "_provider", None)
    if hasattr(options, "hide_diffs"):
        options.hide_diffs = [*(options.hide_diffs or ()), "targets"]
    return options
