# ruff: noqa: PTH110, PTH118, PTH120, PTH122, PTH206, UP006, UP035, UP045
# Must run on Python 3.6, and fast.
"""Which line of the project is responsible for what happens now, read off the stack."""

import os
import sys
from types import FrameType
from typing import Any, Dict, Optional, Tuple

# A line of Python or of a template: (path relative to the root, line, template node or None,
# "module:function" of the library that acted for it or None, "path:line" where the queryset that
# ran was last shaped or None). Where a library acted for a class of the project that has no line
# on the stack, such as a generic view, the line is 0 and the node is "class NAME".
Site = Tuple[str, int, Optional[str], Optional[str], Optional[str]]

OWN, LIBRARY, PLUMBING, NODE, JINJA, ASYNC, TEST_CASE, QUERY, REQUEST = range(9)
_KNOWN = (
    ("django/template/base.py", NODE),
    ("asgiref/sync.py", ASYNC),
    ("django/test/testcases.py", TEST_CASE),
    ("django/db/models/query.py", QUERY),
    ("django/core/handlers/exception.py", REQUEST),
)
# What every query goes through, which says nothing about who asked.
_PLUMBING = (
    "django/db/", "django/utils/functional.py", "django/utils/asyncio.py", "/contextlib.py",
    "/functools.py", "asgiref/",
)  # fmt: skip
# Who the caller is, is asked for every view alike: no doing of the one that happens to run.
_AUTHENTICATION = (
    ("django.contrib.auth", "get_user"),
    ("rest_framework.views", "perform_authentication"),
)
_PAGING = ("pagination", "paginator")
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
    thread, `awaiting` is a context variable with the site that awaits it. Whoever is outside the
    handling of a request, such as a middleware, is no site, and nor is the module that was
    started as a program, such as manage.py: all else runs under them.
    """
    kind_of = files.kind_of
    via: Optional[str] = None
    query: Optional[FrameType] = None
    frame: Optional[FrameType] = start
    while frame is not None:
        code = frame.f_code
        kind, name = kind_of(code.co_filename)
        if kind == OWN:
            if frame.f_globals.get("__name__") == "__main__":
                return None
            return name, frame.f_lineno, None, via, origin_of(query)
        if kind == QUERY:
            query = frame
        elif kind == LIBRARY:
            via = via or name + ":" + code.co_name
        elif kind in (NODE, JINJA):
            place = _template_place(files, frame, kind, name)
            if place is not None:
                return (*place, via, origin_of(query))
        elif kind == REQUEST and code.co_name == "inner":
            return _class_site(files, start, frame, origin_of(query))
        elif kind == ASYNC and awaiting is not None and code.co_name == "thread_handler":
            return _awaiting_site(awaiting.get(), via)
        frame = frame.f_back
    return None


def _awaiting_site(site: Optional[Site], via: Optional[str]) -> Optional[Site]:
    return site and (site[0], site[1], site[2], via or site[3], None)


def line_of(files: Files, start: FrameType) -> Optional[str]:
    """Return "path:line" of the innermost line of Python that is the project's own."""
    frame: Optional[FrameType] = start
    while frame is not None:
        kind, name = files.kind_of(frame.f_code.co_filename)
        if kind == OWN:
            return "%s:%d" % (name, frame.f_lineno)  # noqa: UP031
        if kind in (REQUEST, NODE, JINJA):
            return None
        frame = frame.f_back
    return None


def origin_of(query: Optional[FrameType]) -> Optional[str]:
    """Return where the queryset that a frame of Django's query.py works for was last shaped."""
    if query is None:
        return None
    queryset = query.f_locals.get("self")
    return getattr(queryset, "__dict__", {}).get("_codemods_origin")


def _template_place(
    files: Files, frame: FrameType, kind: int, name: str
) -> Optional[Tuple[str, int, str]]:
    """Return (path, line, node) of the project's template that a frame renders."""
    if kind == JINJA:
        template = frame.f_globals.get("__jinja_template__")
        line = template.get_corresponding_lineno(frame.f_lineno) if template else 1
        return name, line, "jinja"
    node = frame.f_locals.get("self") if frame.f_code.co_name == "render_annotated" else None
    path = getattr(getattr(node, "origin", None), "name", None)
    token = getattr(node, "token", None)
    # Extending a library's page is no doing of the page that extends it.
    if not isinstance(path, str) or token is None or type(node).__name__ == "ExtendsNode":
        return None
    kind, name = files.kind_of(path)
    return (name, token.lineno, type(node).__name__) if kind in (OWN, JINJA) else None


def _class_site(
    files: Files, start: FrameType, end: FrameType, origin: Optional[str]
) -> Optional[Site]:
    """Return the project's class for which a library acted, innermost first.

    A class that pages whatever it is given comes last: the view behind it chose the rows.
    """
    found: Optional[Site] = None
    frame: Optional[FrameType] = start
    while frame is not None and frame is not end:
        code = frame.f_code
        kind, name = files.kind_of(code.co_filename)
        if (name, code.co_name) in _AUTHENTICATION:
            return None
        if kind == LIBRARY and code.co_varnames[:1] == ("self",):
            cls = type(frame.f_locals.get("self"))
            module = sys.modules.get(cls.__module__)
            cls_kind, path = files.kind_of(getattr(module, "__file__", None) or "<none>")
            if cls_kind == OWN:
                via = name + ":" + code.co_name
                found = path, 0, "class " + cls.__qualname__, via, origin
                if not name.endswith(_PAGING):
                    return found
        frame = frame.f_back
    return found


def block_site(files: Files, start: FrameType) -> Optional[str]:
    """Return "path:line" of the project's line or decorated function that opened a transaction.

    None for the blocks that Django's test case opens around each test, and for those that a
    library opens while it handles a request.
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
        if kind == REQUEST and code.co_name == "inner":
            return None
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
