"""Who is about to write a copied row: a test, for its owner, or what the test is about.

frames outwards from the router ─> past the ORM and the model's own module ─> is that a test's file?

A view that a test calls is reached through Django's handlers, so what it writes is its own.
"""

from __future__ import annotations

import sys
from fnmatch import fnmatch
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType

PASSED = ("django.db", "strangler.client", "contextlib", "factory")
"""Modules that write for whoever calls them."""
FILES = ("test_*.py", "*_test.py", "tests.py", "conftest.py", "*factor*.py")
FOLDER = "tests"


def is_a_test(model: Any) -> bool:
    """Tell whether a test, a fixture or a factory asks the ORM to write rows of a model."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - there is no other way to ask
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if module != model.__module__ and not _is_passed(module):
            path = PurePath(frame.f_code.co_filename)
            return FOLDER in path.parts or any(fnmatch(path.name, each) for each in FILES)
        frame = frame.f_back
    return False


def _is_passed(module: str) -> bool:
    return any(module == each or module.startswith(each + ".") for each in PASSED)
