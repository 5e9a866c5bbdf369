"""What reading an attribute of a model instance gives, and which crossing that makes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.crossings.infer.walker import root_name
from codemods.crossings.values import UNKNOWN, Type, Value, cut, one

if TYPE_CHECKING:
    from codemods.crossings.infer.walker import Walker
    from codemods.project.graph import Field, Model

INSTANCE_WRITES = frozenset({"save", "delete", "asave", "adelete", "save_base"})
INSTANCE_READS = frozenset({"refresh_from_db", "arefresh_from_db", "full_clean", "validate_unique"})


def has_attribute(walker: Walker, label: str, name: str) -> bool:
    """Tell whether a model's instances have an attribute, as far as can be seen."""
    model = walker.graph.models.get(label)
    if model is None or name in INSTANCE_WRITES or name in INSTANCE_READS or name == "pk":
        return True
    if any(
        name in known for known in (model.fields, model.attnames, model.accessors, model.members)
    ):
        return True
    for owner in (model.name, *model.bases):
        cls = walker.graph.classes.get(owner)
        if (cls and name in cls.names) or walker.facts.get("a", owner, name):
            return True
    return False


def of_instance(walker: Walker, value: Value, name: str, node: ast.Attribute | None) -> Type:
    """Read an attribute of a model instance: a relation, a column, a property or a method."""
    label = value[1]
    model = walker.graph.models.get(label)
    if model is None:
        return UNKNOWN
    if name == "__class__":
        return one("M", label)
    if node is not None and not is_own_self(walker, node):
        walker.reads_of(label, name, node, is_write=isinstance(node.ctx, ast.Store))
    field = model.fields.get(name)
    if field is not None:
        if field.many and node is not None:  # a client's value has no rows of links to give
            walker.hands(node.value, "escaping")
        return _of_field(walker, label, field, node)
    reverse = model.accessors.get(name)
    if reverse is not None:
        if reverse.many and node is not None:
            walker.hands(node.value, "escaping")
        remote = walker.graph.models[reverse.model].fields.get(reverse.field)
        is_m2m = remote is not None and remote.many
        _reached(
            walker, "many-to-many" if is_m2m else "reverse-relation", label, reverse.model, node
        )
        if remote is not None and remote.through:
            _linked(walker, "many-to-many", reverse.model, remote.through, node)
        return one("R", reverse.model, label, name) if reverse.many else one("I", reverse.model)
    return _member(walker, model, value, name, node)


def _of_field(walker: Walker, label: str, field: Field, node: ast.Attribute | None) -> Type:
    """Read a column, or follow a relation to an instance, its rows or a client's value."""
    if field.service and field.target and not _is_stored(node):
        _touched(walker, label, node)
        return one("U", field.target, label, field.name)
    if field.target:
        kind = "generic-relation" if field.generic else "many-to-many" if field.many else "relation"
        _reached(walker, kind, label, field.target, node)
        if field.through:
            _linked(walker, kind, field.target, field.through, node)
        many = one("R", field.target, label, field.name)
        return many if field.many else one("I", field.target)
    if field.generic:
        return _generic(walker, label, node)
    _touched(walker, label, node)
    return UNKNOWN


def _is_stored(node: ast.Attribute | None) -> bool:
    return node is not None and isinstance(node.ctx, ast.Store)


def _member(
    walker: Walker, model: Model, value: Value, name: str, node: ast.Attribute | None
) -> Type:
    label = model.label
    member = model.members.get(name)
    if member is not None:
        if member.kind == "property":
            _touched(walker, label, node, member="property")
            return walker.facts.get("r", member.name)
        return one("B", member.name, frozenset((value,)))
    _touched(walker, label, node)
    found: set[Value] = set()
    for owner in (model.name, *model.bases):
        found |= walker.facts.get("a", owner, name)
        if (cls := walker.graph.classes.get(owner)) and (bound := cls.names.get(name)):
            found |= walker.from_probe(*bound)
    return frozenset(found)


def _generic(walker: Walker, label: str, node: ast.Attribute | None) -> Type:
    """Return what a GenericForeignKey may reach: the models that declare the other end."""
    found = set()
    for model in walker.graph.models.values():
        if any(f.type == "GenericRelation" and f.target == label for f in model.fields.values()):
            found.add(("I", model.label))
            _reached(walker, "generic-relation", label, model.label, node)
    return cut(frozenset(found))


def _reached(
    walker: Walker, kind: str, origin: str, target: str, node: ast.Attribute | None
) -> None:
    """Record that a relation was followed; setting one of our own only writes a local key."""
    if node is None:
        return
    if isinstance(node.ctx, ast.Store):
        walker.wrote(origin)
        if walker.found.is_foreign(origin):
            walker.emit("attribute-write", node, origin, access="write")
        else:
            walker.emit("key", node, target, access="write")
        return
    if not walker.found.is_foreign(target):
        _touched(walker, origin, node)
        return
    walker.emit(kind, node, target)
    if walker.contexts.of_label(origin) != walker.contexts.of_label(target):
        _touched(walker, origin, node)


def _linked(
    walker: Walker, kind: str, target: str, through: str, node: ast.Attribute | None
) -> None:
    """Record a link table that belongs to another context than the rows it leads to."""
    owner = walker.contexts.of_label
    if node is not None and owner(through) != owner(target) and isinstance(node.ctx, ast.Load):
        walker.emit(kind, node, through)


def _touched(walker: Walker, label: str, node: ast.Attribute | None, member: str = "") -> None:
    """Record a plain attribute of another context's instance, as part of its chain if any."""
    if node is not None and node.attr.startswith("_") and not member:
        return  # what Django keeps about an instance, such as `_meta`, is no data of its
    if node is None or not walker.found.is_foreign(label) or is_own_self(walker, node):
        return
    if root_name(node) in walker.guessed and not has_attribute(walker, label, node.attr):
        return  # the name suggested the wrong model
    if isinstance(node.ctx, ast.Store):
        walker.emit("attribute-write", node, label, access="write")
    elif not walker.found.extend(node, label):
        walker.emit("method" if member else "attribute", node, label)


def is_own_self(walker: Walker, node: ast.expr) -> bool:
    """Tell whether this is `self` in a model class of this file, whoever inherits from it."""
    frame = walker.frames[-1]
    return (
        frame.cls is not None
        and isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == frame.self_name
        and frame.cls in walker.graph.concrete_of
    )
