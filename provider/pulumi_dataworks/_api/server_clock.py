"""What time it is at the server: calls whose time is far from it are refused."""

from __future__ import annotations

from datetime import datetime
from email.utils import parsedate_to_datetime

import requests

from .._exceptions import NotSent
from .settings import Settings


def server_time(settings: Settings) -> datetime | None:
    """Reads the header Date of an unsigned request, which calls no operation; None without one.

    :raises NotSent: no connection, or no reply.
    """
    with requests.Session() as session:
        session.trust_env = settings.endpoint.startswith("https:")
        try:
            response = session.head(
                f"{settings.endpoint}/",
                timeout=(settings.connect_timeout, settings.read_timeout),
                allow_redirects=False,
            )
        except requests.RequestException as error:
            reason = type(error).__name__
            raise NotSent(f"no reply from {settings.endpoint} ({reason})") from error
    try:
        told = parsedate_to_datetime(response.headers.get("Date", ""))
    except ValueError:
        return None
    return told if told.tzinfo else None
