"""Apply what is called: bind arguments, take over what comes back and what is written."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

from codemods.crossings.infer import (
    choices,
    classes,
    diverted,
    framework,
    library,
    loading,
    querysets,
    roles,
    serialized,
)
from codemods.crossings.infer.walker import root_name
from codemods.crossings.values import (
    UNKNOWN,
    Type,
    Value,
    ahead_of,
    cut,
    joined_to,
    labels,
    narrowed,
    one,
    reach_in,
    union,
    widened,
    without,
    worth_telling,
)
from codemods.project.contexts import FRAMEWORK, PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codemods.crossings.infer.walker import Walker


MAX_OVERRIDES = 12
MANY_MODELS = 3
WORD = re.compile(r"[A-Z]?[a-z]+")
TASK_CALLS = frozenset(
    {"delay", "apply_async", "s", "si", "signature", "apply", "subtask", "send", "enqueue"}
)


def task(walker: Walker, value: Value, node: ast.Call) -> Type:
    """Read `task.delay(...)`: the task gets the arguments, whoever runs it."""
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
    for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
        if id(argument) not in known:
            known[id(argument)] = walker.eval(argument)
    walker.lookup_bases = kept
    return [known[id(argument)] for argument in node.args]


def apply(walker: Walker, callee: Type, name: str, node: ast.Call) -> Type:
    """Call each value that a callee may be."""
    diverted.given_to_form(walker, node)
    found: set[Value] = set()
    for value in sorted(callee, key=repr) if len(callee) > 1 else callee:
        if value[0] == "X":
            out_of_sight(walker, node)
            found |= library.call(walker, value[1], node)
        elif value[0] == "M":
            found |= _construct(walker, value[1], node)
        else:
            found |= _apply_own(walker, value, name, node, arguments(walker, node))
    return cut(frozenset(found))


def _apply_own(walker: Walker, value: Value, name: str, node: ast.Call, types: list[Type]) -> Type:
    """Call a function, method, class or callable object of the project, or a framework method."""
    shape = value[0]
    if shape == "F":
        return loading.by_name(walker, name, node) | _own_function(
            walker, value[1], node, types, UNKNOWN
        )
    if shape == "B":
        return _own_function(walker, value[1], node, types, value[2])
    if shape == "C":
        serialized.given(walker, value[1], node, types)
        return _instantiate(walker, value[1], node, types)
    if shape == "H":
        framework.framework_write(walker, value, name, node)
        given: Type = value[1]
        return given
    methods = (
        classes.member(walker, value[1], "__call__", frozenset((value,))) if shape == "O" else ()
    )
    return union(_own_function(walker, m[1], node, types, m[2]) for m in methods if m[0] == "B")


def _own_function(
    walker: Walker, name: str, node: ast.Call, types: list[Type], bound: Type
) -> Type:
    definition = walker.project.definitions.get(name)
    skip = (
        1
        if bound and definition is not None and definition.kind in ("method", "classmethod")
        else 0
    )
    if skip and definition is not None and _is_override(walker, name, bound):
        types = _of_an_override(walker, definition, types)
    bind(walker, name, node, types, skip=skip)
    if skip and definition is not None:
        if isinstance(node.func, ast.Attribute) and definition.parameters:
            _handed(walker, node.func.value, name, definition.parameters[0])
        _bind_overrides(walker, name, node, types)
    written = walker.facts.get("w", name)
    walker.wrote_contexts(written)
    if definition is not None and not any(value[0] in "IMQGRVU" for value in bound):
        _call_crossing(walker, name, definition, written, node)
    for value in bound:
        if value[0] in "QGR":
            querysets.record(walker, value, node, is_write=False)
    returned = _narrowed(walker, name, definition, skip, types, bound)
    returned = _own_joins(walker, name, definition, node, types, returned)
    returned = _of_these_relations(walker, name, definition, node, returned, [*types, bound])
    for value in bound:
        if value[0] == "U":
            returned = diverted.valued(walker, value, returned)
    if not returned and skip:  # a method that only its overrides implement
        returned = union(walker.facts.get("r", override) for override in _overrides(walker, name))
    reach = {label for value in bound for label in joined_to(value)}
    ahead = {label for value in bound for label in ahead_of(value)}
    return widened(returned, reach, ahead) if reach or ahead else returned


def _bind_overrides(walker: Walker, name: str, node: ast.Call, types: list[Type]) -> None:
    """Tell the methods that override this one what it is called with: any of them may run."""
    for override in _overrides(walker, name):
        definition = walker.project.definitions[override]
        told = _of_an_override(walker, definition, types)
        bind(walker, override, node, told, skip=1)


def _is_override(walker: Walker, name: str, bound: Type) -> bool:
    """Tell whether a method was found in a subclass of what it is called on: one of many."""
    owner = name.rpartition(".")[0]
    return any(v[0] == "O" and owner in walker.project.subclasses.get(v[1], ()) for v in bound)


def _of_an_override(walker: Walker, definition: Any, types: list[Type]) -> list[Type]:
    """Return what one of many overrides is called with, by position."""
    parameters = definition.parameters[1 : 1 + len(types)]
    told = [
        _one_of_many(walker, name, type_) for name, type_ in zip(parameters, types, strict=False)
    ]
    return [*told, *types[len(told) :]]


def _one_of_many(walker: Walker, parameter: str, type_: Type) -> Type:
    """Pick from many models those an override names its parameter after; none if it does not.

    What all callers of a method pass in says little about each of its overrides. A parameter is
    named after a model when it is its name, or else shares a word with it: `offer_discounts` are
    rows of OrderDiscount.
    """
    found = labels(type_)
    if len(found) < MANY_MODELS:
        return type_
    called = set(labels(walker.project.guesses.get(parameter, UNKNOWN)))
    wanted = called.intersection(found) or {
        label for label in found if _words(label.rpartition(".")[2]) & _words(parameter)
    }
    return frozenset(value for value in type_ if value[0] in "IQVGR" and value[1] in wanted)


def _words(name: str) -> set[str]:
    """Return the words of a name, each as one thing is called: "order", "discount"."""
    return {word.lower().removesuffix("s") for word in WORD.findall(name)}


def _overrides(walker: Walker, name: str) -> list[str]:
    cls, _, method = name.rpartition(".")
    subclasses = walker.project.subclasses.get(cls, ())[:MAX_OVERRIDES]
    names = (f"{subclass}.{method}" for subclass in subclasses)
    return [override for override in names if override in walker.project.definitions]


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


def _own_joins(
    walker: Walker, name: str, definition: Any, node: ast.Call, types: list[Type], returned: Type
) -> Type:
    """Drop from what a function returns the joins that only its other callers pass in."""
    reach = reach_in(returned)
    if definition is None or not reach:
        return returned
    given = set().union(*map(reach_in, types))
    given = given.union(*(reach_in(walker.known(keyword.value)) for keyword in node.keywords))
    passed_in = set().union(
        *(reach_in(walker.facts.get("p", name, p)) for p in definition.parameters)
    )
    own = choices.labels_of(walker.facts.get("j", name))
    walker.frames[-1].joined |= reach - passed_in
    return without(returned, passed_in - given - set(own))


def _narrowed(
    walker: Walker, name: str, definition: Any, skip: int, types: list[Type], bound: Type
) -> Type:
    """Return what a function returns to this call, without what only its other callers pass in."""
    returned = walker.facts.get("r", name)
    if definition is None or len(returned) <= 1:
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


def _of_these_relations(
    walker: Walker, name: str, definition: Any, node: ast.Call, returned: Type, given: list[Type]
) -> Type:
    """Drop clients' values read through relations that only other callers pass values of."""
    if definition is None or not any(value[0] == "U" for value in returned):
        return returned
    told = (walker.facts.get("p", name, parameter) for parameter in definition.parameters)
    named = (walker.known(keyword.value) for keyword in node.keywords)
    others = _relations(told) - _relations([*given, *named])
    return frozenset(v for v in returned if v[0] != "U" or v[2:] not in others)


def _relations(types: Iterable[Type]) -> set[Value]:
    """Return the relations that clients' values were read through."""
    return {value[2:] for type_ in types for value in type_ if value[0] == "U" and value[2:]}


def bind(walker: Walker, name: str, node: ast.Call, types: list[Type], *, skip: int) -> None:
    """Tell a function of the project what it is called with."""
    definition = walker.project.definitions.get(name)
    if definition is None:
        return
    parameters = definition.parameters[skip:]
    for parameter, argument, type_ in zip(parameters, node.args, types, strict=False):
        if isinstance(argument, ast.Starred):
            break
        walker.facts.tell(_certain(walker, argument, type_), "p", name, parameter)
        _handed(walker, argument, name, parameter)
    for keyword in node.keywords:
        if keyword.arg and keyword.arg in parameters:
            type_ = _certain(walker, keyword.value, walker.known(keyword.value))
            walker.facts.tell(type_, "p", name, keyword.arg)
            _handed(walker, keyword.value, name, keyword.arg)


def _certain(walker: Walker, argument: ast.expr, type_: Type) -> Type:
    """Return what of an argument others should know: `options` may well be no rows of Option."""
    if walker.guessed and root_name(argument) in walker.guessed:
        type_ = frozenset(value for value in type_ if value[0] != "Q")
    return worth_telling(type_)


def _handed(walker: Walker, argument: ast.expr, name: str, parameter: str) -> None:
    """Let what a function does to a parameter be what its caller does to it."""
    if isinstance(argument, ast.Name) and argument.id in walker.frames[-1].parameters:
        for value in walker.facts.get("m", name, parameter):
            walker.hands(argument, value[1])


def out_of_sight(walker: Walker, node: ast.Call) -> None:
    """Take note of the parameters handed to code that cannot be seen."""
    for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
        walker.hands(argument, "escaping")


def _instantiate(walker: Walker, cls: str, node: ast.Call, types: list[Type]) -> Type:
    order = roles.lookup_order(walker, cls)
    initial = next(
        (f"{o}.__init__" for o in order if f"{o}.__init__" in walker.project.definitions), None
    )
    if initial:
        bind(walker, initial, node, types, skip=1)
        walker.wrote_contexts(walker.facts.get("w", initial))
    else:
        definition = walker.project.definitions.get(cls)
        fields = definition.parameters if definition is not None else ()
        is_plain = not any(isinstance(argument, ast.Starred) for argument in node.args)
        for field, type_ in zip(fields, types, strict=False) if is_plain else ():
            walker.facts.tell(worth_telling(type_), "a", cls, field)
        for keyword in node.keywords:
            if keyword.arg:
                walker.facts.tell(worth_telling(walker.known(keyword.value)), "a", cls, keyword.arg)
    return one("O", cls)


def _construct(walker: Walker, label: str, node: ast.Call) -> Type:
    """Read `Order(user=user)`: an instance, with local keys that may hold another context's ids."""
    querysets.read_arguments(walker, (label,), "create", node)
    walker.emit("construct", node, label, access="write")
    return one("I", label)
