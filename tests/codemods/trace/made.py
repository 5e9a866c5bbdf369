"""Small graphs, context maps, crossings and traces to merge."""

from __future__ import annotations

from typing import Any

from codemods.crossings.crossing import Crossing
from codemods.project.contexts import Contexts
from codemods.project.graph import App, Graph, Model
from codemods.trace.records import Site, Trace

TABLES = {
    "people.Person": "people_person",
    "people.Badge": "people_badge",
    "shop.Order": "shop_order",
    "desk.Note": "desk_note",
    "auth.Permission": "auth_permission",
}
CONTEXTS = Contexts(
    by_app={"people": "people", "shop": "shop", "desk": "desk"},
    by_path=(("people", "people"), ("shop", "shop"), ("desk", "desk")),
)


def _model(label: str, table: str) -> Model:
    app, _, name = label.partition(".")
    return Model(
        label, app, f"{app}.models:{name}", table, (), (), None, False, "id", {}, {}, {}, {}, {},
        "objects", {},
    )  # fmt: skip


GRAPH = Graph(
    digest="",
    python="3.11",
    django="5.2",
    auth_user_model="people.Person",
    apps=tuple(App(name, name, name) for name in ("people", "shop", "desk")),
    models={label: _model(label, table) for label, table in TABLES.items()},
    modules={},
    classes={},
    admin=(),
    receivers=(),
    template_dirs=(),
)


def crossing(**changed: Any) -> Crossing:
    values: dict[str, Any] = {
        "path": "shop/code.py", "line": 10, "column": 5, "end_line": 10, "end_column": 30,
        "kind": "query", "source": "shop", "target": "people", "model": "people.Person",
        "table": "people_person", "access": "read", "confidence": "high", "function": "f",
        "expression": "Person.objects.all()",
    }  # fmt: skip
    return Crossing(**(values | changed))


def site(**changed: Any) -> Site:
    values: dict[str, Any] = {
        "path": "shop/code.py", "line": 10, "start": 10, "end": 10, "function": "f", "node": "",
        "via": "", "verb": "select", "reads": ("people_person",), "writes": (), "atomics": (),
        "origin": "", "count": 1,
    }  # fmt: skip
    values |= changed
    for end in ("start", "end"):
        if "line" in changed and end not in changed:
            values[end] = changed["line"]
    return Site(**values)


def trace(*sites: Site) -> Trace:
    return Trace("3.11", "5.2", "settings", ("pytest",), {"shop/code.py": "d1"}, sites)
