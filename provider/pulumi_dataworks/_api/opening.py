"""Opens the API: a client with credentials, and of each version what talks to it.

Imported only when a call is to be made: HTTP and credentials are half of what this package loads,
and an update that changes nothing needs neither.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .._declaration.versions import V2020
from .backend import Backend, Workspace
from .client import Client
from .credentials import find_credentials
from .rate import TokenBucket
from .settings import Settings
from .v2020 import Api2020
from .v2020_nodes import Workspace2020
from .v2024 import Api2024
from .v2024_launching import TwoPhases
from .v2024_tasks import Workspace2024


def open_client(
    settings: Settings,
    config: Mapping[str, str],
    environment: Mapping[str, str],
    bucket: TokenBucket,
) -> Client:
    """Finds credentials, and makes the client that all versions share.

    :param bucket: tells when a call may begin; shared by all calls of the process.
    :raises CredentialsNotFound: no source has any.
    """
    return Client(settings, find_credentials(config, environment), bucket=bucket)


def open_backend(
    version: str,
    client: Client,
    project_id: str | None,
    *,
    assert_wanted: Callable[[], None],
    sleep: Callable[[float], None],
    warn: Callable[[str], None],
) -> Backend:
    """Gives what launches and follows with a version of the API."""
    if version == V2020:
        return Api2020(client, project_id)
    launches = TwoPhases(client, project_id, assert_wanted=assert_wanted, sleep=sleep, warn=warn)
    return Api2024(client, launches)


def open_workspace(version: str, client: Client, project_id: str | None) -> Workspace:
    """Gives what tells of a workspace's nodes with a version of the API."""
    of_version = Workspace2020 if version == V2020 else Workspace2024
    return of_version(client, project_id)
