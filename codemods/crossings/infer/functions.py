"""Read a function: what its parameters may be, its body, what it returns and writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.crossings.infer import classes, roles
from codemods.crossings.infer.annotations import annotated
from codemods.crossings.infer.definitions import decorator_name
from codemods.crossings.infer.walker import Frame, Function
from codemods.crossings.values import (
    BOUND,
    REQUEST,
    UNKNOWN,
    Type,
    cut,
    one,
    sequence,
    worth_telling,
)
from codemods.project.contexts import FRAMEWORK

if TYPE_CHECKING:
    import ast

    from codemods.crossings.infer.walker import Walker


def read_function(
    walker: Walker, node: Function, qualname: str, cls: str | None, scopes: list[dict[str, Type]]
) -> None:
    """Read one function with the scopes it closes over, and tell what it returns and writes."""
    name = f"{walker.module}:{qualname}"
    outer_scopes, outer_qualname = walker.scopes, walker.qualname
    scope: dict[str, Type] = {}
    walker.scopes, walker.qualname, walker.branching = [*scopes, scope], qualname, 0
    walker.guessed = set()
    arguments = [*node.args.posonlyargs, *node.args.args]
    definition = walker.project.definitions.get(name)
    is_method = cls is not None and definition is not None and definition.kind != "static"
    self_name = arguments[0].arg if is_method and arguments else None
    parameters = tuple(a.arg for a in (*arguments, *node.args.kwonlyargs))
    frame = Frame(name, cls, self_name, parameters)
    walker.frames.append(frame)
    bind_parameters(walker, node, name, cls, self_name, scope)
    decorators = {decorator_name(decorator) for decorator in node.decorator_list}
    is_atomic = bool(decorators & {"atomic", "commit_on_success"})
    if is_atomic:
        walker.atomic.append(set())
    walker.run(node.body)
    if is_atomic:
        anchor = next(
            d for d in node.decorator_list if decorator_name(d) in ("atomic", "commit_on_success")
        )
        close_atomic(walker, anchor)
    returned = frame.returns | annotated(walker, node.returns)
    if frame.yields:
        returned = returned | sequence(frame.yields)
        if "contextmanager" in decorators:
            returned = frame.yields
    walker.facts.tell(worth_telling(cut(returned)), "r", name)
    walker.facts.tell(frame.writes, "w", name)
    if frame.joined:
        walker.facts.tell(one("E", BOUND + ",".join(sorted(frame.joined))), "j", name)
    if cls:
        classes.after_method(walker, cls, node.name, cut(returned))
    walker.frames.pop()
    walker.scopes, walker.qualname = outer_scopes, outer_qualname


def close_atomic(walker: Walker, anchor: ast.AST) -> None:
    """End an atomic block: if it wrote several contexts, each other one is a crossing."""
    written = walker.atomic.pop() - {FRAMEWORK}
    if len(written) == 1 or not written:
        return
    for context in sorted(written - {walker.source.context}):
        walker.found.add_to(
            context,
            "transaction",
            anchor,
            "",
            function=walker.function,
            access="transaction",
            detail="atomic over " + ", ".join(sorted(written)),
        )


def bind_parameters(
    walker: Walker,
    node: Function,
    name: str,
    cls: str | None,
    self_name: str | None,
    scope: dict[str, Type],
) -> None:
    """Bind parameters to what annotations, defaults, call sites and Django's habits tell."""
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults: dict[str, ast.expr | None] = dict(
        zip((a.arg for a in reversed(positional)), reversed(arguments.defaults), strict=False)
    )
    defaults |= {a.arg: d for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)}
    for index, argument in enumerate([*positional, *arguments.kwonlyargs]):
        if index == 0 and argument.arg == self_name and cls:
            definition = walker.project.definitions.get(name)
            is_class = definition is not None and definition.kind == "classmethod"
            scope[argument.arg] = (
                classes.class_type(walker, cls) if is_class else classes.self_type(walker, cls)
            )
            walker.note(argument, scope[argument.arg])
            continue
        type_ = annotated(walker, argument.annotation)
        type_ |= walker.facts.get("p", name, argument.arg)
        if (default := defaults.get(argument.arg)) is not None:
            type_ |= walker.eval(default)
        if not type_ and argument.arg == "request":
            type_ = one(*REQUEST)
        if not type_ and cls:
            type_ = classes.parameter(walker, cls, node.name, argument.arg)
        if not type_:
            type_ = _received(walker, name, argument.arg)
        if not type_ and argument.annotation is None and argument.arg in walker.project.guesses:
            type_ = _guess(walker, cls, argument.arg)
            walker.guessed.add(argument.arg)
        scope[argument.arg] = cut(type_)
        walker.note(argument, scope[argument.arg])
    if arguments.vararg:
        scope[arguments.vararg.arg] = UNKNOWN
    if arguments.kwarg:
        scope[arguments.kwarg.arg] = classes.keywords(walker, cls, node.name) if cls else UNKNOWN


def _guess(walker: Walker, cls: str | None, name: str) -> Type:
    """Return what a name suggests; in a view, rows as the view itself selects them."""
    guess = walker.project.guesses[name]
    if cls and roles.role(walker, cls) == "view":
        labels = {value[1] for value in guess if value[0] == "Q"}
        rows = frozenset(v for v in roles.rows_of(walker, cls) if v[1] in labels)
        return rows or guess
    return guess


def _received(walker: Walker, name: str, parameter: str) -> Type:
    """Return what a signal receiver's `instance` or `user` is, from how it is connected."""
    if parameter not in ("instance", "user"):
        return UNKNOWN
    if parameter == "instance":
        return frozenset(
            ("I", receiver["sender"])
            for receiver in walker.graph.receivers
            if receiver["function"] == name and receiver["sender"]
        )
    is_login = any(
        receiver["function"] == name and receiver["signal"].startswith("user_")
        for receiver in walker.graph.receivers
    )
    return one("I", walker.graph.auth_user_model) if is_login else UNKNOWN
