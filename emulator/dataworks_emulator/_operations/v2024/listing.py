"""Pages and order of version 2024-05-18's listings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from ..._errors import invalid
from ..._parameters import Form

_T = TypeVar("_T")
_Key = Callable[[_T], Any]


def ordered(form: Form, rows: Sequence[_T], keys: Mapping[str, _Key[_T]]) -> list[_T]:
    """Sorts as ``SortBy`` says, ``Id Desc`` without it; a key gives None for what comes last."""
    name, _, order = (form.text("SortBy") or "Id Desc").partition(" ")
    if name not in keys or order not in ("", "Asc", "Desc"):
        raise invalid("SortBy", f"must be one of {', '.join(keys)}, then Asc or Desc.")
    key = keys[name]
    known = sorted((row for row in rows if key(row) is not None), key=key, reverse=order == "Desc")
    return [*known, *(row for row in rows if key(row) is None)]


def page(form: Form, rows: Sequence[_T], most: int = 100) -> tuple[dict[str, int], Sequence[_T]]:
    """The fields of a page of a listing, and its rows. The documents name no last page."""
    number = form.integer("PageNumber", least=1) or 1
    size = form.integer("PageSize", least=1, most=most) or 10
    shown = rows[(number - 1) * size : number * size]
    return {"PageNumber": number, "PageSize": size, "TotalCount": len(rows)}, shown
