"""Data backfills of Alibaba Cloud DataWorks as Pulumi resources: run a job, once, as a resource."""

from __future__ import annotations

from ._completion import BackfillCompletion
from ._declaration.arguments import BackfillArgs, BackfillArgsDict, BackfillSeriesArgsDict
from ._exceptions import (
    AdoptionRefused,
    AmbiguousLaunch,
    ApiError,
    BackfillFailed,
    CredentialsNotFound,
    DataWorksError,
    DeclarationError,
    LaunchError,
    LaunchNotSent,
    LaunchRefused,
    LaunchTokenMismatch,
    NotSent,
    Refused,
    ReplyLost,
    ServerFault,
    SettingsError,
    Throttled,
    TransportError,
    WaitError,
    WaitInterrupted,
    WaitTimedOut,
)
from ._program.config import read_backfills, read_wait
from ._provider import Provider
from ._resources import Backfill
from ._series import BackfillSeries
from ._version import __version__

__all__ = [
    "AdoptionRefused",
    "AmbiguousLaunch",
    "ApiError",
    "Backfill",
    "BackfillArgs",
    "BackfillArgsDict",
    "BackfillCompletion",
    "BackfillFailed",
    "BackfillSeries",
    "BackfillSeriesArgsDict",
    "CredentialsNotFound",
    "DataWorksError",
    "DeclarationError",
    "LaunchError",
    "LaunchNotSent",
    "LaunchRefused",
    "LaunchTokenMismatch",
    "NotSent",
    "Provider",
    "Refused",
    "ReplyLost",
    "ServerFault",
    "SettingsError",
    "Throttled",
    "TransportError",
    "WaitError",
    "WaitInterrupted",
    "WaitTimedOut",
    "__version__",
    "read_backfills",
    "read_wait",
]
