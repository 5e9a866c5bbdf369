"""Calls: a query, a method, a function of the project or of Django; what each returns and writes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from codemods.crossings.infer import classes, library, querysets, roles
from codemods.crossings.infer.attributes import (
    INSTANCE_READS,
    INSTANCE_WRITES,
    attribute,
    is_own_self,
)
from codemods.crossings.values import (
    UNKNOWN,
    Type,
    Value,
    cut,
    elements,
    labels,
    narrowed,
    one,
    query,
    reach_of,
    sequence,
    union,
    worth_telling,
)

from codemods.project.contexts import FRAMEWORK, PROJECT

if TYPE_CHECKING:
    from codemods.crossings.infer.walker import Walker

TASK_CALLS = frozenset(
    {"delay", "apply_async", "s", "si", "signature", "apply", "subtask", "send", "enqueue"}
)


def call(walker: Walker, node: Any) -> Type:
    """Return what a call gives; record what it queries, writes or calls."""
    function = node.func
    if isinstance(function, ast.Name):
        if function.id == "super":
            return _super(walker)
        callee = walker.lookup(function.id)
        if not callee:
            return library.builtin(walker, function.id, node)
        return apply(walker, callee, function.id, node)
    if isinstance(function, ast.Attribute):
        return _method(walker, function, node)
    callee = walker.eval(function)
    return apply(walker, callee, "", node)


def _super(walker: Walker) -> Type:
    frame = walker.frames[-1]
    if frame.cls is None or frame.self_name is None:
        return UNKNOWN
    bound = walker.lookup(frame.self_name)
    return one("Z", frame.cls, frozenset(v for v in bound if v[0] != "Z"))


def _method(walker: Walker, function: ast.Attribute, node: ast.Call) -> Type:
    base = walker.eval(function.value)
    name = function.attr
    if not base:
        if name == "get_model":
            return library.get_model(walker, node)
        types = arguments(walker, node)
        return library.unknown_method(walker, function, name, types, node)
    queries = [v for v in base if v[0] in "QVGR"]
    supers = [q for v in base if v[0] == "Z" for q in v[2] if q[0] in "QGR"]
    if (queries or supers) and name in querysets.KNOWN:
        return _query(walker, queries or supers, name, node)
    found: set[Value] = set()
    rest = set(base)
    for value in base:
        shape = value[0]
        if shape == "I":
            _instance_call(walker, value, name, node)
        elif shape == "Z":
            _super_call(walker, value, name, node)
        elif shape == "O" and name in VALIDATES:
            _form_call(walker, value, name, node)
        elif shape == "O" and name in VIEW_CALLS:
            _view_call(walker, value, name, node)
        elif shape in "KDSTAL" or (shape == "F" and name in TASK_CALLS):
            rest.discard(value)
            found |= _container_call(walker, value, name, node)
    callee = attribute(walker, frozenset(v for v in rest if v[0] != "I"), name, function)
    callee |= attribute(walker, frozenset(v for v in rest if v[0] == "I"), name, None)
    if callee:
        return cut(frozenset(found) | apply(walker, callee, name, node))
    if name in TREES and (rows := _tree(walker, base, name, node)):
        return rows
    if name == "get_model" and (model := library.get_model(walker, node)):
        return model
    types = arguments(walker, node)
    if queries:
        found |= library.manager_call(walker, queries, name, types, node)
    return cut(frozenset(found))


TREES = {
    "get_tree": "Q", "get_root_nodes": "Q", "get_children": "Q", "get_descendants": "Q",
    "get_ancestors": "Q", "get_siblings": "Q", "get_family": "Q", "get_leafnodes": "Q",
    "get_parent": "I", "get_root": "I", "get_first_child": "I", "get_last_child": "I",
}  # fmt: skip


def _tree(walker: Walker, base: Type, name: str, node: ast.Call) -> Type:
    """Read the methods that treebeard and mptt add to the models of trees."""
    arguments(walker, node)
    found: set[Value] = set()
    for value in base:
        if value[0] in "MI" and value[1] in walker.graph.models:
            if not walker.found.extend(node, value[1]):
                walker.emit("query", node, value[1])
            found.add((TREES[name], value[1]))
    return frozenset(found)


def _query(walker: Walker, queries: list[Value], name: str, node: ast.Call) -> Type:
    labels = tuple(sorted({value[1] for value in queries}))
    reached = querysets.read_arguments(walker, labels, name, node)
    results = (querysets.call(walker, value, name, node, reached) for value in queries)
    return union(result for result in results if result)


def _instance_call(walker: Walker, value: Value, name: str, node: ast.Call) -> None:
    """Record a method call on another context's instance, and writes of any."""
    label = value[1]
    if name in INSTANCE_WRITES:
        walker.wrote(label)
    if name in ("delete", "adelete"):
        querysets.cascade(walker, label, node)
    if name in ("full_clean", "validate_unique", "clean_fields"):
        _validates(walker, label, node)
    if not walker.found.is_foreign(label):
        return
    if name in INSTANCE_WRITES:
        walker.emit("instance-write", node, label, access="write")
    elif name in INSTANCE_READS:
        walker.emit("instance-write", node, label)
    elif not walker.found.extend(node, label) and not is_own_self(walker, node.func):
        walker.emit("method", node, label)


SUPER_CALLS = {
    "view": frozenset(
        {
            "get_table", "get_table_data", "put", "patch",
            "get_context_data", "dispatch", "get", "post", "form_valid", "form_invalid", "delete",
            "get_object", "render_to_response", "list", "retrieve", "create", "update", "destroy",
            "paginate_queryset", "perform_create", "perform_update",
        }
    ),
    "form": frozenset(
        {"__init__", "save", "clean", "_post_clean", "is_valid", "full_clean", "validate_unique", "_save_m2m"}
    ),
    "formset": frozenset({"__init__", "save", "clean", "is_valid", "_construct_form", "full_clean"}),
    "serializer": frozenset({"save", "create", "update", "to_representation", "is_valid"}),
    "admin": frozenset({"save_model", "delete_model", "changelist_view", "get_search_results", "save_related"}),
}  # fmt: skip


VALIDATES = frozenset({"is_valid", "full_clean", "save", "save_m2m"})


VIEW_CALLS = frozenset({"get_object", "get_context_data", "get_table", "paginate_queryset"})


def _view_call(walker: Walker, value: Value, name: str, node: ast.Call) -> None:
    """Record what a generic view's own method queries, unless the project overrides it."""
    owners = roles.lookup_order(walker, value[1])
    if roles.role(walker, value[1]) != "view" or any(
        f"{owner}.{name}" in walker.project.definitions for owner in owners
    ):
        return
    for label in roles.models_of(walker, value[1], through_subclasses=False):
        for other in (label, *library.related(walker, label, "view", value[1])):
            walker.emit("library", node, other)
    for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
        library.passed(walker, argument, walker.known(argument))


def _form_call(walker: Walker, value: Value, name: str, node: ast.Call) -> None:
    """Record what a form, formset or serializer queries to validate and save."""
    role = roles.role(walker, value[1])
    if role in ("form", "formset", "serializer"):
        for label in roles.models_of(walker, value[1]):
            if name == "save":
                walker.wrote(label)
            walker.emit("library", node, label, access="write" if name == "save" else "read")
        for label in roles.choice_models(walker, value[1]):
            walker.emit("library", node, label)


def _super_call(walker: Walker, value: Value, name: str, node: ast.Call) -> None:
    """Record what Django's own base class queries when `super()` hands over to it."""
    for inner in value[2]:
        if inner[0] == "I":
            if name in INSTANCE_WRITES:
                walker.wrote(inner[1])
                walker.emit("instance-write", node, inner[1], access="write")
            if name == "delete":
                querysets.cascade(walker, inner[1], node)
            if name in ("full_clean", "validate_unique"):
                _validates(walker, inner[1], node)
    role = roles.role(walker, value[1])
    if name in SUPER_CALLS.get(role, ()):
        is_any = role == "view"
        for label in roles.models_of(walker, value[1], through_subclasses=is_any) or ("",):
            if name == "delete" and label:
                querysets.cascade(walker, label, node)
            for other in (label, *library.related(walker, label, role, value[1])):
                if other:
                    walker.emit("library", node, other)


def _validates(walker: Walker, label: str, node: ast.Call) -> None:
    """Record the foreign rows that validation looks for."""
    for field in walker.graph.models[label].fields.values():
        if field.target and not field.many and not field.generic:
            walker.emit("library", node, field.target)


def _container_call(walker: Walker, value: Value, name: str, node: ast.Call) -> Type:
    """Read a call on a dict, a list, a form's data, or a task."""
    types = arguments(walker, node)
    shape = value[0]
    if shape == "F":
        return _task(walker, value, node)
    if shape in "KA" and name in ("get", "pop", "setdefault") and node.args:
        keys = walker.known(node.args[0])
        return union([*(item(walker, value, k[1]) for k in keys if k[0] == "L"), *types[1:2]])
    if shape == "D":
        inner: Type = value[1]
        if name in ("get", "pop", "setdefault"):
            return inner
        if name == "values":
            return sequence(inner)
        if name == "items":
            return sequence(one("T", (UNKNOWN, inner)))
    if shape == "K" and name in ("values", "items"):
        merged = union(pair[1] for pair in value[1])
        keys = frozenset(("L", pair[0]) for pair in value[1])
        return sequence(one("T", (cut(keys), merged)) if name == "items" else merged)
    if shape == "K" and name in ("update", "copy"):
        return _update(walker, value, node, types)
    if shape == "S":
        if name in ("append", "add", "insert", "extend") and types:
            added = elements(types[-1]) if name == "extend" else types[-1]
            _grow(walker, node, added)
        elif name in ("pop", "popleft"):
            popped: Type = value[1]
            return popped
        elif name in ("copy", "union", "intersection", "difference"):
            return one(*value)
    return UNKNOWN


def _update(walker: Walker, value: Value, node: ast.Call, types: list[Type]) -> Type:
    pairs = dict(value[1])
    for type_ in types:
        for other in type_:
            if other[0] == "K":
                pairs |= dict(other[1])
    for keyword in node.keywords:
        if keyword.arg:
            pairs[keyword.arg] = walker.known(keyword.value)
    new = one("K", tuple(sorted((k, t) for k, t in pairs.items() if t)))
    function = node.func
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        walker.scopes[-1][function.value.id] = new
    return new


def _grow(walker: Walker, node: ast.Call, added: Type) -> None:
    function = node.func
    if not added or not isinstance(function, ast.Attribute):
        return
    if isinstance(function.value, ast.Name):
        name = function.value.id
        walker.scopes[-1][name] = cut(walker.lookup(name) | sequence(added))
    elif isinstance(function.value, ast.Attribute):
        library.remember(walker, function.value, sequence(added))


def item(walker: Walker, value: Value, name: str) -> Type:
    """Return an entry of a dict with known keys, or of a form's or serializer's data."""
    if value[0] == "K":
        return dict(value[1]).get(name, UNKNOWN)
    cls = value[1]
    found: set[Value] = set()
    for declared in roles.class_value(walker, cls, name):
        if declared[0] == "E":
            kind, _, label = declared[1].partition(":")
            if kind == "choice":
                found.add(("I", label))
            elif kind == "choices":
                found.add(("Q", label))
    if not found:
        for label in roles.models_of(walker, cls):
            field = (
                walker.graph.models[label].fields.get(name)
                if label in walker.graph.models
                else None
            )
            if field is not None and field.target:
                found.add(("S", one("I", field.target)) if field.many else ("I", field.target))
    return frozenset(found)


def _task(walker: Walker, value: Value, node: ast.Call) -> Type:
    name = value[1]
    definition = walker.project.definitions.get(name)
    if definition is None:
        return UNKNOWN
    bind(walker, name, node, [walker.known(a) for a in node.args], skip=0)
    if isinstance(node.func, ast.Attribute):
        task_crossing(walker, name, node.func)
    return UNKNOWN


def task_crossing(walker: Walker, name: str, node: ast.Attribute) -> None:
    """Record that a task of another context is called, or handed on to be called."""
    definition = walker.project.definitions.get(name)
    if definition is None:
        return
    owner = walker.contexts.of_path(definition.path)
    if definition.is_task and owner not in (walker.source.context, FRAMEWORK, PROJECT):
        walker.found.add_to(
            owner, "task", node, "", function=walker.function, access="write",
            detail=f"{name.rpartition(':')[2]}.{node.attr}",
        )  # fmt: skip


def arguments(walker: Walker, node: ast.Call) -> list[Type]:
    """Read a call's arguments outside of any query; return the positional ones' types."""
    walker.lookup_bases, kept = [], walker.lookup_bases
    known = walker.arguments
    types = []
    for argument in node.args:
        types.append(type_ := walker.eval(argument))
        known[id(argument)] = type_
    for keyword in node.keywords:
        known[id(keyword.value)] = walker.eval(keyword.value)
    walker.lookup_bases = kept
    return types


def apply(walker: Walker, callee: Type, name: str, node: ast.Call) -> Type:
    """Call each value that a callee may be."""
    found: set[Value] = set()
    types: list[Type] | None = None
    for value in sorted(callee, key=repr) if len(callee) > 1 else callee:
        shape = value[0]
        if shape == "X":
            found |= library.call(walker, value[1], node)
            continue
        if shape == "M":
            found |= _construct(walker, value[1], node)
            continue
        if types is None:
            types = arguments(walker, node)
        if shape == "F" and name in ("get_model", "get_class", "get_classes", "get_user_model"):
            found |= (
                library.get_model(walker, node)
                if name == "get_model"
                else library.loaded(walker, name, node)
            )
        if shape == "F":
            found |= _own_function(walker, value[1], node, types, UNKNOWN)
        elif shape == "B":
            found |= _own_function(walker, value[1], node, types, value[2])
        elif shape == "C":
            found |= _instantiate(walker, value[1], node, types)
        elif shape == "H":
            found |= value[1]
            _framework_write(walker, value, name, node)
        elif shape == "O":
            for method in classes.member(walker, value[1], "__call__", frozenset((value,))):
                if method[0] == "B":
                    found |= _own_function(walker, method[1], node, types, method[2])
    return cut(frozenset(found))


def _framework_write(walker: Walker, value: Value, name: str, node: ast.Call) -> None:
    """Record `form.save()` and `serializer.save()` of another context's model."""
    for inner in value[1]:
        if inner[0] == "I":
            if name == "save":
                walker.wrote(inner[1])
            if not walker.found.extend(node, inner[1]):
                walker.emit("library", node, inner[1], access="write" if name == "save" else "read")
        elif inner[0] == "Q" and name != "get_queryset":
            walker.emit("library", node, inner[1])
        elif inner[0] == "Q":
            walker.emit("query", node, inner[1])


def _own_function(
    walker: Walker, name: str, node: ast.Call, types: list[Type], bound: Type
) -> Type:
    definition = walker.project.definitions.get(name)
    skip = (
        1
        if bound and definition is not None and definition.kind in ("method", "classmethod")
        else 0
    )
    bind(walker, name, node, types, skip=skip)
    written = walker.facts.get("w", name)
    walker.wrote_contexts(written)
    if definition is not None and not any(value[0] in "IMQGRV" for value in bound):
        _call_crossing(walker, name, definition, written, node)
    for value in bound:
        if value[0] in "QGR":
            querysets.record(walker, value, node, is_write=False)
    returned = _narrowed(walker, name, definition, skip, types, bound)
    reach = {label for value in bound for label in reach_of(value)}
    return widened(returned, reach) if reach else returned


def _call_crossing(
    walker: Walker, name: str, definition: Any, written: Type, node: ast.Call
) -> None:
    """Record a call of another context's function that writes, or gives, its models."""
    owner = walker.contexts.of_path(definition.path)
    if owner in (walker.source.context, FRAMEWORK, PROJECT):
        return
    owned = [
        label
        for label in labels(walker.facts.get("r", name))
        if walker.contexts.of_label(label) == owner
    ]
    if owned or ("W", owner) in written:
        walker.found.add_to(
            owner, "call", node, owned[0] if owned else "", function=walker.function,
            access="write" if ("W", owner) in written else "read",
        )  # fmt: skip


def _narrowed(
    walker: Walker, name: str, definition: Any, skip: int, types: list[Type], bound: Type
) -> Type:
    """Return what a function returns to this call, without what only its other callers pass in."""
    returned = walker.facts.get("r", name)
    if definition is None or len(returned) < 2:
        return returned
    for parameter, type_ in zip(definition.parameters[skip:], types, strict=False):
        declared = labels(walker.facts.get("p", name, parameter))
        returned = narrowed(returned, declared, labels(type_))
    owner = name.rpartition(".")[0]
    for value in bound:
        if value[0] == "O" and value[1] != owner:
            shared = roles.models_of(walker, owner)
            returned = narrowed(returned, shared, roles.models_of(walker, value[1]))
    return returned


def widened(type_: Type, reach: set[str]) -> Type:
    """Add to the querysets of a type the models that their SQL touches besides."""
    found: set[Value] = set()
    for value in type_:
        if value[0] in "QV":
            found |= query(value[0], value[1], reach | set(reach_of(value)))
        else:
            found.add(value)
    return frozenset(found)


def bind(walker: Walker, name: str, node: ast.Call, types: list[Type], *, skip: int) -> None:
    """Tell a function of the project what it is called with."""
    definition = walker.project.definitions.get(name)
    if definition is None:
        return
    parameters = definition.parameters[skip:]
    for parameter, argument, type_ in zip(parameters, node.args, types, strict=False):
        if isinstance(argument, ast.Starred):
            break
        walker.facts.tell(worth_telling(type_), "p", name, parameter)
    for keyword in node.keywords:
        if keyword.arg in parameters:
            walker.facts.tell(
                worth_telling(walker.known(keyword.value)), "p", name, str(keyword.arg)
            )


def _instantiate(walker: Walker, cls: str, node: ast.Call, types: list[Type]) -> Type:
    order = roles.lookup_order(walker, cls)
    initial = next(
        (f"{o}.__init__" for o in order if f"{o}.__init__" in walker.project.definitions), None
    )
    if initial:
        bind(walker, initial, node, types, skip=1)
        walker.wrote_contexts(walker.facts.get("w", initial))
    else:
        for keyword in node.keywords:
            if keyword.arg:
                walker.facts.tell(worth_telling(walker.known(keyword.value)), "a", cls, keyword.arg)
    return one("O", cls)


def _construct(walker: Walker, label: str, node: ast.Call) -> Type:
    """Read `Order(user=user)`: an instance, with local keys that may hold another context's ids."""
    querysets.read_arguments(walker, (label,), "create", node)
    walker.emit("construct", node, label, access="write")
    return one("I", label)
