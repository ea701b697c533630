"""Moments and business dates, of the milliseconds since 1970 that the API tells them in."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from typing import Any

_CHINA = timezone(timedelta(hours=8))


def moment(milliseconds: Any) -> datetime | None:
    """Gives the moment, UTC, of milliseconds since 1970; None for what is none."""
    try:
        seconds = float(milliseconds) / 1000
        return datetime.fromtimestamp(seconds, timezone.utc) if seconds > 0 else None
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def biz_date(milliseconds: Any) -> str:
    """Gives a business date. It stands for midnight in the workspace's time zone, +08:00."""
    at = moment(milliseconds)
    return at.astimezone(_CHINA).strftime("%Y-%m-%d") if at else ""


def midnight(day: date) -> int:
    """Gives the milliseconds that stand for a business date, in the workspace's zone, +08:00."""
    return int(datetime.combine(day, time.min, _CHINA).timestamp()) * 1000
