"""What the policies refuse, and what they let pass, without an engine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from backfill_rules import (
    REASON,
    Declared,
    dev_before_prod,
    frozen,
    is_to_be_launched,
    known,
    without_reason,
)
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, unknown_checking_proxy

NOW = datetime(2026, 11, 11, 8, 0, tzinfo=timezone.utc)
SALE = {"from": "2026-11-10T00:00+08:00", "to": "2026-11-13T00:00+08:00", "because": "the sale"}
PROD = {"projectEnv": "PROD"}
DEV = {"projectEnv": "DEV"}


def freeze(*windows: Mapping[str, str], now: datetime = NOW, **properties: Any) -> list[str]:
    config = {"windows": windows, "projectEnvs": ["PROD"]}
    return list(frozen({**PROD, **properties}, config, now))


def reasons(pattern: str = REASON["pattern"]["default"], **properties: Any) -> list[str]:
    config = {"pattern": pattern, "projectEnvs": ["PROD"]}
    return list(without_reason({**PROD, **properties}, config))


def test_no_launch_in_a_freeze_window() -> None:
    [told] = freeze(SALE)
    assert told == (
        "the backfill is beyond the policy freeze-windows: 2026-11-11 08:00 UTC; no launches from "
        "2026-11-10T00:00+08:00 to 2026-11-13T00:00+08:00 (the sale)"
    )


@pytest.mark.parametrize(
    ("now", "refused"),
    [
        (datetime(2026, 11, 9, 15, 59, tzinfo=timezone.utc), False),
        (datetime(2026, 11, 9, 16, 0, tzinfo=timezone.utc), True),
        (datetime(2026, 11, 12, 15, 59, tzinfo=timezone.utc), True),
        (datetime(2026, 11, 12, 16, 0, tzinfo=timezone.utc), False),
    ],
)
def test_a_window_has_its_own_time_zone_and_its_end_is_outside(
    now: datetime, *, refused: bool
) -> None:
    assert bool(freeze(SALE, now=now)) is refused


def test_what_is_not_frozen() -> None:
    assert freeze() == []
    assert freeze(SALE, projectEnv="DEV") == []


@pytest.mark.parametrize("text", ["soon", "2026-11-10", "2026-11-10T00:00", ""])
def test_a_window_without_an_offset_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="windows must have times as 2026-11-10T00:00"):
        freeze({**SALE, "to": text})


def test_a_reason_is_required() -> None:
    told = "reason is beyond the policy required-reason: none; accepted is any text"
    assert reasons() == [told]
    assert reasons(reason=" ") == [told.replace("none", "' '")]
    assert reasons(reason="Refunds") == []
    assert reasons(projectEnv="DEV") == []


def test_a_reason_may_have_to_name_a_ticket() -> None:
    pattern = r"^OPS-\d+"
    assert reasons(pattern, reason="OPS-12: refunds") == []
    assert reasons(pattern, reason="refunds") == [
        r"reason is beyond the policy required-reason: 'refunds'; accepted is text with ^OPS-\d+"
    ]


def test_prod_comes_after_dev() -> None:
    assert list(dev_before_prod(Declared(PROD, [DEV], waits=True))) == []
    assert list(dev_before_prod(Declared(DEV))) == []
    [alone] = dev_before_prod(Declared(PROD, [PROD], waits=True))
    assert "none in DEV before it" in alone
    [hasty] = dev_before_prod(Declared(PROD, [DEV]))
    assert "a launch in DEV, whose end it does not wait for" in hasty


def test_what_was_launched_before_is_let_be() -> None:
    def launch(born: datetime) -> dict[str, Any]:
        return {"launch": {"born": born.isoformat()}}

    assert not is_to_be_launched(launch(NOW - timedelta(seconds=1)), started=NOW)
    assert is_to_be_launched(launch(NOW), started=NOW)
    assert is_to_be_launched({}, started=NOW)
    assert is_to_be_launched({"launch": None}, started=NOW)


def test_what_is_not_known_yet_is_refused_for_nothing() -> None:
    unknown = unknown_checking_proxy(
        {"launch": UNKNOWN_STRING_VALUE, "reason": UNKNOWN_STRING_VALUE}
    )
    assert is_to_be_launched(unknown)
    assert known(unknown, "reason") is None
    assert known(unknown, "name", "absent") == "absent"
    assert list(without_reason(unknown, {"pattern": r"\S", "projectEnvs": ["PROD"]})) == []
