# ruff: noqa: PTH110, PTH118, PTH120, PTH122, PTH206, UP006, UP035, UP045
# Must run on Python 3.6, and fast.
"""Which line of the project is responsible for what happens now, read off the stack."""

import os
import sys
from types import FrameType
from typing import Any, Dict, Optional, Tuple

# A line of Python or of a template: (path relative to the root, line, template node or None,
# "module:function" of the library that acted for it or None).
Site = Tuple[str, int, Optional[str], Optional[str]]

OWN, LIBRARY, PLUMBING, NODE, JINJA, ASYNC, TEST_CASE = range(7)
_KNOWN = (
    ("django/template/base.py", NODE),
    ("asgiref/sync.py", ASYNC),
    ("django/test/testcases.py", TEST_CASE),
)
# What every query goes through, which says nothing about who asked.
_PLUMBING = (
    "django/db/", "django/utils/functional.py", "django/utils/asyncio.py", "/contextlib.py",
    "/functools.py", "asgiref/",
)  # fmt: skip
_NOT_OWN = ("site-packages", "dist-packages", "node_modules")
_HERE = os.path.dirname(os.path.realpath(__file__)) + os.sep


class Files:
    """Tells by the name of the file that code comes from what kind of frame it makes."""

    def __init__(self, root: str) -> None:
        self._root = os.path.realpath(root) + os.sep
        self._environment = os.path.realpath(sys.prefix) + os.sep
        self._known: Dict[str, Tuple[int, str]] = {}

    def kind_of(self, name: str) -> Tuple[int, str]:
        """Return (kind, path relative to the root or name of the library's module)."""
        found = self._known.get(name)
        if found is None:
            found = self._known[name] = self._classify(name)
        return found

    def _classify(self, name: str) -> Tuple[int, str]:
        path = name.replace(os.sep, "/")
        relative = self._relative(name)
        if relative is not None:
            return (OWN if name.endswith((".py", ".pyc")) else JINJA), relative
        for end, kind in _KNOWN:
            if path.endswith(end):
                return kind, end
        if name.startswith("<") or os.path.realpath(name).startswith(_HERE):
            return PLUMBING, ""
        if any(part in path for part in _PLUMBING):
            return PLUMBING, ""
        return LIBRARY, _module_name(path)

    def _relative(self, name: str) -> Optional[str]:
        """Return the path relative to the root, None for a file that is not the project's own."""
        path = os.path.realpath(name)
        is_in_environment = path.startswith(self._environment) and self._environment != self._root
        if name.startswith("<") or not path.startswith(self._root) or is_in_environment:
            return None
        if path.startswith(_HERE):
            return None
        parts = path[len(self._root) :].split(os.sep)
        folder = self._root
        for part in parts[:-1]:
            folder = os.path.join(folder, part)
            if part in _NOT_OWN or os.path.exists(os.path.join(folder, "pyvenv.cfg")):
                return None
        return "/".join(parts)


def _module_name(path: str) -> str:
    for folder in sorted(sys.path, key=len, reverse=True):
        prefix = folder.replace(os.sep, "/").rstrip("/") + "/"
        if folder and path.startswith(prefix):
            path = path[len(prefix) :]
            break
    name = path.split("site-packages/")[-1]
    return os.path.splitext(name)[0].replace("/", ".").replace(".__init__", "")


def site_of(files: Files, start: FrameType, awaiting: Any = None) -> Optional[Site]:
    """Return the innermost line of the project on the stack, None when there is none.

    A template node that is being rendered counts as a line. Where asgiref runs the ORM in another
    thread, `awaiting` is a context variable with the site that awaits it. The module that was
    started as a program, such as manage.py, is no site: all else runs under it.
    """
    kind_of = files.kind_of
    via = None
    frame: Optional[FrameType] = start
    while frame is not None:
        code = frame.f_code
        kind, name = kind_of(code.co_filename)
        if kind == OWN:
            if frame.f_globals.get("__name__") == "__main__":
                return None
            return name, frame.f_lineno, None, via
        if kind == NODE and code.co_name == "render_annotated":
            site = _node_site(files, frame.f_locals.get("self"), via)
            if site is not None:
                return site
        elif kind == JINJA:
            template = frame.f_globals.get("__jinja_template__")
            line = template.get_corresponding_lineno(frame.f_lineno) if template else 1
            return name, line, "jinja", via
        elif kind == ASYNC and awaiting is not None and code.co_name == "thread_handler":
            site = awaiting.get()
            if site is not None:
                path, line, node, own_via = site
                return path, line, node, via or own_via
        elif via is None and kind == LIBRARY:
            via = name + ":" + code.co_name
        frame = frame.f_back
    return None


def _node_site(files: Files, node: Any, via: Optional[str]) -> Optional[Site]:
    path = getattr(getattr(node, "origin", None), "name", None)
    token = getattr(node, "token", None)
    if not isinstance(path, str) or token is None:
        return None
    kind, name = files.kind_of(path)
    if kind not in (OWN, JINJA):
        return None
    return name, token.lineno, type(node).__name__, via


def block_site(files: Files, start: FrameType) -> Optional[str]:
    """Return "path:line" of the project's line or decorated function that opened a transaction.

    None for the blocks that Django's test case opens around each test.
    """
    frame: Optional[FrameType] = start
    while frame is not None:
        code = frame.f_code
        kind, name = files.kind_of(code.co_filename)
        if kind == TEST_CASE and code.co_name == "_enter_atomics":
            return None
        if kind == OWN:
            is_program = frame.f_globals.get("__name__") == "__main__"
            return None if is_program else "%s:%d" % (name, frame.f_lineno)  # noqa: UP031
        if code.co_name == "inner" and code.co_filename.endswith("contextlib.py"):
            site = _decorated(files, frame.f_locals.get("func"))
            if site is not None:
                return site
        frame = frame.f_back
    return None


def _decorated(files: Files, function: Any) -> Optional[str]:
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    code = getattr(function, "__code__", None)
    if code is None:
        return None
    kind, name = files.kind_of(code.co_filename)
    return "%s:%d" % (name, code.co_firstlineno) if kind == OWN else None  # noqa: UP031
