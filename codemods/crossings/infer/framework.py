"""Calls into the framework's own classes: what it queries and saves on a class's behalf."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.crossings.infer import (
    apply,
    choices,
    implied,
    library,
    querysets,
    roles,
)
from codemods.crossings.infer.instances import INSTANCE_WRITES
from codemods.crossings.values import joined_to

if TYPE_CHECKING:
    from codemods.crossings.infer.walker import Walker
    from codemods.crossings.values import (
        Type,
        Value,
    )


TREES = {
    "get_tree": "Q", "get_root_nodes": "Q", "get_children": "Q", "get_descendants": "Q",
    "get_ancestors": "Q", "get_siblings": "Q", "get_family": "Q", "get_leafnodes": "Q",
    "get_parent": "I", "get_root": "I", "get_first_child": "I", "get_last_child": "I",
}  # fmt: skip


def tree(walker: Walker, base: Type, name: str, node: ast.Call) -> Type:
    """Read the methods that treebeard and mptt add to the models of trees."""
    apply.arguments(walker, node)
    found: set[Value] = set()
    for value in base:
        if value[0] in "MI" and value[1] in walker.graph.models:
            if not walker.found.extend(node, value[1]):
                walker.emit("query", node, value[1])
            found.add((TREES[name], value[1]))
    return frozenset(found)


SUPER_CALLS = {
    "view": frozenset(
        {
            "get_table", "get_table_data", "put", "patch",
            "get_context_data", "dispatch", "get", "post", "form_valid", "form_invalid", "delete",
            "get_object", "list", "retrieve", "create", "update", "destroy",
            "paginate_queryset", "perform_create", "perform_update",
        }
    ),
    "form": frozenset(
        {"__init__", "save", "_post_clean", "is_valid", "full_clean",
         "validate_unique", "_save_m2m"}
    ),
    "formset": frozenset(
        {"__init__", "save", "clean", "is_valid", "_construct_form", "full_clean"}
    ),
    "serializer": frozenset({"save", "create", "update", "to_representation", "is_valid"}),
    "admin": frozenset(
        {"save_model", "delete_model", "changelist_view", "get_search_results", "save_related"}
    ),
}  # fmt: skip

DELETES = frozenset({"dispatch", "post", "form_valid"})
VALIDATES = frozenset({"is_valid", "full_clean", "save", "save_m2m"})

VIEW_CALLS = frozenset(
    {"get_object", "get_context_data", "get_table", "paginate_queryset", "list", "retrieve"}
)


def view_call(walker: Walker, value: Value, name: str, node: ast.Call) -> None:
    """Record what a generic view's own method queries, unless the project overrides it."""
    owners = roles.lookup_order(walker, value[1])
    if roles.role(walker, value[1]) != "view" or any(
        f"{owner}.{name}" in walker.project.definitions for owner in owners
    ):
        return
    for label in roles.models_of(walker, value[1], through_subclasses=False):
        for other in (label, *library.related(walker, label, "view", value[1], name)):
            walker.emit("library", node, other)
    for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
        library.passed(walker, argument, walker.known(argument))


def object_call(walker: Walker, value: Value, name: str, node: ast.Call) -> None:
    """Record what a method of a form or view queries, where the framework's own runs."""
    if name in VALIDATES:
        form_call(walker, value, name, node)
    elif name in VIEW_CALLS:
        view_call(walker, value, name, node)


def form_call(walker: Walker, value: Value, name: str, node: ast.Call) -> None:
    """Record what a form, formset or serializer queries to validate and save."""
    role = roles.role(walker, value[1])
    if role in ("form", "formset", "serializer"):
        for label in roles.models_of(walker, value[1]):
            if name == "save":
                walker.wrote(label)
            walker.emit("library", node, label, access="write" if name == "save" else "read")
        for label in choices.offered(walker, value[1]):
            walker.emit("library", node, label)


def _super_instance(walker: Walker, label: str, name: str, node: ast.Call) -> None:
    """Record what Django's model class does in `super().save()` and its like."""
    if name in INSTANCE_WRITES:
        walker.hands(ast.Name(id=walker.frames[-1].self_name or ""), "written")
        walker.wrote(label)
        walker.emit("instance-write", node, label, access="write")
        implied.written(walker, label, node)
    if name == "delete":
        querysets.cascade(walker, label, node)
    if name in ("full_clean", "validate_unique"):
        validates(walker, label, node)


def super_call(walker: Walker, value: Value, name: str, node: ast.Call) -> None:
    """Record what Django's own base class queries when `super()` hands over to it."""
    for inner in value[2]:
        if inner[0] == "I":
            _super_instance(walker, inner[1], name, node)
    role = roles.role(walker, value[1])
    order = roles.lookup_order(walker, value[1])[1:]
    is_own = any(f"{owner}.{name}" in walker.project.definitions for owner in order)
    if name in SUPER_CALLS.get(role, ()) and not is_own:  # else that method's own calls tell
        is_any = role == "view"
        for label in roles.models_of(walker, value[1], through_subclasses=is_any):
            _super_of_page(walker, value[1], role, label, name, node)


def _super_of_page(
    walker: Walker, cls: str, role: str, label: str, name: str, node: ast.Call
) -> None:
    """Record what a generic view's, form's, serializer's or admin's own method queries."""
    is_delete = any(base.endswith(":DeletionMixin") for base in roles.lookup_order(walker, cls))
    if name == "delete" or (role == "view" and name in DELETES and is_delete):
        querysets.cascade(walker, label, node)
    others = {label, *library.related(walker, label, role, cls, name)}
    if role == "form" and name == "__init__":  # rows are offered later, where it is shown
        others = {label, *_linked(walker, label, [cls])}
    elif name == "get_context_data" and not _lists(walker, cls):  # its row is at hand already
        forms = [v[1] for v in roles.class_value(walker, cls, "form_class") if v[0] == "C"]
        others = set(_linked(walker, label, forms))
    for other in sorted(others):
        walker.emit("library", node, other)


def _lists(walker: Walker, cls: str) -> bool:
    """Tell whether a view's context holds pages of rows."""
    owners = (cls, *walker.project.subclasses.get(cls, ())[: roles.MAX_SUBCLASSES])
    order = [name for owner in owners for name in roles.lookup_order(walker, owner)]
    return any(name.endswith(("MultipleObjectMixin", "TableMixinBase")) for name in order)


def _linked(walker: Walker, label: str, forms: list[str]) -> tuple[str, ...]:
    """Return the models whose linked rows a form reads to show what is chosen already."""
    model = walker.graph.models.get(label)
    shown = {name for form in forms for name in _names_of(walker, form)}
    fields = [f for f in model.fields.values() if f.many and f.name in shown] if model else []
    return tuple(name for f in fields for name in (f.target, f.through) if name)


def _names_of(walker: Walker, form: str) -> list[str]:
    known = walker.graph.classes.get(form)
    names = known.names if known else {}
    return [name.removeprefix(choices.FIELD) for name in names if name.startswith(choices.FIELD)]


def validates(walker: Walker, label: str, node: ast.Call) -> None:
    """Record the foreign rows that validation looks for."""
    for field in walker.graph.models[label].fields.values():
        if field.target and not field.many and not field.generic:
            walker.emit("library", node, field.target)


def _counted(walker: Walker, rows: Value, node: ast.Call) -> None:
    """Record that a paginator counts its rows, to know whether there is such a page."""
    for label in (rows[1], *joined_to(rows)):
        if walker.found.is_foreign(label) and not walker.found.has(node, label):
            walker.emit("library", node, label)


def framework_write(walker: Walker, value: Value, name: str, node: ast.Call) -> None:
    """Record `form.save()` and `serializer.save()` of another context's model."""
    for inner in value[1]:
        if inner[0] == "I":
            if name == "save":
                walker.wrote(inner[1])
            if not walker.found.extend(node, inner[1]):
                walker.emit("library", node, inner[1], access="write" if name == "save" else "read")
        elif inner[0] == "S" and name == "get_users":
            framework_write(walker, inner, name, node)
        elif inner[0] == "Q" and name in ("page", "get_page"):
            _counted(walker, inner, node)  # its rows are asked for where the page is iterated
        elif inner[0] == "Q" and name != "get_queryset":
            walker.emit("library", node, inner[1])
        elif inner[0] == "Q":
            walker.emit("query", node, inner[1])
