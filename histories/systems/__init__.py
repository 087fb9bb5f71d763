"""Systems under test, one file each: how to start, stop and reach them, and their lock."""

from __future__ import annotations

from holdfast.histories.systems.system import System
from holdfast.registry import Registry

SYSTEMS: Registry[type[System]] = Registry("system", __name__)
