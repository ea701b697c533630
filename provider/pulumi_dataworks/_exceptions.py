"""Everything that this package raises.

    DataWorksError
    ├── SettingsError              the configuration is wrong or incomplete; nothing was sent
    │   └── CredentialsNotFound    no source has credentials
    ├── TransportError             no reply that can be read
    │   ├── NotSent                the request provably did not leave: no connection
    │   └── ReplyLost              it left, and what came back is no reply of the API
    ├── ApiError                   the API has answered, and the answer is no
    │   ├── Refused                not processed, and a repetition would not help
    │   ├── Throttled              not processed, and a repetition later may help
    │   └── ServerFault            the API failed inside; it may have processed the call
    ├── LaunchError                a launch that did not come about, or is not known to have
    │   ├── LaunchRefused          the API refused it; nothing runs
    │   ├── LaunchNotSent          it was not sent; nothing runs
    │   ├── AdoptionRefused        the backfill to adopt is not the one that is declared
    │   ├── AmbiguousLaunch        it may run; nothing is sent until that is known
    │   └── LaunchTokenMismatch    the launch token was minted for other parameters
    └── WaitError                  a backfill was launched, and did not end well while it was waited
        ├── BackfillFailed         it failed
        ├── WaitTimedOut           it has not ended within the time that was given
        └── WaitInterrupted        nobody waits for it any more
    DeclarationError               (a pulumi.RunError) a program declares backfills wrongly

Every error says in ``processed`` whether the call may have been carried out: `no` or `maybe`.
Texts hold no credentials and no values of node parameters.
"""

from __future__ import annotations

from typing import Literal

from pulumi import RunError

Processed = Literal["no", "maybe"]


class DataWorksError(Exception):
    """Root of this package's errors."""

    processed: Processed = "no"


class SettingsError(DataWorksError):
    """The settings of the stack or the environment are wrong or incomplete."""


class CredentialsNotFound(SettingsError):
    """No source has credentials. The text says where they were looked for."""


class TransportError(DataWorksError):
    """No reply of the API was read."""


class NotSent(TransportError):
    """No connection could be made, so that the call was not processed."""


class ReplyLost(TransportError):
    """The request was sent, and no reply of the API came back: the call may have been processed."""

    processed: Processed = "maybe"

    def __init__(self, message: str, request_id: str | None = None) -> None:
        super().__init__(message)
        self.request_id = request_id


class ApiError(DataWorksError):
    """The API answered with an error.

    Attributes: ``action`` (operation), ``code`` and ``message`` as the API gave them,
    ``http_status``, and ``request_id``, which Alibaba's support asks for.
    """

    def __init__(
        self, action: str, code: str, message: str, http_status: int, request_id: str | None
    ) -> None:
        super().__init__(action, code, message, http_status, request_id)
        self.action = action
        self.code = code
        self.message = message
        self.http_status = http_status
        self.request_id = request_id

    def __str__(self) -> str:
        request = f", RequestId {self.request_id}" if self.request_id else ""
        text = f"{self.action}: {self.code}: {self.message} (HTTP {self.http_status}{request})"
        hint = _HINTS.get(f"{self.action}: {self.code}") or _HINTS.get(self.code)
        return f"{text}. {hint}" if hint else text


class Refused(ApiError):
    """Not processed. The same call would be refused again."""


class Throttled(ApiError):
    """Not processed: too many calls came. ``retry_after`` is in seconds, if the API names it."""

    retry_after: float | None = None


class ServerFault(ApiError):
    """The API failed inside. The call may have been processed."""

    processed: Processed = "maybe"


class LaunchError(DataWorksError):
    """A launch that did not come about, or is not known to have."""


class LaunchRefused(LaunchError):
    """The API refused the launch. Nothing runs."""


class LaunchNotSent(LaunchError):
    """The launch was not sent. Nothing runs."""


class AdoptionRefused(LaunchError):
    """The backfill to adopt is not the one that is declared. Nothing was sent."""


class AmbiguousLaunch(LaunchError):
    """The launch may or may not have been processed, so nothing is sent until that is known."""

    processed: Processed = "maybe"


class LaunchTokenMismatch(LaunchError):
    """The launch token was minted for something else. Nothing was sent."""


class WaitError(DataWorksError):
    """A backfill that was waited for has not ended well, or not yet. It stays as it is."""


class BackfillFailed(WaitError):
    """A backfill failed, or its history expired. The text names the nodes and dates."""


class WaitTimedOut(WaitError):
    """A backfill has not ended within the time that was given."""


class WaitInterrupted(WaitError):
    """The wait was interrupted, or the engine that asked for it is gone."""


class DeclarationError(RunError):
    """A program declares backfills wrongly. Shown by Pulumi as its text, without a traceback."""


_HINTS = {
    "RunCycleDagNodes: Forbidden.Access": (
        "RunCycleDagNodes needs DataWorks Enterprise or Ultimate edition"
    ),
    "Forbidden.Not.Server": "DataWorks is not offered in this region",
    "Throttling.Api.Risk": "The daily limit of calls is reached: a retry today will not help",
    "Throttling.Resource": "The edition's quota of calls is used up: a retry will not help",
    "InvalidTimeStamp.Expired": "The clock of this machine is off by more than 15 minutes",
}
