"""What the package offers: named, explained, and drawn as it is."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from pathlib import Path
from types import ModuleType

import pulumi_dataworks
import pytest
from pulumi_dataworks import _exceptions

PUBLIC = ["pulumi_dataworks", "pulumi_dataworks.providers", "pulumi_dataworks.testing"]
NAMES = [name for name in pulumi_dataworks.__all__ if name != "__version__"]


def test_all_is_sorted_and_holds_everything_that_is_imported_here() -> None:
    tree = ast.parse(Path(inspect.getfile(pulumi_dataworks)).read_text(encoding="utf-8"))
    imported = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module != "__future__"
        for alias in node.names
    }

    assert pulumi_dataworks.__all__ == sorted(pulumi_dataworks.__all__)
    assert set(pulumi_dataworks.__all__) == imported


def test_every_error_is_offered() -> None:
    assert {name for name, _ in _errors()} <= set(pulumi_dataworks.__all__)


def test_a_module_that_is_not_public_is_named_so() -> None:
    modules = {module.name for module in pkgutil.iter_modules(pulumi_dataworks.__path__)}

    public = {f"pulumi_dataworks.{name}" for name in modules if not name.startswith("_")}
    assert public == set(PUBLIC[1:])


@pytest.mark.parametrize("name", NAMES)
def test_every_public_name_is_explained(name: str) -> None:
    found = getattr(pulumi_dataworks, name)

    assert _own_text(found), f"{name} has no docstring"
    for member, value in vars(found).items() if inspect.isclass(found) else ():
        if member.startswith("_") or not (callable(value) or isinstance(value, property)):
            continue
        assert _own_text(value), f"{name}.{member} has no docstring"


def _own_text(found: object) -> str:
    """Not one that is inherited, nor the signature that a dataclass writes by itself."""
    text = getattr(found, "__doc__", None) or ""
    return "" if re.match(r"\w+\(.*\)( -> None)?$", text) else text


@pytest.mark.parametrize("module", PUBLIC)
def test_every_public_module_says_what_it_is_for(module: str) -> None:
    assert importlib.import_module(module).__doc__


# ---- Errors -----------------------------------------------------------------------------------


def _errors() -> list[tuple[str, type[BaseException]]]:
    return [
        (name, found)
        for name, found in inspect.getmembers(_exceptions, inspect.isclass)
        if issubclass(found, BaseException) and found.__module__ == _exceptions.__name__
    ]


def _drawn(module: ModuleType) -> dict[str, str | None]:
    """Reads the tree of a module's docstring: each class, and the one that it stands below."""
    above: dict[int, str] = {}
    parents: dict[str, str | None] = {}
    for line in (module.__doc__ or "").splitlines():
        found = re.match(r"^ {4}([\u2502\u251c\u2514\u2500 ]*)([A-Z]\w+)(?= {2}|$)", line)
        if found is None:
            continue
        depth = len(found[1]) // 4
        above[depth] = found[2]
        parents[found[2]] = above[depth - 1] if depth else None
    return parents


def test_the_tree_that_is_drawn_is_that_of_the_classes() -> None:
    names = dict(_errors())

    real = {
        name: next((base.__name__ for base in found.__bases__ if base.__name__ in names), None)
        for name, found in names.items()
    }

    assert _drawn(_exceptions) == real


@pytest.mark.parametrize(("name", "kind"), _errors())
def test_every_error_says_whether_the_call_may_have_been_carried_out(
    name: str, kind: type[BaseException]
) -> None:
    if name != "DeclarationError":  # no call is in question
        assert getattr(kind, "processed", None) in ("no", "maybe")
