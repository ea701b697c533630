"""A real browser for pages that people look at, where the machine has one."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
needs_browser = pytest.mark.skipif(
    BROWSER is None, reason="NO BROWSER: install chromium to see the page tested"
)


def browse(page: str, folder: Path) -> dict[str, Any]:
    """Opens a page in a browser of its own, and gives what its script leaves in `data-probe`."""
    file = folder / "page.html"
    file.write_text(page)
    command = [
        *(str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"),
        *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
        *(f"--user-data-dir={folder / 'profile'}", "--window-size=1280,800"),
        *("--virtual-time-budget=500", "--dump-dom", file.as_uri()),
    ]
    dom = subprocess.run(command, capture_output=True, text=True, timeout=180, check=True).stdout
    found = re.search(r'data-probe="([^"]*)"', dom)
    assert found, dom[-2000:]
    told: dict[str, Any] = json.loads(unquote(found[1]))
    return told
