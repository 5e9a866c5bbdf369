"""Calls into Python's, Django's and others' code whose meaning matters here."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from codemods.crossings.infer import apply, builtin, choices, loading, querysets, roles, sql
from codemods.crossings.infer.attributes import evaluated
from codemods.crossings.values import (
    REQUEST,
    UNKNOWN,
    Type,
    Value,
    cut,
    labels,
    one,
    reach_of,
    sequence,
    union,
)

if TYPE_CHECKING:
    from codemods.crossings.infer.walker import Walker

LOOKUP_MODULES = ("django.db.models", "django.contrib.postgres")
RENDERERS = frozenset({"render", "TemplateResponse", "render_to_string", "SimpleTemplateResponse"})
LOGINS = frozenset({"user_logged_in", "user_logged_out", "user_login_failed"})
LOGS = frozenset(
    {"debug", "info", "warning", "error", "exception", "critical", "log", "write", "writelines"}
)
FORMSETS = frozenset({"modelform_factory", "modelformset_factory", "inlineformset_factory"})


def call(walker: Walker, dotted: str, node: ast.Call) -> Type:
    """Call something external, by its dotted name."""
    name = dotted.rpartition(".")[2]
    if dotted.startswith(LOOKUP_MODULES) and name[:1].isupper():
        if name.endswith("Field") or name in ("ForeignKey",):
            apply.arguments(walker, node)
            return UNKNOWN
        return querysets.expression(walker, dotted, node)
    handler = FUNCTIONS.get(name)
    if handler is not None:
        found: Type = handler(walker, node, name)
        return found
    if name in builtin.CONSUMERS | builtin.WRITERS:
        return builtin.builtin(walker, name, node)
    types = apply.arguments(walker, node)
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


# What a view does without its form.
ROWS_ALONE = frozenset({"get_object", "get_table", "get_table_data", "paginate_queryset"})


def related(walker: Walker, label: str, role: str, cls: str, method: str) -> tuple[str, ...]:
    """Return the models that a form or view queries besides: its choices, its rows' joins."""
    if role == "view":
        found = {other for value in roles.rows_of(walker, cls) for other in reach_of(value)}
        for form in roles.class_value(walker, cls, "form_class"):
            if form[0] == "C" and method not in ROWS_ALONE:
                found |= set(choices.offered(walker, form[1]))
        return tuple(sorted(found - {label}))
    return choices.offered(walker, cls) if role in ("form", "serializer") else ()


def unknown_method(
    walker: Walker, function: ast.Attribute, name: str, types: list[Type], node: ast.Call
) -> Type:
    """Call a method of something unknown; `append` on an unknown list starts one."""
    if name in ("append", "add") and types and types[0]:
        if isinstance(function.value, ast.Name):
            walker.scopes[-1][function.value.id] = sequence(types[0])
        elif isinstance(function.value, ast.Attribute):
            remember(walker, function.value, sequence(types[0]))
    apply.out_of_sight(walker, node)
    is_text = name == "format" and isinstance(function.value, ast.Constant)
    handler = UNKNOWN_METHODS.get("log" if is_text else name)
    if handler is not None:
        handler(walker, node, name)
    return _call_by_name(walker, name, types, node)


def _logged(walker: Walker, node: ast.Call, name: str) -> None:
    for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
        walker.writes_out(walker.known(argument), argument)


def _executed(walker: Walker, node: ast.Call, name: str) -> None:
    for argument in node.args[:1]:
        sql.executed(walker, node, walker.known(argument))


def _texts_joined(walker: Walker, node: ast.Call, name: str) -> None:
    for argument in node.args:
        evaluated(walker, argument, walker.known(argument))


def _call_by_name(walker: Walker, name: str, types: list[Type], node: ast.Call) -> Type:
    """Call the few methods called so, for a receiver that is unknown: any of them may run.

    What they return is taken over only for models that this call passes in.
    """
    passed_in = {label for type_ in types for label in labels(type_)}
    if not passed_in and not any(walker.known(keyword.value) for keyword in node.keywords):
        return UNKNOWN
    found: set[Value] = set()
    for method in walker.project.methods.get(name, ()):
        apply.bind(walker, method, node, types, skip=1)
        found |= {
            value
            for value in walker.facts.get("r", method)
            if value[0] in "QVI" and value[1] in passed_in
        }
    return cut(frozenset(found))


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


def _asked_or_404(walker: Walker, node: ast.Call, name: str) -> Type:
    """Read `get_or_404(users_client.get_user, id=1)` as the call of its operation."""
    if not node.args:
        return UNKNOWN
    call = ast.Call(func=node.args[0], args=node.args[1:], keywords=node.keywords)
    operation = walker.eval(node.args[0])
    return apply.apply(walker, operation, "", ast.copy_location(call, node))


def _user_model(walker: Walker, node: ast.Call, name: str) -> Type:
    return loading.loaded(walker, "get_user_model", node)


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
    apply.arguments(walker, node)
    label = walker.graph.auth_user_model
    access = "write" if name in ("login", "alogin", "update_session_auth_hash") else "read"
    walker.emit("library", node, label, access=access)
    return one("I", label) if name in ("authenticate", "get_user") else UNKNOWN


def _paginator(walker: Walker, node: ast.Call, name: str) -> Type:
    types = apply.arguments(walker, node)
    for argument, type_ in zip(node.args, types, strict=False):
        passed(walker, argument, type_)
    return union(choices.field("paginator", rows) for rows in types[:1])


def _choice(walker: Walker, node: ast.Call, name: str) -> Type:
    shape = "choices" if "Multiple" in name or "Many" in name else "choice"
    apply.arguments(walker, node)
    given = [keyword.value for keyword in node.keywords if keyword.arg == "queryset"]
    return union(choices.field(shape, walker.known(rows)) for rows in (*given, *node.args[:1]))


def _formset(walker: Walker, node: ast.Call, name: str) -> Type:
    for type_ in apply.arguments(walker, node):
        for value in type_:
            if value[0] == "M":
                walker.emit("form", node, value[1])
    return UNKNOWN


def _connect(walker: Walker, node: ast.Call, name: str) -> Type:
    """Record `signal.connect(handler, sender=Model)` and `@receiver(signal, sender=Model)`."""
    types = apply.arguments(walker, node)
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
    for argument, type_ in zip(node.args, apply.arguments(walker, node), strict=False):
        for value in type_:
            if value[0] == "M":
                walker.emit("admin", argument, value[1])
    return UNKNOWN


def _atomic(walker: Walker, node: ast.Call, name: str) -> Type:
    apply.arguments(walker, node)
    return one("E", "atomic")


def _same(walker: Walker, node: ast.Call, name: str) -> Type:
    types = apply.arguments(walker, node)
    return types[0] if types else UNKNOWN


def _call_command(walker: Walker, node: ast.Call, name: str) -> Type:
    """Read `call_command("flush")`, which empties every table, and a command of the project."""
    apply.arguments(walker, node)
    commands = walker.known(node.args[0]) if node.args else UNKNOWN
    for command in [value[1] for value in commands if value[0] == "L"]:
        if command == "flush":
            for label, model in walker.graph.models.items():
                if model.proxy_for is None:
                    walker.wrote(label)
                    walker.emit("library", node, label, access="write")
        for function in walker.project.definitions:
            if function.endswith(f".management.commands.{command}:Command.handle"):
                walker.wrote_contexts(walker.facts.get("w", function))
    return UNKNOWN


def _cast(walker: Walker, node: ast.Call, name: str) -> Type:
    from codemods.crossings.infer.annotations import annotated

    types = apply.arguments(walker, node)
    return (annotated(walker, node.args[0]) if node.args else UNKNOWN) or union(types[1:])


def _content_type(walker: Walker, node: ast.Call, name: str) -> Type:
    return loading.get_model(walker, node)


def _factory_request(walker: Walker, node: ast.Call, name: str) -> Type:
    apply.arguments(walker, node)
    return one(*REQUEST)


UNKNOWN_METHODS: dict[str, Any] = {
    "connect": _connect,
    "register": _register,
    "join": _texts_joined,
    **dict.fromkeys(sql.RUNS, _executed),
    **dict.fromkeys(LOGS, _logged),
}
FUNCTIONS: dict[str, Any] = {
    "get_object_or_404": _get_object,
    "aget_object_or_404": _get_object,
    "get_list_or_404": _get_object,
    "get_or_404": _asked_or_404,
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
    "call_command": _call_command,
    "cast": _cast,
    "copy": _same,
    "deepcopy": _same,
    "SimpleLazyObject": _same,
    "HttpRequest": _factory_request,
} | dict.fromkeys(FORMSETS, _formset)
