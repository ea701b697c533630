"""A request as it came, decoded once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qsl


@dataclass(frozen=True)
class HttpRequest:
    """Method, query, headers (names in lower case) and body of a request to ``/``."""

    method: str
    query_string: str
    headers: Mapping[str, str]
    body: bytes

    @cached_property
    def query(self) -> list[tuple[str, str]]:
        """The decoded pairs of the query."""
        return parse_qsl(self.query_string, keep_blank_values=True)

    @cached_property
    def values(self) -> dict[str, str]:
        """Query and form together: an operation reads its parameters from either."""
        kind = self.headers.get("content-type", "")
        if not kind.startswith("application/x-www-form-urlencoded"):
            return dict(self.query)
        text = self.body.decode("utf-8", "replace")
        return dict([*self.query, *parse_qsl(text, keep_blank_values=True)])

    @property
    def action(self) -> str:
        """The operation's name: a header under V3, a parameter under the classic scheme."""
        return self.headers.get("x-acs-action") or self.values.get("Action", "")

    @property
    def version(self) -> str:
        """The version of the API that is meant."""
        return self.headers.get("x-acs-version") or self.values.get("Version", "")

    @property
    def authorization(self) -> str:
        """The header of the V3 scheme, or an empty text."""
        return self.headers.get("authorization", "")
