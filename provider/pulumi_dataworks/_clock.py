"""The time, as whoever has no clock of their own gets it."""

from __future__ import annotations

from datetime import datetime, timezone


def utc_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(timezone.utc)
