"""Who still needs a foreign key: every place that makes the database walk it.

A `Reference` keeps the name, the column and the reverse accessor, so whatever works with the key
goes on as it was: `filter(user=x)`, `user__pk`, `values("user")`, `order_by` where the other model
is ordered by its key, `Meta`, fixtures, `Order(user=x)`, `order.user`, `user.orders.all()`. What
needs the other row in a query, or Django's own relation, stands in the way:

    walks of the relation (`codemods.crossings.walks`, judged by type) ─┬─> obstacles
    its model's name before it, inlines, lookups of unknown queries ────┘
    walks that an admin can do without ─> edits (`sever_admin`)
"""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.crossings import lookups
from codemods.crossings.infer.definitions import statements
from codemods.crossings.walks import BY_UPDATE, IN_ORDER, ON_ROWS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from codemods.crossings.walks import Walk
    from codemods.project.graph import Graph

    Text = tuple[int, str, str]

LOOKUP = re.compile(r"-?[a-z]\w*(__\w+)+")
ADMIN = "admin "
JOINED = f"{ADMIN}list_select_related"
DROPPABLE = frozenset({f"{ADMIN}raw_id_fields", f"{ADMIN}autocomplete_fields"})
SHOWN = frozenset(
    f"{ADMIN}{name}"
    for name in ("list_display", "readonly_fields", "fields", "fieldsets", "list_editable",
                 "list_display_links", "exclude")
)  # fmt: skip
READ_ONLY = frozenset({"serializer read_only_fields", "serializer extra_kwargs"})
QUERYING = frozenset(
    {"filter", "exclude", "get", "Q", "When", "get_object_or_404", "get_or_create", "update",
     "update_or_create", "annotate", "aggregate", "alias"}
)  # fmt: skip
LOADED_AHEAD = frozenset({"prefetch_related", "Prefetch"})


@dataclass(frozen=True, order=True)
class Use:
    """A place that needs the foreign key."""

    path: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


@dataclass(frozen=True)
class Relation:
    """A relation to be judged: its field, and of the model it leads to the label and the order."""

    label: str
    name: str
    target: str
    key: str
    ordering: tuple[str, ...] = ()

    @property
    def is_ordered_by_key(self) -> bool:
        """Tell whether ordering by the relation is ordering by the key."""
        return self.ordering[:1] in ((), (self.key,), ("pk",))


@dataclass(frozen=True)
class Judged:
    """What stands in the way of severing a relation, and the admin's options that can change.

    `losses` are options that admins would lose: they stand in the way too, unless that is accepted.
    """

    obstacles: tuple[Use, ...]
    edits: tuple[Walk, ...]
    losses: tuple[tuple[Walk, Use], ...] = ()


def judge(relation: Relation, walks: Iterable[Walk], trees: Mapping[str, ast.Module]) -> Judged:
    """Judge each walk of a relation; the others are none of its business."""
    obstacles, edits, losses = set(), [], []
    for walk in sorted(walks):
        if (walk.label, walk.name) != (relation.label, relation.name):
            continue
        if not walk.is_reverse and _can_change(walk, trees):
            edits.append(walk)
        elif what := _obstacle(relation, walk, trees):
            use = Use(walk.path, walk.line, what)
            if walk.how.startswith(ADMIN) and walk.how != JOINED:
                losses.append((walk, use))
            else:
                obstacles.add(use)
    return Judged(tuple(sorted(obstacles)), tuple(edits), tuple(losses))


def _obstacle(relation: Relation, walk: Walk, trees: Mapping[str, ast.Module]) -> str:
    """Say why a walk needs the foreign key; "" when a column serves it as well."""
    how, _, option = walk.how.partition(" ")
    what = ""
    if how in LOADED_AHEAD:
        what = "has a query of its own" if _brings_query(walk) else ""
    elif walk.is_reverse:
        what = f"walks back from {relation.target}"
    elif {how, option} & ON_ROWS:
        what = "joins it"
    elif walk.how == BY_UPDATE:
        what = "is given an instance"
    elif walk.needs_row:
        what = f"needs a row of {relation.target}"
    elif {how, option} & IN_ORDER:
        what = "" if relation.is_ordered_by_key else f"sorts as {relation.target} does"
    elif _is_offered(walk, trees):
        what = f"offers rows of {relation.target}"
    return what and f"{option.rstrip('=') or how} {walk.text!r} {what}"


def _brings_query(walk: Walk) -> bool:
    return walk.how == "Prefetch" and walk.is_last and not walk.is_reverse


def _is_offered(walk: Walk, trees: Mapping[str, ast.Module]) -> bool:
    """Tell whether a page lets people choose among rows, by the framework's own means."""
    how, _, option = walk.how.partition(" ")
    if not option or walk.how in SHOWN or walk.how in READ_ONLY or option.endswith("="):
        return False
    return how != "serializer" or not _declares(trees.get(walk.path), walk)


@dataclass(frozen=True)
class Untyped:
    """What a file has that may need some relation though no type tells, whichever that is.

    `texts` are (line, text, method it is given to) of what may be a lookup; `attributes` are
    (line, name, attribute) of what is read of a name.
    """

    path: str
    texts: tuple[Text, ...]
    attributes: tuple[Text, ...]


def untyped(
    path: str, tree: ast.Module, factories: Collection[str] = (), *, is_test: bool = False
) -> Untyped:
    """Read a file for what `uses` judges relation by relation."""
    nodes = [*ast.walk(tree)]
    return Untyped(
        path,
        tuple(_texts(nodes, frozenset(factories), is_test=is_test)),
        tuple(
            (node.lineno, node.value.id, node.attr)
            for node in nodes
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        ),
    )


def uses(file: Untyped, relation: Relation, graph: Graph, walks: Iterable[Walk]) -> list[Use]:
    """Return what no type tells: Django's descriptor, and lookups of queries nobody could follow.

    A text such as "user__email" that the survey resolved at its line is another's business, or was
    judged as a walk.
    """
    model = relation.label.partition(".")[2]
    resolved = {(walk.line, walk.text.lstrip("-")) for walk in walks if walk.path == file.path}
    found = set()
    for line, text, how in file.texts:
        if (line, text) not in resolved and _may_need(relation, graph, text, how):
            found.add(Use(file.path, line, f"{text!r} may need a row of {relation.target}"))
    for line, name, attribute in file.attributes:
        if (name, attribute) == (model, relation.name):
            what = f"{model}.{attribute} is used as Django's descriptor"
            found.add(Use(file.path, line, what))
    return sorted(found)


def ordered(relation: Relation, graph: Graph) -> Iterator[str]:
    """Give the models whose rows are sorted by more than the key, by their `Meta`."""
    for model in sorted(graph.models.values(), key=lambda each: each.label):
        for text in model.ordering:
            for step in lookups.steps(graph, model.label, text):
                is_it = (step.origin, step.field) == (relation.label, relation.name)
                if is_it and (step.joins or not relation.is_ordered_by_key):
                    yield f"{model.label} is sorted by {text!r}"


@dataclass(frozen=True)
class Inline:
    """An admin page that shows a relation's rows within those of the other model, by class."""

    page: str
    cls: str

    def __str__(self) -> str:
        return f"{self.cls} is an inline of {self.page}, and is found by it"


def inlines(relation: Relation, graph: Graph) -> Iterator[Inline]:
    """Give the admin pages that show the relation's rows within those of the other model."""
    for page in graph.admin:
        if page["model"] == relation.target:
            for inline, label in page["inlines"]:
                if label == relation.label and "Generic" not in inline:
                    yield Inline(page["class"], inline)


def _may_need(relation: Relation, graph: Graph, text: str, how: str) -> bool:
    """Tell whether a text that nobody could follow may be a lookup that needs the other row."""
    if how == "update":
        return text == relation.name
    if how == "order_by":
        return text == relation.name and not relation.is_ordered_by_key
    if how:
        return relation.name in text.split("__")
    return _may_walk(relation, graph, text)


def _may_walk(relation: Relation, graph: Graph, text: str) -> bool:
    """Tell whether a lookup from any model would need the other row of a relation."""
    if relation.name not in text and not _reverse_in(relation, graph, text):
        return False
    for label in graph.models:
        for step in lookups.steps(graph, label, text):
            if step.joins and (step.origin, step.field) == (relation.label, relation.name):
                return True
            reverse = graph.models[step.origin].query_names.get(step.field)
            if reverse and (reverse.model, reverse.field) == (relation.label, relation.name):
                return True
    return False


def _reverse_in(relation: Relation, graph: Graph, text: str) -> bool:
    target = graph.models[relation.target]
    return any(
        (reverse.model, reverse.field) == (relation.label, relation.name) and name in text
        for name, reverse in target.query_names.items()
    )


def _texts(nodes: Iterable[ast.AST], factories: frozenset[str], *, is_test: bool) -> Iterator[Text]:
    """Give what may be a lookup: "user__email" anywhere, "user" where it alone may need a join.

    Not what subscripts a row, nor what a factory is told to make; a test's own functions hand on
    what they are given to factories.
    """
    left_out: set[ast.AST] = set()
    for node in nodes:
        if isinstance(node, ast.Subscript):
            left_out.add(node.slice)
        elif isinstance(node, ast.Call):
            name = _last_name(node.func)
            owner = _last_name(getattr(node.func, "value", None)) or name
            first = _last_name(node.args[0]) if node.args else ""
            if {owner, name, first} & factories or (is_test and name not in QUERYING):
                left_out.update(node.keywords)
            yield from _alone(node, name)
        if node in left_out:
            continue
        text = getattr(node, "value" if isinstance(node, ast.Constant) else "arg", None)
        is_text = isinstance(node, (ast.Constant, ast.keyword)) and isinstance(text, str)
        if is_text and LOOKUP.fullmatch(text or ""):
            yield node.lineno, str(text).lstrip("-"), ""  # type: ignore[attr-defined]


def _alone(node: ast.Call, name: str) -> Iterator[Text]:
    for part in node.args if name in ON_ROWS | {"order_by"} else ():
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.lineno, part.value.lstrip("-"), name
    for keyword in node.keywords if name == "update" else ():
        yield keyword.lineno, keyword.arg or "", name


def factories(trees: Iterable[ast.Module]) -> frozenset[str]:
    """Return the names of classes that make rows for tests."""
    return frozenset(
        node.name
        for tree in trees
        for node in statements(tree)
        if isinstance(node, ast.ClassDef)
        if any(_last_name(base).endswith("Factory") for base in node.bases)
    )


def _last_name(node: ast.AST | None) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, (ast.Subscript, ast.Call)):
        return _last_name(node.value if isinstance(node, ast.Subscript) else node.func)
    return node.id if isinstance(node, ast.Name) else ""


def _declares(tree: ast.Module | None, walk: Walk) -> bool:
    """Tell whether the class around a `Meta` declares the attribute by itself."""
    return any(
        isinstance(node, ast.ClassDef)
        and node.name != "Meta"
        and node.lineno <= walk.line <= (node.end_lineno or 0)
        and walk.text in {name for line in node.body for name in bound(line)}
        for node in (ast.walk(tree) if tree is not None else ())
    )


def class_around(tree: ast.Module | None, line: int) -> ast.ClassDef | None:
    """Return the innermost class around a line."""
    around = [
        node
        for node in (ast.walk(tree) if tree is not None else ())
        if isinstance(node, ast.ClassDef) and node.lineno <= line <= (node.end_lineno or 0)
    ]
    return max(around, key=lambda node: node.lineno, default=None)


def _can_change(walk: Walk, trees: Mapping[str, ast.Module]) -> bool:
    """Tell an admin's option that can be left out, its rows being loaded ahead by one call.

    Its own query is Django's then, or begins with it and is told in one line.
    """
    if walk.how != JOINED:
        return walk.how in DROPPABLE and walk.is_last
    cls = class_around(trees.get(walk.path), walk.line)
    if cls is None:
        return False
    own = [n for n in cls.body if isinstance(n, ast.FunctionDef) and n.name == "get_queryset"]
    return not own or begins_with_super(own[0])


def begins_with_super(function: ast.FunctionDef) -> bool:
    """Tell whether all a method does is to return what `super().get_queryset()` is made into."""
    statements = [n for n in function.body if not isinstance(n, ast.Expr)]
    if len(statements) != 1 or not isinstance(statements[0], ast.Return):
        return False
    node: ast.AST | None = statements[0].value
    while isinstance(node, (ast.Call, ast.Attribute)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return node.func.id == "super"
        node = node.func if isinstance(node, ast.Call) else node.value
    return False


def bound(line: ast.stmt) -> Iterator[str]:
    """Give the names that a statement of a class body binds."""
    targets: list[ast.expr] = []
    if isinstance(line, ast.Assign):
        targets = line.targets
    elif isinstance(line, ast.AnnAssign):
        targets = [line.target]
    for target in targets:
        if isinstance(target, ast.Name):
            yield target.id


def parsed(texts: Mapping[str, str]) -> dict[str, ast.Module]:
    """Parse each text that can be parsed."""
    found = {}
    for path, text in texts.items():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found[path] = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError):
            continue
    return found
