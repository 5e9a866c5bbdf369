"""What class bodies declare: relation fields, Meta.model, admin lists, serializer sources."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from codemods.crossings import lookups, walks
from codemods.crossings.infer import choices, pages, roles, serializers
from codemods.crossings.infer.definitions import decorator_name
from codemods.project.contexts import FRAMEWORK, PROJECT

if TYPE_CHECKING:
    from codemods.crossings.infer.walker import Walker
    from codemods.crossings.values import Value

PATH_LISTS = frozenset(
    {
        "list_display", "list_filter", "search_fields", "list_select_related", "raw_id_fields",
        "autocomplete_fields", "ordering", "readonly_fields", "fields", "fieldsets",
        "date_hierarchy", "filter_horizontal", "filter_vertical", "ordering_fields",
        "filterset_fields", "list_editable", "radio_fields", "extra_kwargs", "read_only_fields",
        "list_display_links", "widgets", "labels",
    }
)  # fmt: skip
SHOWN = frozenset({"list_display", "fields", "readonly_fields", "read_only_fields"})
ROLE_KINDS = {
    "form": "form", "formset": "form", "serializer": "serializer", "admin": "admin", "view": "view",
    "filterset": "filterset", "index": "library", "table": "library", "factory": "library",
}  # fmt: skip


def inherits(walker: Walker, base: ast.expr, value: Value) -> None:
    """Record that a class inherits from another context's model, concrete or abstract."""
    if value[0] == "M":
        walker.emit("inheritance", base, value[1], access="schema")
    elif value[0] == "C" and value[1] in walker.graph.concrete_of:
        definition = walker.project.definitions.get(value[1])
        owner = walker.contexts.of_path(definition.path) if definition else FRAMEWORK
        if owner not in (FRAMEWORK, PROJECT, walker.source.context):
            owned = [
                label
                for label in sorted(walker.graph.concrete_of[value[1]])
                if walker.contexts.of_label(label) == owner
            ]
            walker.found.add_to(
                owner, "inheritance", base, owned[0] if owned else "",
                function=walker.function, access="schema",
            )  # fmt: skip


def registered(walker: Walker, decorator: ast.expr) -> None:
    """Record `@admin.register(Model)` of another context's model."""
    if isinstance(decorator, ast.Call) and decorator_name(decorator) == "register":
        for argument in decorator.args:
            for value in walker.eval(argument):
                if value[0] == "M":
                    walker.emit("admin", argument, value[1])


def read_body(walker: Walker, node: Any, cls: str) -> None:
    """Record what a class body says about models of other contexts."""
    if cls in walker.graph.concrete_of:
        _relation_fields(walker, node, cls)
        return
    role = roles.role(walker, cls)
    kind = ROLE_KINDS.get(role)
    owner, _, last = cls.rpartition(".")
    if kind is None and last == "Meta":
        role = roles.role(walker, owner)
        kind, cls = ROLE_KINDS.get(role), owner
    if kind is None:
        return
    labels = tuple(
        label
        for label in roles.models_of(walker, cls, through_subclasses=False)
        if label in walker.graph.models
    )
    if last != "Meta":
        _whole(walker, node, cls, kind, labels)
    for statement in node.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        if isinstance(statement, ast.AnnAssign) and statement.value is not None:
            targets = [statement.target]
        for target in targets:
            if isinstance(target, ast.Name):
                _attribute(walker, cls, kind, labels, target.id, statement.value)
    if last == "Meta" and kind in ("form", "serializer", "filterset"):
        _all_but(walker, node, kind, labels)


def _all_but(walker: Walker, node: Any, kind: str, labels: tuple[str, ...]) -> None:
    """Take note of the relations of a `Meta` that says only what it leaves out."""
    own = {t.id: s.value for s in node.body if isinstance(s, ast.Assign)
           for t in s.targets if isinstance(t, ast.Name)}  # fmt: skip
    if "exclude" not in own or "fields" in own:
        return
    excluded = {getattr(part, "value", None) for part in ast.walk(own["exclude"])}
    for label in labels:
        for name in walker.graph.models[label].fields.keys() - excluded:
            walks.tell(walker, label, name, own["exclude"], f"{kind} exclude")


def _whole(walker: Walker, node: Any, cls: str, kind: str, labels: tuple[str, ...]) -> None:
    """Record what the framework does for a class as a whole."""
    if kind == "serializer":
        serializers.read_class(walker, node, cls, labels)
    elif kind == "view":
        pages.view(walker, node, cls)
    elif kind == "admin":
        pages.admin(walker, node, cls)
        _displayed(walker, node, labels)


def _displayed(walker: Walker, node: Any, labels: tuple[str, ...]) -> None:
    """Take note of what columns are sorted by: `@admin.display(ordering="user__email")`."""
    for part in ast.walk(node):
        name, value = "", None
        if isinstance(part, ast.keyword):
            name, value = part.arg or "", part.value
        elif isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Attribute):
            name, value = part.targets[0].attr, part.value
        if name in ("ordering", "admin_order_field") and isinstance(value, ast.Constant):
            for label in labels if isinstance(value.value, str) else ():
                walks.tell(walker, label, str(value.value), value, "admin ordering")


def _inlines(walker: Walker, value: ast.expr) -> None:
    """Record the models of inlines, wherever their classes stand."""
    for part in getattr(value, "elts", ()):
        for found in walker.eval(part):
            for label in roles.models_of(walker, found[1]) if found[0] == "C" else ():
                walker.emit("admin", part, label)


def _shown_in(walker: Walker, cls: str, value: ast.expr) -> None:
    """Record that an inline is part of the page of another context's model."""
    for entry in walker.graph.admin:
        if any(inline == cls for inline, _ in entry["inlines"]):
            walker.emit("admin", value, entry["model"])


def _attribute(
    walker: Walker, cls: str, kind: str, labels: tuple[str, ...], name: str, value: Any
) -> None:
    if name == "model":
        for found in walker.eval(value):
            if found[0] == "M":
                walker.emit(kind, value, found[1])
        if kind == "admin":
            _shown_in(walker, cls, value)
    elif name == "inlines":
        _inlines(walker, value)
    elif name in PATH_LISTS:
        _paths(walker, kind, labels, value, name)
        if name in SHOWN:
            _shown(walker, kind, labels, value)
    elif kind in ("serializer", "filterset", "form") and isinstance(value, ast.Call):
        _declared_field(walker, cls, kind, labels, name, value)


def _paths(walker: Walker, kind: str, labels: tuple[str, ...], value: ast.AST, name: str) -> None:
    for constant in ast.walk(value):
        if not isinstance(constant, ast.Constant) or not isinstance(constant.value, str):
            continue
        for label in labels:
            if constant.value == "__all__":
                _all_fields(walker, kind, label, constant)
                for relation in walker.graph.models[label].fields:
                    walks.tell(walker, label, relation, constant, f"{kind} {name}")
            else:
                path = constant.value.lstrip("^=@$-").replace(".", "__")
                walks.tell(walker, label, path, constant, f"{kind} {name}")
                for step in lookups.steps(walker.graph, label, path):
                    walker.emit(kind, constant, step.target)
                    if step.through and kind in ("form", "serializer"):
                        walker.emit(kind, constant, step.through)


def _shown(walker: Walker, kind: str, labels: tuple[str, ...], value: ast.AST) -> None:
    """Take note of what a page or a serializer shows of its rows."""
    for constant in ast.walk(value):
        if isinstance(constant, ast.Constant) and isinstance(constant.value, str):
            for label in labels:
                names = [constant.value]
                if constant.value == "__all__":
                    names = list(walker.graph.models[label].fields)
                for name in names:
                    serializers.reads_along(walker, label, name, constant, is_text=kind == "admin")


def _all_fields(walker: Walker, kind: str, label: str, constant: ast.AST) -> None:
    for field in walker.graph.models[label].fields.values():
        if field.target and not field.inherited:
            walker.emit(kind, constant, field.target)


def _declared_field(
    walker: Walker, cls: str, kind: str, labels: tuple[str, ...], name: str, call: ast.Call
) -> None:
    """Record `customer = CharField(source="user.email")` and nested serializers."""
    path = serializers.source_of(name, call)
    for label in labels if kind != "serializer" else ():
        named = [keyword.value for keyword in call.keywords]
        place = next((v for v in named if getattr(v, "value", None) == path), call)
        walks.tell(walker, label, path.replace(".", "__"), place, f"{kind} {name}=")
    for label in labels:
        accessor = walker.graph.models[label].accessors.get(path.split(".")[0].split("__")[0])
        if accessor is not None:
            walker.emit(kind, call, accessor.model)
    if kind == "serializer":
        steps = serializers.declared_field(walker, labels, path, call)
    else:
        steps = tuple(
            step
            for label in labels
            for step in lookups.steps(walker.graph, label, path.replace(".", "__"))
        )
    for step in steps:
        walker.emit(kind, call, step.target)
    if kind == "filterset":
        choices.tell(walker, cls, {step.target for step in steps if step.joins}, choices.SHOWN)


def _relation_fields(walker: Walker, node: Any, cls: str) -> None:
    for statement in node.body:
        if isinstance(statement, ast.Assign):
            names = [t.id for t in statement.targets if isinstance(t, ast.Name)]
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            names = [statement.target.id]
        else:
            continue
        if not isinstance(statement.value, ast.Call):
            continue
        for label in sorted(walker.graph.concrete_of[cls]):
            for name in names:
                field = walker.graph.models[label].fields.get(name)
                if field is not None and field.target:
                    walker.emit("relation-field", statement.value, field.target, access="schema")
                    if field.through and not field.through_auto:
                        walker.emit(
                            "relation-field", statement.value, field.through, access="schema"
                        )
