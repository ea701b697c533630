"""The typed inputs list what the declaration knows, and nothing else."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import itertools
import re
from pathlib import Path

import pytest
from pulumi_dataworks import (
    Backfill,
    BackfillArgs,
    BackfillArgsDict,
    BackfillSeriesArgsDict,
    _resources,
)
from pulumi_dataworks._declaration import arguments
from pulumi_dataworks._declaration.inputs import (
    HOW_IT_RUNS,
    INPUTS,
    LOCAL,
    LONGEST_PREFIX,
    REQUIRED,
    WHAT_RUNS,
)
from pydantic.alias_generators import to_camel, to_snake

IN_PYTHON = [to_snake(name) for name in INPUTS]
REQUIRED_IN_PYTHON = {to_snake(name) for name in REQUIRED}


def test_the_object_has_each_input_and_requires_what_is_required() -> None:
    fields = dataclasses.fields(BackfillArgs)

    assert sorted(field.name for field in fields) == sorted(IN_PYTHON)
    no_default = {field.name for field in fields if field.default is dataclasses.MISSING}
    assert no_default == REQUIRED_IN_PYTHON


def test_the_dict_has_the_same_with_the_same_types() -> None:
    annotated = BackfillArgsDict.__annotations__
    required = {
        name
        for name, hint in annotated.items()
        if str(getattr(hint, "__forward_arg__", hint)).startswith("Required[")
    }

    assert sorted(annotated) == sorted(IN_PYTHON)
    assert required == REQUIRED_IN_PYTHON
    for field in dataclasses.fields(BackfillArgs):
        in_dict = annotated[field.name].__forward_arg__
        bare = re.sub(r"^Required\[(.*)\]$", r"\1", in_dict)
        assert str(field.type).removesuffix(" | None") == bare


@pytest.mark.parametrize(
    ("names", "kind"),
    [(WHAT_RUNS, "What runs: "), (HOW_IT_RUNS, "How it runs: "), (LOCAL, "Local: ")],
)
def test_each_input_says_what_a_change_of_it_does(names: tuple[str, ...], kind: str) -> None:
    texts = _documented()

    assert set(texts) == set(IN_PYTHON)
    for name in set(names) & set(INPUTS):
        assert texts[to_snake(name)].startswith(kind)


def test_the_documented_limits_are_those_that_are_checked() -> None:
    assert f"at most {LONGEST_PREFIX} characters" in _documented()["name_prefix"]


def _documented() -> dict[str, str]:
    """The texts below the keys of the dict, and of the one that it extends."""
    tree = ast.parse(Path(inspect.getfile(arguments)).read_text(encoding="utf-8"))
    names = {BackfillArgsDict.__name__, BackfillSeriesArgsDict.__name__}
    classes = [i for i in tree.body if isinstance(i, ast.ClassDef) and i.name in names]
    body = [line for one in classes for line in one.body]
    texts = {}
    for key, text in itertools.pairwise(body):
        if isinstance(key, ast.AnnAssign) and isinstance(text, ast.Expr):
            assert isinstance(key.target, ast.Name)
            assert isinstance(text.value, ast.Constant)
            texts[key.target.id] = str(text.value.value)
    return texts


def test_a_backfill_has_an_output_for_each_computed_value_and_each_is_explained() -> None:
    outputs = {name: text for name, text in vars(Backfill).items() if isinstance(text, property)}

    # The same list has a name of older and one of newer documents.
    assert {to_camel(name) for name in outputs} == {*_resources._COMPUTED, "plan", "dagIds"}
    assert all(inspect.getdoc(text) for text in outputs.values())
