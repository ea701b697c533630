"""A model of Pulumi's engine, for one backfill and its launch token: what it calls, and saves when.

As seen on the real engine: the token is saved before the backfill; a replacement is created before
the old one is deleted; a `create` that fails or dies leaves nothing; a destroy has no program.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pulumi_dataworks._exceptions import DataWorksError

from tests.provider.launch._world import Killed, Plugin, World

Props = dict[str, Any]


@dataclass
class Resource:
    """A resource of the state."""

    id: str
    inputs: Props
    outputs: Props


@dataclass
class Stack:
    """The saved state of a stack, and the commands that work at it."""

    world: World
    token: Resource | None = None
    backfill: Resource | None = None
    replaced: list[Resource] = field(default_factory=list)
    destroyed: bool = False

    def up(self, declared: Props) -> bool:
        """Runs `pulumi up`; tells whether it succeeded."""
        return self._run(lambda plugin: self._update(plugin, declared))

    def destroy(self) -> bool:
        """Runs `pulumi destroy`; tells whether it succeeded."""
        return self._run(self._destroy)

    def _run(self, command: Any) -> bool:
        plugin = Plugin(self.world)
        try:
            command(plugin)
        except Killed:
            return False
        except DataWorksError as error:
            self.world.told.append(str(error))
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
            if not self.world.setting.error_hook:
                raise
            self.world.told.append(str(error))
            made = plugin.call(plugin.backfills.create, inputs)
        replaced = [self.backfill] if self.backfill else []
        self._save("backfill", Resource(made.id, inputs, made.outs))
        self.replaced += replaced

    def _delete_replaced(self, plugin: Plugin) -> None:
        while self.replaced:
            old = self.replaced[0]
            plugin.call(plugin.backfills.delete, old.id, old.outputs)
            self._may_die()
            self.replaced.pop(0)

    def _destroy(self, plugin: Plugin) -> None:
        self._delete_replaced(plugin)
        if self.backfill is not None:
            plugin.call(plugin.backfills.delete, self.backfill.id, self.backfill.outputs)
            self._save("backfill", None)
        if self.token is not None:
            plugin.call(plugin.tokens.delete, self.token.id, self.token.outputs)
            self._save("token", None)
        self.destroyed = True

    def _save(self, what: str, resource: Resource | None) -> None:
        self._may_die()
        setattr(self, what, resource)
        if what == "backfill" and resource is not None:
            self.world.recorded.update(resource.outputs["nodeIds"])

    def _may_die(self) -> None:
        if self.world.chooser.fault("killed before the state is saved"):
            raise Killed


def _checked(result: Any) -> Props:
    assert not result.failures, result.failures
    inputs: Props = result.inputs
    return inputs
