"""The words of version 2024-05-18, which are those of 2020-05-18 in another case."""

from __future__ import annotations

from ..._parameters import Form

_ENVIRONMENTS = {"Prod": "PROD", "Dev": "DEV"}
# A DAG that has been made is a workflow instance that has not run.
_OTHER = {"CREATED": "NotRun", "PYODPS3": "PY_ODPS3"}


def environment(form: Form, name: str) -> str | None:
    """PROD or DEV of a parameter that is Prod or Dev."""
    word = form.choice(name, _ENVIRONMENTS)
    return None if word is None else _ENVIRONMENTS[word]


def camel(word: str) -> str:
    """``NOT_RUN`` is NotRun here, ``PROD`` Prod."""
    return _OTHER.get(word) or "".join(part.capitalize() for part in word.split("_"))


def task_type(program_type: str) -> str:
    """The type of a task, for the program type of a node."""
    return _OTHER.get(program_type, program_type)
