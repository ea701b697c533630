"""A model of Pulumi's engine, for one backfill and its launch token: what it calls, and saves when.

As seen on the real engine: the token is saved before the backfill; a replacement is created before
the old one is deleted; a `create` that fails or dies leaves nothing; a destroy has no program.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from pulumi_dataworks._exceptions import DataWorksError
from pulumi_dataworks.providers import BackfillProvider, LaunchTokenProvider

Props = dict[str, Any]


class Killed(BaseException):
    """The engine, and perhaps the provider's process with it, was killed."""


class Plugin(Protocol):
    """A provider process, and how the engine calls it."""

    tokens: LaunchTokenProvider
    backfills: BackfillProvider

    def call(self, method: Callable[..., Any], *arguments: Any) -> Any: ...


class Host(Protocol):
    """The machine that the engine runs on, and its user, who is ``told`` things.

    ``error_hook`` has a `create` that failed called again, once. ``recorded`` gathers the IDs that
    were ever in the state.
    """

    told: list[str]
    recorded: set[str]

    @property
    def error_hook(self) -> bool: ...

    def start_plugin(self) -> Plugin: ...

    def may_die(self) -> None:
        """Raises `Killed` where it does."""


@dataclass
class Resource:
    """A resource of the state."""

    id: str
    inputs: Props
    outputs: Props


@dataclass
class Stack:
    """The saved state of a stack, and the commands that work at it."""

    host: Host
    token: Resource | None = None
    backfill: Resource | None = None
    replaced: list[Resource] = field(default_factory=list)

    def up(self, declared: Props) -> bool:
        """Runs `pulumi up`; tells whether it succeeded."""
        return self._run(lambda plugin: self._update(plugin, declared))

    def destroy(self) -> bool:
        """Runs `pulumi destroy`; tells whether it succeeded."""
        return self._run(self._destroy)

    def refresh(self) -> bool:
        """Runs `pulumi refresh`; tells whether it succeeded."""
        return self._run(self._refresh)

    def _run(self, command: Any) -> bool:
        plugin = self.host.start_plugin()
        try:
            command(plugin)
        except Killed:
            return False
        except DataWorksError as error:
            self.host.told.append(str(error))
            return False
        return True

    def _update(self, plugin: Plugin, declared: Props) -> None:
        self._update_token(plugin, declared)
        assert self.token is not None
        inputs = {**declared, "launch": self.token.outputs["generations"]}
        self._update_backfill(plugin, inputs)
        self._delete_replaced(plugin)

    def _update_token(self, plugin: Plugin, declared: Props) -> None:
        provider, old = plugin.tokens, self.token
        inputs = _checked(plugin.call(provider.check, old.inputs if old else {}, declared))
        if old is None:
            made = plugin.call(provider.create, inputs)
            self._save("token", Resource(made.id, inputs, made.outs))
            return
        plugin.call(provider.diff, old.id, old.outputs, inputs)
        if inputs != old.inputs:
            updated = plugin.call(provider.update, old.id, old.outputs, inputs)
            self._save("token", Resource(old.id, inputs, updated.outs))

    def _update_backfill(self, plugin: Plugin, declared: Props) -> None:
        provider, old = plugin.backfills, self.backfill
        inputs = _checked(plugin.call(provider.check, old.inputs if old else {}, declared))
        if old is None:
            self._create(plugin, inputs)
            return
        difference = plugin.call(provider.diff, old.id, old.outputs, inputs)
        if inputs == old.inputs:
            return
        if difference.replaces:
            inputs = _checked(plugin.call(provider.check, {}, declared))
            self._create(plugin, inputs)
            return
        updated = plugin.call(provider.update, old.id, old.outputs, inputs)
        self._save("backfill", Resource(old.id, inputs, updated.outs))

    def _create(self, plugin: Plugin, inputs: Props) -> None:
        try:
            made = plugin.call(plugin.backfills.create, inputs)
        except DataWorksError as error:
            if not self.host.error_hook:
                raise
            self.host.told.append(str(error))
            made = plugin.call(plugin.backfills.create, inputs)
        replaced = [self.backfill] if self.backfill else []
        self._save("backfill", Resource(made.id, inputs, made.outs))
        self.replaced += replaced

    def _delete_replaced(self, plugin: Plugin) -> None:
        while self.replaced:
            old = self.replaced[0]
            plugin.call(plugin.backfills.delete, old.id, old.outputs)
            self.host.may_die()
            self.replaced.pop(0)

    def _destroy(self, plugin: Plugin) -> None:
        self._delete_replaced(plugin)
        if self.backfill is not None:
            plugin.call(plugin.backfills.delete, self.backfill.id, self.backfill.outputs)
            self._save("backfill", None)
        if self.token is not None:
            plugin.call(plugin.tokens.delete, self.token.id, self.token.outputs)
            self._save("token", None)

    def _refresh(self, plugin: Plugin) -> None:
        if self.backfill is not None:
            old = self.backfill
            seen = plugin.call(plugin.backfills.read, old.id, old.outputs)
            self._save("backfill", Resource(seen.id, old.inputs, seen.outs))

    def _save(self, what: str, resource: Resource | None) -> None:
        self.host.may_die()
        setattr(self, what, resource)
        if what == "backfill" and resource is not None:
            self.host.recorded.update(resource.outputs["nodeIds"])


def _checked(result: Any) -> Props:
    assert not result.failures, result.failures
    inputs: Props = result.inputs
    return inputs
