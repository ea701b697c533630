"""The dynamic providers. Pulumi's state names these classes by module and name: both stay for ever.

They hold no attributes when a program declares them, so that the state has a name and no code.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

from . import _engine
from ._declaration.inputs import ALL, MAY_HOLD_SECRETS, Declaration, normalize
from ._declaration.refusals import Problem
from ._lifecycle import backfills, completions, review, tokens
from ._run import Run


class _Provider(ResourceProvider):
    serialize_as_secret_always = False

    def configure(self, req: ConfigureRequest) -> None:
        """Takes the stack's config."""
        _engine.install_clean_errors()
        _engine.install_cancel()
        self._run = Run(_engine.raw_config(req))


class LaunchTokenProvider(_Provider):
    """Keeps the generations of a backfill's launches: see `pulumi_dataworks._lifecycle.tokens`."""

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Checks the whole declaration of the backfill, and keeps of it what a launch is for."""
        declared = _declared(news)
        problems = [*declared.problems, *tokens.problems_of_settings(self._run)]
        inputs = tokens.kept(declared.inputs)
        before = _without_provider(olds)
        if not problems:
            problems = review.problems_of_declaration(self._run, before, declared.inputs)
        if not problems and inputs != before:
            for text in declared.warnings:
                _engine.warn(text)
        return CheckResult(inputs, _failures(problems))

    def diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Never a replacement: the generations must stay."""
        return DiffResult(changes=None, replaces=[])

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Mints the first generation."""
        id_, outs = tokens.create(self._run, _without_provider(props))
        return CreateResult(id_, outs)

    def update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Mints the next generation, where something else would run."""
        return UpdateResult(tokens.update(self._run, olds, _without_provider(news)))

    def delete(self, id_: str, props: dict[str, Any]) -> None:
        """Looks for launches that nobody recorded, and applies ``onDestroy``."""
        tokens.delete(self._run, props)


class BackfillProvider(_Provider):
    """Launches one backfill: see `pulumi_dataworks._lifecycle.backfills`."""

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Brings the inputs into their normal form, and adds the plan and the launch."""
        declared = _declared(news)
        if declared.problems:
            return CheckResult(_without_provider(news), _failures(declared.problems))
        inputs = backfills.check(self._run, olds, declared.inputs, news.get("launch"))
        problems = review.problems_of_reruns(self._run, olds, declared.inputs)
        return CheckResult(inputs, _failures(problems))

    def diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Replaced where something else would run."""
        return DiffResult(changes=None, replaces=backfills.diff(self._run, olds, news))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Launches, or finds the launch that was made."""
        id_, outs = backfills.create(self._run, _exact(props))
        return CreateResult(id_, outs)

    def update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Changes what is recorded; launches nothing."""
        return UpdateResult(backfills.update(self._run, olds, _exact(news)))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Reads how the backfill is."""
        return ReadResult(id_, backfills.read(self._run, _without_provider(props)))

    def delete(self, id_: str, props: dict[str, Any]) -> None:
        """Does nothing to the backfill: what ends it is the end of its launch token."""
        backfills.delete(self._run, props)


class BackfillCompletionProvider(_Provider):
    """Waits for backfills: see `pulumi_dataworks._lifecycle.completions`."""

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Brings the inputs into their normal form."""
        inputs, problems = completions.check(olds, _without_provider(news))
        return CheckResult(inputs, _failures(problems))

    def diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Replaced where other backfills are waited for."""
        return DiffResult(changes=None, replaces=completions.diff(olds, news))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Waits until they have ended."""
        from ._lifecycle import waiting  # here, as most processes wait for nothing

        id_, outs = waiting.create(self._run, _without_provider(props))
        return CreateResult(id_, outs)

    def update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Changes what is recorded; waits for nothing."""
        return UpdateResult(completions.update(olds, _without_provider(news)))


def _declared(news: Mapping[str, Any]) -> Declaration:
    return normalize({key: value for key, value in news.items() if key in ALL})


def _without_provider(props: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in props.items() if key != "__provider"}


def _exact(props: Mapping[str, Any]) -> dict[str, Any]:
    """The engine's numbers are doubles: gives whole numbers back what they are."""
    return {**_without_provider(props), **_declared(props).inputs}


def _failures(problems: list[Problem]) -> list[CheckFailure]:
    return [_failure(problem) for problem in problems]


def _failure(problem: Problem) -> CheckFailure:
    """Pulumi prints the value of a property that fails, unless the property is left unnamed."""
    if problem.property in MAY_HOLD_SECRETS:
        return CheckFailure("", f"{problem.property} {problem.reason}")
    return CheckFailure(problem.property, problem.reason)
