"""Calls into Python's, Django's and others' code whose meaning matters here."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from codemods.crossings.infer import querysets, roles
from codemods.crossings.infer.attributes import attribute, evaluated
from codemods.crossings.values import (
    REQUEST,
    UNKNOWN,
    Type,
    Value,
    elements,
    one,
    reach_of,
    sequence,
    union,
)

if TYPE_CHECKING:
    from codemods.crossings.infer.walker import Walker

SEQUENCE_MAKERS = frozenset(
    {"list", "tuple", "set", "sorted", "reversed", "frozenset", "iter", "chain"}
)
CONSUMERS = SEQUENCE_MAKERS | {
    "len",
    "bool",
    "any",
    "all",
    "sum",
    "dict",
    "map",
    "filter",
    "max",
    "min",
    "next",
    "enumerate",
    "zip",
}
LOOKUP_MODULES = ("django.db.models", "django.contrib.postgres")
RENDERERS = frozenset({"render", "TemplateResponse", "render_to_string", "SimpleTemplateResponse"})
LOGINS = frozenset({"user_logged_in", "user_logged_out", "user_login_failed"})
FORMSETS = frozenset({"modelform_factory", "modelformset_factory", "inlineformset_factory"})


def builtin(walker: Walker, name: str, node: ast.Call) -> Type:
    """Call a name that is not the project's: a builtin, or something unknown."""
    if name == "isinstance":
        for argument in node.args[:1]:
            walker.eval(argument)
        return UNKNOWN
    if name == "get_model":
        return get_model(walker, node)
    types = _arguments(walker, node)
    if name in CONSUMERS:
        for argument, type_ in zip(node.args, types, strict=False):
            evaluated(walker, argument, type_)
    if name in SEQUENCE_MAKERS and types:
        return sequence(union(elements(t) for t in types))
    if name in ("next", "max", "min"):
        return union([*(elements(t) for t in types[:1]), *types[1:]])
    if name == "enumerate" and types:
        return sequence(one("T", (UNKNOWN, elements(types[0]))))
    if name == "zip":
        return sequence(one("T", tuple(elements(t) for t in types)))
    if name in ("filter", "map") and len(types) > 1:
        return sequence(elements(types[1])) if name == "filter" else UNKNOWN
    if name == "getattr" and len(node.args) > 1:
        return _getattr(walker, node, types)
    if name == "type" and len(types) == 1:
        return frozenset(
            ("M", v[1]) if v[0] == "I" else ("C", v[1]) for v in types[0] if v[0] in "IO"
        )
    if name == "dict":
        pairs = {k.arg: walker.known(k.value) for k in node.keywords if k.arg}
        return (
            one("K", tuple(sorted((k, t) for k, t in pairs.items() if t)))
            if any(pairs.values())
            else UNKNOWN
        )
    return UNKNOWN


def _arguments(walker: Walker, node: ast.Call) -> list[Type]:
    from codemods.crossings.infer.calls import arguments

    return arguments(walker, node)


def _getattr(walker: Walker, node: ast.Call, types: list[Type]) -> Type:
    name = node.args[1]
    if not isinstance(name, ast.Constant) or not isinstance(name.value, str):
        return UNKNOWN
    place = ast.Attribute(
        value=node.args[0], attr=name.value, ctx=ast.Load(), lineno=node.lineno,
        col_offset=node.col_offset, end_lineno=node.end_lineno, end_col_offset=node.end_col_offset,
    )  # fmt: skip
    return attribute(walker, types[0], name.value, place) | (
        types[2] if len(types) > 2 else UNKNOWN
    )


def get_model(walker: Walker, node: ast.Call) -> Type:
    """Resolve `get_model("app", "Model")` and `get_model("app.Model")`, whoever defines it."""
    texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    texts += [
        k.value.value
        for k in node.keywords
        if k.arg in ("app_label", "model_name") and isinstance(k.value, ast.Constant)
    ]
    label = walker.graph.labels_by_folded.get(".".join(str(t) for t in texts[:2]).lower())
    if label is None:
        return UNKNOWN
    walker.emit("get-model", node, label)
    return one("M", label)


def loaded(walker: Walker, name: str, node: ast.Call) -> Type:
    """Resolve a project's own `get_class("module", "Name")` and `get_user_model()`."""
    if name == "get_user_model":
        walker.emit("get-model", node, walker.graph.auth_user_model)
        return one("M", walker.graph.auth_user_model)
    texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    names = [
        e.value
        for a in node.args
        if isinstance(a, (ast.List, ast.Tuple))
        for e in a.elts
        if isinstance(e, ast.Constant)
    ] or texts[1:2]
    if not texts or not names:
        return UNKNOWN
    found = [_class_named(walker, texts[0], str(wanted)) for wanted in names]
    return found[0] if name == "get_class" else one("T", tuple(found))


def _class_named(walker: Walker, module: str, name: str) -> Type:
    ending = f".{module}:{name}"
    matches = [c for c in walker.graph.classes if c.endswith(ending)]
    return one("C", min(matches, key=len)) if matches else UNKNOWN


def call(walker: Walker, dotted: str, node: ast.Call) -> Type:
    """Call something external, by its dotted name."""
    name = dotted.rpartition(".")[2]
    if dotted.startswith(LOOKUP_MODULES) and name[:1].isupper():
        if name.endswith("Field") or name in ("ForeignKey",):
            _arguments(walker, node)
            return UNKNOWN
        return querysets.expression(walker, dotted, node)
    handler = FUNCTIONS.get(name)
    if handler is not None:
        return handler(walker, node, name)
    if name in CONSUMERS:
        return builtin(walker, name, node)
    types = _arguments(walker, node)
    for argument, type_ in zip(node.args, types, strict=False):
        passed(walker, argument, type_)
    if len(types) == 1 and any(v[0] in "FCB" for v in types[0]):
        return types[0]  # a decorator keeps what it decorates
    return UNKNOWN


def passed(walker: Walker, node: ast.AST, type_: Type) -> None:
    """Record a queryset handed to a library that will run it."""
    for value in type_:
        if value[0] == "Q":
            for label in (value[1], *reach_of(value)):
                if walker.found.is_foreign(label) and not walker.found.has(node, label):
                    walker.emit("library", node, label)


def related(walker: Walker, label: str, role: str, cls: str) -> tuple[str, ...]:
    """Return the models that a form or view on `label` queries besides: its relations, its rows' joins."""
    if role == "view":
        found = {other for value in roles.rows_of(walker, cls) for other in reach_of(value)}
        for form in roles.class_value(walker, cls, "form_class"):
            if form[0] == "C":
                found |= set(roles.choice_models(walker, form[1]))
        return tuple(sorted(found - {label}))
    return roles.choice_models(walker, cls) if role == "form" else ()


def unknown_method(
    walker: Walker, function: ast.Attribute, name: str, types: list[Type], node: ast.Call
) -> Type:
    """Call a method of something unknown; `append` on an unknown list starts one."""
    if name in ("append", "add") and types and types[0]:
        if isinstance(function.value, ast.Name):
            walker.scopes[-1][function.value.id] = sequence(types[0])
        elif isinstance(function.value, ast.Attribute):
            remember(walker, function.value, sequence(types[0]))
    _bind_by_name(walker, name, types, node)
    if name == "connect":
        _connect(walker, node, name)
    if name == "register":
        _register(walker, node, name)
    if name == "join" and types:
        for argument, type_ in zip(node.args, types, strict=True):
            evaluated(walker, argument, type_)
    return UNKNOWN


def _bind_by_name(walker: Walker, name: str, types: list[Type], node: ast.Call) -> None:
    """Tell the few methods called so what something unknown may be passing to them."""
    from codemods.crossings.infer.calls import bind

    if any(types) or any(walker.known(keyword.value) for keyword in node.keywords):
        for method in walker.project.methods.get(name, ()):
            bind(walker, method, node, types, skip=1)


def remember(walker: Walker, target: ast.Attribute, type_: Type) -> None:
    """Tell what an attribute holds, for whoever reads it."""
    for value in walker.eval(target.value):
        if value[0] in "OC" and type_:
            walker.facts.tell(type_, "a", value[1], target.attr)


def manager_call(
    walker: Walker, queries: list[Value], name: str, types: list[Type], node: ast.Call
) -> Type:
    """Call a manager's method that is neither Django's nor the project's, such as treebeard's."""
    for value in queries:
        if name in ("get_for_model", "get_for_models"):
            for type_ in types:
                for model in type_:
                    if model[0] in "MI":
                        walker.emit("get-model", node, model[1])
        elif walker.found.is_foreign(value[1]) and not walker.found.extend(node, value[1]):
            walker.emit("query", node, value[1])
        if name in ("create_user", "create_superuser", "acreate_user"):
            walker.wrote(value[1])
            walker.found.extend(node, value[1], access="write", kind="query-write")
            return one("I", value[1])
    return UNKNOWN


def _get_object(walker: Walker, node: ast.Call, name: str) -> Type:
    types = [walker.eval(argument) for argument in node.args[:1]]
    queries = [v for t in types for v in t if v[0] in "MQGR"]
    labels = tuple(sorted({v[1] for v in queries}))
    rest = ast.Call(func=node.func, args=node.args[1:], keywords=node.keywords)
    querysets.read_arguments(walker, labels, "get", ast.copy_location(rest, node))
    for label in labels:
        walker.emit("query", node, label)
    for value in queries:
        for label in reach_of(value):
            if walker.found.is_foreign(label) and not walker.found.has(node, label):
                walker.emit("evaluate", node, label)
    instances = frozenset(("I", label) for label in labels)
    return sequence(instances) if "list" in name else instances


def _user_model(walker: Walker, node: ast.Call, name: str) -> Type:
    return loaded(walker, "get_user_model", node)


def _render(walker: Walker, node: ast.Call, name: str) -> Type:
    types = [walker.eval(argument) for argument in node.args]
    types += [walker.eval(k.value) for k in node.keywords if k.arg in ("context", "template_name")]
    names = [v[1] for t in types for v in t if v[0] == "L" and "." in v[1]]
    for template in names:
        for type_ in types:
            for value in type_:
                if value[0] == "K":
                    for key, inner in value[1]:
                        walker.facts.tell(inner, "t", template, key)
    return UNKNOWN


def _authenticate(walker: Walker, node: ast.Call, name: str) -> Type:
    _arguments(walker, node)
    label = walker.graph.auth_user_model
    access = "write" if name in ("login", "alogin", "update_session_auth_hash") else "read"
    walker.emit("library", node, label, access=access)
    return one("I", label) if name in ("authenticate", "get_user") else UNKNOWN


def _paginator(walker: Walker, node: ast.Call, name: str) -> Type:
    types = _arguments(walker, node)
    for argument, type_ in zip(node.args, types, strict=False):
        passed(walker, argument, type_)
    found = {("E", f"paginator:{v[1]}") for t in types[:1] for v in t if v[0] in "QR"}
    return frozenset(found)


def _choice(walker: Walker, node: ast.Call, name: str) -> Type:
    shape = "choices" if "Multiple" in name or "Many" in name else "choice"
    found: set[Value] = set()
    _arguments(walker, node)
    for keyword in node.keywords:
        if keyword.arg == "queryset":
            found |= {
                ("E", f"{shape}:{v[1]}") for v in walker.known(keyword.value) if v[0] in "QGM"
            }
    for argument in node.args[:1]:
        found |= {("E", f"{shape}:{v[1]}") for v in walker.known(argument) if v[0] in "QGM"}
    return frozenset(found)


def _formset(walker: Walker, node: ast.Call, name: str) -> Type:
    for type_ in _arguments(walker, node):
        for value in type_:
            if value[0] == "M":
                walker.emit("form", node, value[1])
    return UNKNOWN


def _connect(walker: Walker, node: ast.Call, name: str) -> Type:
    """Record `signal.connect(handler, sender=Model)` and `@receiver(signal, sender=Model)`."""
    types = _arguments(walker, node)
    for label in senders(walker, node):
        walker.emit("signal", node, label)
        for handler in types[0] if types else ():
            if handler[0] == "F":
                walker.facts.tell(one("I", label), "p", handler[1], "instance")
    if any(v[0] == "X" and v[1].rpartition(".")[2] in LOGINS for t in types for v in t):
        walker.emit("signal", node, walker.graph.auth_user_model)
    return UNKNOWN


def senders(walker: Walker, node: ast.Call) -> list[str]:
    """Return the models a signal is received from: a class, a label, or the user model setting."""
    found: list[str] = []
    for keyword in node.keywords:
        if keyword.arg == "sender":
            for value in walker.known(keyword.value):
                if value[0] == "M":
                    found.append(value[1])
                elif value[0] == "X" and value[1].endswith("AUTH_USER_MODEL"):
                    found.append(walker.graph.auth_user_model)
                elif value[0] == "L":
                    found += [walker.graph.labels_by_folded.get(value[1].lower(), "")]
    return [label for label in found if label]


def _register(walker: Walker, node: ast.Call, name: str) -> Type:
    for argument, type_ in zip(node.args, _arguments(walker, node), strict=False):
        for value in type_:
            if value[0] == "M":
                walker.emit("admin", argument, value[1])
    return UNKNOWN


def _atomic(walker: Walker, node: ast.Call, name: str) -> Type:
    _arguments(walker, node)
    return one("E", "atomic")


def _same(walker: Walker, node: ast.Call, name: str) -> Type:
    types = _arguments(walker, node)
    return types[0] if types else UNKNOWN


def _cast(walker: Walker, node: ast.Call, name: str) -> Type:
    from codemods.crossings.infer.annotations import annotated

    types = _arguments(walker, node)
    return (annotated(walker, node.args[0]) if node.args else UNKNOWN) or union(types[1:])


def _content_type(walker: Walker, node: ast.Call, name: str) -> Type:
    return get_model(walker, node)


def _factory_request(walker: Walker, node: ast.Call, name: str) -> Type:
    _arguments(walker, node)
    return one(*REQUEST)


FUNCTIONS: dict[str, Any] = {
    "get_object_or_404": _get_object,
    "aget_object_or_404": _get_object,
    "get_list_or_404": _get_object,
    "get_user_model": _user_model,
    "get_model": _content_type,
    "render": _render,
    "TemplateResponse": _render,
    "SimpleTemplateResponse": _render,
    "render_to_string": _render,
    "authenticate": _authenticate,
    "login": _authenticate,
    "logout": _authenticate,
    "get_user": _authenticate,
    "update_session_auth_hash": _authenticate,
    "Paginator": _paginator,
    "ModelChoiceField": _choice,
    "ModelMultipleChoiceField": _choice,
    "PrimaryKeyRelatedField": _choice,
    "SlugRelatedField": _choice,
    "receiver": _connect,
    "connect": _connect,
    "register": _register,
    "atomic": _atomic,
    "cast": _cast,
    "copy": _same,
    "deepcopy": _same,
    "SimpleLazyObject": _same,
    "HttpRequest": _factory_request,
} | dict.fromkeys(FORMSETS, _formset)
