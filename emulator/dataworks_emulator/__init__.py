"""A local Alibaba Cloud DataWorks: its OpenAPI in two versions, with faults and its own clock."""

from __future__ import annotations

from ._admin import Admin
from ._emulator import Emulator
from ._faults import Rule
from ._switches import Switches
from ._version import __version__
from ._workspace import Behaviour, Failure, Node, Workspace, load_workspace

__all__ = [
    "Admin",
    "Behaviour",
    "Emulator",
    "Failure",
    "Node",
    "Rule",
    "Switches",
    "Workspace",
    "__version__",
    "load_workspace",
]
