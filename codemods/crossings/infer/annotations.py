"""What a type annotation says, as far as models, querysets and the project's classes go."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.crossings.infer import diverted
from codemods.crossings.values import REQUEST, UNKNOWN, Type, Value, one, sequence, union

if TYPE_CHECKING:
    from codemods.crossings.infer.walker import Walker

SEQUENCES = frozenset(
    {
        "list", "List", "set", "Set", "frozenset", "FrozenSet", "Iterable", "Iterator", "Sequence",
        "Collection", "Generator", "AsyncIterator", "AbstractSet", "deque",
    }
)  # fmt: skip
QUERYSETS = frozenset(
    {"QuerySet", "ValuesQuerySet", "BaseManager", "Manager", "RelatedManager", "QuerySetAny"}
)
TRANSPARENT = frozenset(
    {"Optional", "Union", "Annotated", "Final", "ClassVar", "Awaitable", "Coroutine"}
)


def annotated(walker: Walker, node: ast.expr | None) -> Type:
    """Return the type an annotation names; unknown for what does not matter here."""
    if node is None:
        return UNKNOWN
    if isinstance(node, ast.Constant):
        if not isinstance(node.value, str):
            return UNKNOWN
        try:
            inner = ast.parse(node.value, mode="eval").body
        except SyntaxError:
            return UNKNOWN
        for part in ast.walk(inner):
            vars(part).pop("lineno", None)  # these stand in no line of the file
        return annotated(walker, inner)
    if isinstance(node, ast.BinOp):
        return annotated(walker, node.left) | annotated(walker, node.right)
    if isinstance(node, ast.Subscript):
        return _generic(walker, node)
    return instance_of(_named(walker, node), walker)


def _named(walker: Walker, node: ast.expr) -> Type:
    found = UNKNOWN
    if isinstance(node, ast.Name):
        found = walker.lookup(node.id)
    elif isinstance(node, ast.Attribute):
        from codemods.crossings.infer.attributes import attribute

        found = attribute(walker, _named(walker, node.value), node.attr, None)
    walker.note(node, found)
    return found


def _generic(walker: Walker, node: ast.Subscript) -> Type:
    name = (
        node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
    )
    inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if name in QUERYSETS:
        return frozenset(("Q", v[1]) for v in annotated(walker, inner[0]) if v[0] == "I")
    if name in SEQUENCES:
        return sequence(annotated(walker, inner[0]))
    if name in ("tuple", "Tuple"):
        if len(inner) > 1 and isinstance(inner[1], ast.Constant) and inner[1].value is Ellipsis:
            return sequence(annotated(walker, inner[0]))
        parts = tuple(annotated(walker, part) for part in inner)
        return one("T", parts) if any(parts) else UNKNOWN
    if name in ("dict", "Dict", "Mapping", "defaultdict", "OrderedDict") and len(inner) > 1:
        values = annotated(walker, inner[1])
        return one("D", values) if values else UNKNOWN
    if name in TRANSPARENT:
        return union(annotated(walker, part) for part in inner)
    if name in ("type", "Type"):
        return (
            _named(walker, inner[0]) if isinstance(inner[0], (ast.Name, ast.Attribute)) else UNKNOWN
        )
    return instance_of(_named(walker, node.value), walker)


REQUEST_BASE = "django.http.request:HttpRequest"


def is_request(walker: Walker, cls: str) -> bool:
    """Tell whether a class of the project narrows Django's request, as typed projects do."""
    known = walker.graph.classes.get(cls)
    return known is not None and REQUEST_BASE in known.bases


def instance_of(classes: Type, walker: Walker | None = None) -> Type:
    """Return an instance for each class."""
    found: set[Value] = set()
    for value in classes:
        if value[0] == "M":
            found.add(("I", value[1]))
        elif value[0] == "C" and walker is not None and is_request(walker, value[1]):
            found.add(REQUEST)
        elif value[0] == "C":
            served = diverted.instance_of(walker, value[1]) if walker else UNKNOWN
            found |= served or {("O", value[1])}
        elif value[0] == "X" and value[1].endswith(
            ("HttpRequest", "WSGIRequest", "request.Request")
        ):
            found.add(REQUEST)
    return frozenset(found)
