"""Reading the parameters of a call as the gateway does: types, what is required, ranges."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from datetime import date, datetime, time
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from ._errors import invalid, missing

INT64 = 2**63 - 1
_T = TypeVar("_T")
_INTEGER = re.compile(r"[+-]?\d{1,20}")
_UNQUOTED_KEY = re.compile(r"([{,]\s*)(\d+)(\s*:)")


# What belongs to the gateway, not to the operation. Nothing here may be written down.
_OF_THE_GATEWAY = frozenset(
    [
        "Action",
        "Version",
        "Format",
        "AccessKeyId",
        "SecurityToken",
        "Signature",
        "SignatureMethod",
        "SignatureNonce",
        "SignatureType",
        "SignatureVersion",
        "Timestamp",
        "RegionId",
    ]
)


class Form:
    """The parameters of one call. Every method raises the gateway's error for a bad value."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def business_values(self) -> dict[str, str]:
        """The operation's own parameters: no key, token or signature among them."""
        return {k: v for k, v in sorted(self._values.items()) if k not in _OF_THE_GATEWAY}

    def text(self, name: str, *, longest: int | None = None) -> str | None:
        """A text; an empty one counts as not sent."""
        value = self._values.get(name) or None
        if value is not None and longest is not None and len(value) > longest:
            raise invalid(name, f"is too long: at most {longest} characters.")
        return value

    def required_text(self, name: str, *, longest: int | None = None) -> str:
        """A text that must be there."""
        return _required(name, self.text(name, longest=longest))

    def choice(self, name: str, choices: Collection[str]) -> str | None:
        """One of several words."""
        value = self.text(name)
        if value is not None and value not in choices:
            raise invalid(name, f"must be one of {', '.join(choices)}.")
        return value

    def required_choice(self, name: str, choices: Collection[str]) -> str:
        """One of several words, which must be there."""
        return _required(name, self.choice(name, choices))

    def integer(self, name: str, *, least: int = -INT64, most: int = INT64) -> int | None:
        """A whole number within its bounds."""
        value = self.text(name)
        if value is None:
            return None
        return _integer(name, value, least, most)

    def required_integer(self, name: str, *, least: int = -INT64, most: int = INT64) -> int:
        """A whole number that must be there."""
        return _required(name, self.integer(name, least=least, most=most))

    def boolean(self, name: str) -> bool | None:
        """``true`` or ``false`` in any case: the official Python SDK sends ``True``."""
        value = self.text(name)
        if value is None:
            return None
        if value.lower() not in ("true", "false"):
            raise invalid(name, "must be true or false.")
        return value.lower() == "true"

    def required_boolean(self, name: str) -> bool:
        """A truth value that must be there."""
        return _required(name, self.boolean(name))

    def integers(self, name: str) -> tuple[int, ...]:
        """Positive whole numbers, joined by commas; nothing sent is no number."""
        value = self.text(name)
        if value is None:
            return ()
        return tuple(_integer(name, part.strip(), 1, INT64) for part in value.split(","))

    def required_integers(self, name: str) -> tuple[int, ...]:
        """Positive whole numbers, at least one of them."""
        numbers = self.integers(name)
        if not numbers:
            raise missing(name)
        return numbers

    def number_list(self, name: str) -> tuple[int, ...]:
        """A JSON list of whole numbers; nothing sent is no number."""
        return tuple(self.json(name, list[int]) or ())

    def required_number_list(self, name: str) -> tuple[int, ...]:
        """A JSON list of at least one whole number."""
        numbers = self.number_list(name)
        if not numbers:
            raise missing(name)
        return numbers

    def json(self, name: str, form: type[_T]) -> _T | None:
        """An object or a list, sent as JSON, of a given form."""
        value = self.text(name)
        if value is None:
            return None
        try:
            return TypeAdapter(form).validate_json(value)
        except ValidationError as error:
            wrong = error.errors()[0]
            place = ".".join(map(str, wrong["loc"]))
            raise invalid(name, f"is not valid at {place or 'its root'}: {wrong['msg']}.") from None

    def day(self, name: str, *, midnight: bool = True) -> date | None:
        """A business date, written ``yyyy-MM-dd 00:00:00``; a filter takes other times as well."""
        value = self.text(name)
        if value is None:
            return None
        if len(value) < len("yyyy-MM-dd HH:mm:ss"):
            raise invalid(name, f"is too short: {value!r} is not yyyy-MM-dd HH:mm:ss.")
        moment = _moment(name, value, "%Y-%m-%d %H:%M:%S")
        if midnight and moment.time() != time.min:
            raise invalid(name, "must end with 00:00:00.")
        return moment.date()

    def required_day(self, name: str) -> date:
        """A business date that must be there."""
        return _required(name, self.day(name))

    def clock_time(self, name: str) -> time | None:
        """A time of day, written ``HH:mm:ss``."""
        value = self.text(name)
        return None if value is None else _moment(name, value, "%H:%M:%S").time()

    def node_parameters(self, name: str) -> dict[int, str]:
        """A JSON object from node ID to text; old documents leave its keys unquoted."""
        value = self.text(name)
        if value is None:
            return {}
        for candidate in (value, _UNQUOTED_KEY.sub(r'\1"\2"\3', value)):
            try:
                found = json.loads(candidate)
            except ValueError:
                continue
            if isinstance(found, dict) and all(map(_is_node_parameter, found, found.values())):
                return {int(key): text for key, text in found.items()}
        raise invalid(name, "must be a JSON object from node ID to text.")


def _is_node_parameter(key: str, value: object) -> bool:
    return key.isascii() and key.isdigit() and isinstance(value, str)


def _required(name: str, value: _T | None) -> _T:
    if value is None:
        raise missing(name)
    return value


def _integer(name: str, value: str, least: int, most: int) -> int:
    if not (_INTEGER.fullmatch(value) and value.isascii()):
        raise invalid(name, "must be a whole number.")
    number = int(value)
    if not least <= number <= most:
        raise invalid(name, f"must lie between {least} and {most}.")
    return number


def _moment(name: str, value: str, form: str) -> datetime:
    try:
        moment = datetime.strptime(value, form)  # noqa: DTZ007 - callers add the zone
    except ValueError:
        raise invalid(name, f"is not a time: {value!r}.") from None
    # strptime takes "2026-5-1" as well, which the API does not.
    if moment.strftime(form) != value:
        raise invalid(name, f"is not a time: {value!r}.")
    return moment
