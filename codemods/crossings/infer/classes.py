"""Classes: what `self` is, where a member comes from, and what a class body declares."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from codemods.crossings.infer import choices, declarations, diverted, library, members, roles
from codemods.crossings.infer.annotations import is_request
from codemods.crossings.infer.definitions import decorator_name
from codemods.crossings.infer.walker import Function
from codemods.crossings.values import UNKNOWN, Type, Value, cut, narrowed, one

if TYPE_CHECKING:
    from codemods.crossings.infer.walker import Walker

MAX_SUBCLASSES = 14
MAX_VIEWS = 40


def self_type(walker: Walker, cls: str) -> Type:
    """Return what `self` is in a class: instances of its concrete models, a manager, an object."""
    graph = walker.graph
    if labels := graph.concrete_of.get(cls):
        return cut(frozenset(("I", label) for label in labels))
    if labels := graph.manager_models.get(cls):
        shape = "Q" if roles.role(walker, cls) == "queryset" else "G"
        return cut(frozenset((shape, label) for label in labels))
    return one("O", cls)


def class_type(walker: Walker, cls: str) -> Type:
    """Return what `cls` is in a class method."""
    if labels := walker.graph.concrete_of.get(cls):
        return cut(frozenset(("M", label) for label in labels))
    return one("C", cls)


def own_member(walker: Walker, order: tuple[str, ...], name: str, bound: Type) -> Type:
    """Return a member defined in the source of the first class in `order` that has it."""
    for owner in order:
        definition = walker.project.definitions.get(f"{owner}.{name}")
        if definition is not None and definition.kind != "class":
            if definition.kind == "property":
                return walker.facts.get("r", f"{owner}.{name}")
            return one("B", f"{owner}.{name}", bound)
        if owner in walker.project.definitions and (found := walker.facts.get("a", owner, name)):
            return found
        known = walker.graph.classes.get(owner)
        if known and (entry := known.names.get(name)):
            return walker.from_probe(*entry)
    return UNKNOWN


def member(walker: Walker, cls: str, name: str, bound: Type) -> Type:
    """Return an attribute of a class's instance: its own, the framework's, or its subclasses'."""
    if found := own_member(walker, roles.lookup_order(walker, cls), name, bound):
        return found
    if found := members.framework_member(walker, ("O", cls), name):
        return found
    merged: set[Value] = set()
    for subclass in walker.project.subclasses.get(cls, ())[:MAX_SUBCLASSES]:
        merged |= own_member(walker, roles.lookup_order(walker, subclass), name, bound)
    return cut(frozenset(merged))


def super_member(walker: Walker, cls: str, name: str, bound: Type) -> Type:
    """Return what `super().name` finds: the next classes in lookup order."""
    return own_member(walker, roles.lookup_order(walker, cls)[1:], name, bound)


def parameter(walker: Walker, cls: str, method: str, name: str) -> Type:
    """Return what a method's parameter is by habit."""
    return members.parameter(walker, cls, name)


def keywords(walker: Walker, cls: str, method: str) -> Type:
    """Return what `**kwargs` of a form's `__init__` holds: the instance it edits."""
    if method == "__init__" and roles.role(walker, cls) in ("form", "serializer"):
        instances = frozenset(("I", label) for label in roles.models_of(walker, cls))
        return one("K", (("instance", instances),)) if instances else UNKNOWN
    return UNKNOWN


def read_class(walker: Walker, node: Any) -> None:
    """Read a class: its bases, its body, and what Django takes from it."""
    qualname = f"{walker.qualname}.{node.name}" if walker.qualname else node.name
    cls = f"{walker.module}:{qualname}"
    for base in node.bases:
        for value in walker.eval(base):
            declarations.inherits(walker, base, value)
    for decorator in node.decorator_list:
        walker.eval(decorator)
        declarations.registered(walker, decorator)
    _keywords_of(walker, node, cls)
    outer_qualname, outer_scopes = walker.qualname, walker.scopes
    scope: dict[str, Type] = {}
    walker.qualname = qualname
    walker.scopes = [*outer_scopes, scope]
    for statement in node.body:
        if isinstance(statement, Function):
            _method(walker, statement, qualname, cls, outer_scopes)
        else:
            walker.run([statement])
    for name, type_ in scope.items():
        choices.tell(walker, cls, choices.labels_of(type_))
        told = frozenset(v for v in type_ if v[0] != "F")
        walker.facts.tell(told, "a", cls, name)
        if is_request(walker, cls):
            walker.facts.tell(told, "a", "request", name)
    declarations.read_body(walker, node, cls)
    walker.qualname, walker.scopes = outer_qualname, outer_scopes
    walker.assign(node.name, _class_value(walker, cls))
    if roles.role(walker, cls) == "view":
        _tell_template(walker, cls, members.view_context(walker, cls))


def _keywords_of(walker: Walker, node: Any, cls: str) -> None:
    for keyword in node.keywords:
        type_ = walker.eval(keyword.value)
        if keyword.arg == "model":  # a generated value class names what it stands for
            walker.facts.tell(type_, "a", cls, diverted.LABEL)
            for value in type_:
                for name in _carrying(node) if value[0] == "L" else ():
                    walker.facts.tell(one("L", name), diverted.CARRIED, value[1], name)


def _carrying(node: ast.ClassDef) -> list[str]:
    """Return the properties of a generated value class that give rows which travel with it."""
    return [
        each.name
        for each in node.body
        if isinstance(each, ast.FunctionDef)
        and isinstance(each.returns, ast.Subscript)
        and isinstance(each.returns.value, ast.Name)
        and each.returns.value.id == "Carried"
    ]


def _class_value(walker: Walker, cls: str) -> Type:
    label = walker.graph.model_of_class.get(cls)
    return one("M", label) if label else one("C", cls)


def _method(
    walker: Walker, node: Function, qualname: str, cls: str, scopes: list[dict[str, Type]]
) -> None:
    for decorator in node.decorator_list:
        walker.eval(decorator)
    name = f"{qualname}.{node.name}"
    walker.pending.append((node, name, cls, list(scopes)))
    decorated(walker, node, f"{walker.module}:{name}", cls)


def decorated(walker: Walker, node: Function, function: str, cls: str | None) -> None:
    """Let a signal's receiver know its sender."""
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and decorator_name(decorator) == "receiver":
            instances = frozenset(("I", label) for label in library.senders(walker, decorator))
            walker.facts.tell(instances, "p", function, "instance")


def after_method(walker: Walker, cls: str, method: str, returned: Type) -> None:
    """Give a view's templates what its `get_context_data` returns."""
    if method != "get_context_data":
        return
    for value in returned:
        if value[0] == "K":
            shared = roles.models_of(walker, cls)
            for owner in (cls, *walker.project.subclasses.get(cls, ())[:MAX_VIEWS]):
                own = roles.models_of(walker, owner)
                pairs = {k: narrowed(inner, shared, own) for k, inner in value[1]}
                _tell_template(walker, owner, pairs)


def _tell_template(walker: Walker, cls: str, context: dict[str, Type]) -> None:
    for value in roles.class_value(walker, cls, "template_name") | default_templates(walker, cls):
        if value[0] == "L":
            for name, type_ in context.items():
                walker.facts.tell(type_, "t", value[1], name)


def default_templates(walker: Walker, cls: str) -> Type:
    """Return the names that generic views derive from their model."""
    order = " ".join(roles.lookup_order(walker, cls))
    suffixes = [
        suffix
        for base, suffix in (
            ("generic.list:ListView", "_list"),
            ("generic.detail:DetailView", "_detail"),
            ("generic.edit:CreateView", "_form"),
            ("generic.edit:UpdateView", "_form"),
            ("generic.edit:DeleteView", "_confirm_delete"),
        )
        if base in order
    ]
    if not suffixes:
        return UNKNOWN
    names = [label.lower().replace(".", "/") for label in roles.models_of(walker, cls)]
    return frozenset(("L", f"{name}{suffix}.html") for name in names for suffix in suffixes)
