"""Where a person looks at a backfill: the Operation Center's page."""

from __future__ import annotations

_CONSOLE = "https://dataworks.data.aliyun.com"


def console_url(region: str, project_id: str | None) -> str:
    """Gives the address of the Operation Center, of the workspace if its ID is known.

    The documents tell no address for a single backfill: it is found there by its Name.
    """
    page = f"{_CONSOLE}/{region}/oc" if region else f"{_CONSOLE}/oc"
    return f"{page}?defaultProjectId={project_id}" if project_id else page
