"""Statements: assignments bind types, branches add to them, functions wait for their turn."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from codemods.crossings.infer import choices, classes, imports
from codemods.crossings.infer.annotations import annotated
from codemods.crossings.infer.attributes import iterated, store_attribute
from codemods.crossings.infer.functions import close_atomic
from codemods.crossings.infer.walker import STATEMENTS, root_name
from codemods.crossings.values import UNKNOWN, Type, cut, elements, one, sequence

if TYPE_CHECKING:
    from codemods.crossings.infer.walker import Walker


MAX_TURNS = 8


def assign_target(walker: Walker, target: ast.expr, type_: Type) -> None:
    """Bind a target, which may be a name, an attribute, an item or a tuple of targets."""
    if isinstance(target, ast.Name):
        walker.assign(target.id, type_)
        walker.note(target, type_)
        if len(walker.scopes) == 1 and not walker.qualname:
            walker.facts.tell(type_, "g", walker.module, target.id)
    elif isinstance(target, (ast.Tuple, ast.List)):
        _unpack(walker, target, type_)
    elif isinstance(target, ast.Starred):
        assign_target(walker, target.value, sequence(type_))
    elif isinstance(target, ast.Attribute):
        store_attribute(walker, target, type_)
    elif isinstance(target, ast.Subscript):
        _store_item(walker, target, type_)


def _unpack(walker: Walker, target: ast.Tuple | ast.List, type_: Type) -> None:
    for index, part in enumerate(target.elts):
        found: set[Any] = set()
        for value in type_:
            if value[0] == "T" and index < len(value[1]):
                found |= value[1][index]
            elif value[0] in "SQ":
                found |= elements(frozenset((value,)))
        assign_target(walker, part, frozenset(found))


def _store_item(walker: Walker, target: ast.Subscript, type_: Type) -> None:
    """Follow `context["order"] = order`, and dicts used as maps of instances."""
    base = walker.eval(target.value)
    key = walker.eval(target.slice)
    if isinstance(target.value, ast.Attribute) and target.value.attr == "fields":
        _field_added(walker, target.value, key, type_)
    if not isinstance(target.value, ast.Name) or not type_:
        return
    names = [value[1] for value in key if value[0] == "L"]
    pairs: dict[str, Type] = {}
    for value in base:
        if value[0] == "K":
            pairs |= dict(value[1])
    if names:
        for name in sorted(names):
            pairs[name] = cut(pairs.get(name, UNKNOWN) | type_)
        others = frozenset(v for v in base if v[0] not in "K")
        new = others | one("K", tuple(sorted(pairs.items(), key=lambda pair: pair[0])))
    else:
        inner = frozenset().union(*(v[1] for v in base if v[0] == "D"), type_)
        new = frozenset(v for v in base if v[0] != "D") | one("D", cut(inner))
    scope = walker.scopes[-1]
    scope[target.value.id] = cut(new)


def _field_added(walker: Walker, fields: ast.Attribute, key: Type, type_: Type) -> None:
    """Follow `self.fields["partner"] = ModelChoiceField(queryset=...)`."""
    labels = choices.labels_of(type_)
    for value in walker.eval(fields.value) if labels else ():
        if value[0] == "O":
            choices.tell(walker, value[1], labels)
            for name in [entry[1] for entry in key if entry[0] == "L"]:
                walker.facts.tell(type_, "a", value[1], choices.FIELD + name)


def _assign(walker: Walker, node: Any) -> None:
    type_ = walker.eval(node.value)
    for target in node.targets:
        if not type_ and isinstance(target, ast.Name):
            type_ = guessed(walker, target.id, node.value)
        if isinstance(target, (ast.Attribute, ast.Subscript)):
            walker.hands(node.value, "escaping")
        assign_target(walker, target, type_)
        _guess_on(walker, target, node.value)


def guessed(walker: Walker, name: str, value: ast.expr) -> Type:
    """Return what a name suggests that is loaded by itself.

    Such as `user = kwargs.pop("user")`, `basket = self.get_basket()`, `order = order_form.save()`.
    """
    if name not in walker.project.guesses or not walker.qualname:
        return UNKNOWN
    keys: list[ast.expr] = []
    if isinstance(value, ast.Subscript):
        keys = [value.slice]
    elif isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        keys = value.args[:1]
        saved = value.func.value if value.func.attr == "save" else None
        forms = (f"{name}_form", f"{name}form", f"{name}_serializer")
        if value.func.attr == f"get_{name}" or (isinstance(saved, ast.Name) and saved.id in forms):
            keys = [ast.Constant(name)]
    if not any(isinstance(key, ast.Constant) and key.value == name for key in keys):
        return UNKNOWN
    walker.guessed.add(name)
    return walker.project.guesses[name]


def _guess_on(walker: Walker, target: ast.expr, value: ast.expr) -> None:
    """Let what follows from a guess be a guess."""
    if walker.guessed and isinstance(target, ast.Name):
        if root_name(value) in walker.guessed or guessed(walker, target.id, value):
            walker.guessed.add(target.id)
        else:
            walker.guessed.discard(target.id)


def _annotated_assign(walker: Walker, node: Any) -> None:
    type_ = annotated(walker, node.annotation) | walker.eval(node.value)
    assign_target(walker, node.target, cut(type_))


def _augmented(walker: Walker, node: Any) -> None:
    type_ = walker.eval(node.value)
    if isinstance(node.target, ast.Name):
        walker.assign(node.target.id, cut(walker.lookup(node.target.id) | type_))
    elif isinstance(node.target, ast.Attribute):
        store_attribute(walker, node.target, UNKNOWN)


def _for(walker: Walker, node: Any) -> None:
    assign_target(walker, node.target, iterated(walker, node.iter))
    _guess_on(walker, node.target, node.iter)
    entries = _entries(walker, node)
    for key, type_ in entries:
        walker.arguments = {}  # what they were differs from turn to turn
        walker.assign(node.target.elts[0].id, one("L", key))
        walker.assign(node.target.elts[1].id, type_)
        walker.branch(node.body)
    walker.branch(*([] if entries else [node.body]), node.orelse)


def _entries(walker: Walker, node: Any) -> tuple[tuple[str, Type], ...]:
    """Return what `for name, value in known.items()` takes in turn; empty for any other loop."""
    names, call = node.target, node.iter
    is_items = (
        isinstance(names, ast.Tuple)
        and [type(part) for part in names.elts] == [ast.Name, ast.Name]
        and isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "items"
    )
    known = walker.eval(call.func.value) if is_items else UNKNOWN
    if len(known) != 1:
        return ()
    ((shape, *inner),) = known
    return inner[0] if shape == "K" and len(inner[0]) <= MAX_TURNS else ()


def _if(walker: Walker, node: Any) -> None:
    condition(walker, node.test)
    walker.branch(node.body, node.orelse)


def condition(walker: Walker, test: ast.expr) -> None:
    """Read a condition: a queryset's truth runs it, isinstance tells what a name is."""
    type_ = walker.eval(test)
    from codemods.crossings.infer.attributes import evaluated

    evaluated(walker, test, type_)
    tests = test.values if isinstance(test, ast.BoolOp) else [test]
    for part in tests:
        if (
            isinstance(part, ast.Call)
            and getattr(part.func, "id", "") == "isinstance"
            and part.args[1:]
        ):
            name = part.args[0]
            if isinstance(name, ast.Name) and not walker.lookup(name.id):
                from codemods.crossings.infer.annotations import instance_of

                walker.assign(name.id, instance_of(walker.eval(part.args[1])))


def _while(walker: Walker, node: Any) -> None:
    condition(walker, node.test)
    walker.branch(node.body, node.orelse)


def _with(walker: Walker, node: Any) -> None:
    atomics = []
    for item in node.items:
        type_ = walker.eval(item.context_expr)
        if _is_atomic(walker, item.context_expr, type_):
            atomics.append(item.context_expr)
            walker.atomic.append(set())
        if item.optional_vars is not None:
            assign_target(walker, item.optional_vars, type_)
    walker.run(node.body)
    for anchor in reversed(atomics):
        close_atomic(walker, anchor)


def _is_atomic(walker: Walker, node: ast.expr, type_: Type) -> bool:
    if any(value[0] == "E" and value[1].endswith(("atomic", "Atomic")) for value in type_):
        return True
    function = node.func if isinstance(node, ast.Call) else node
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name == "atomic"


def _try(walker: Walker, node: Any) -> None:
    walker.run(node.body)
    for handler in node.handlers:
        walker.eval(handler.type)
    walker.branch(*[handler.body for handler in node.handlers], node.orelse)
    walker.run(node.finalbody)


def _return(walker: Walker, node: Any) -> None:
    if node.value is not None:
        frame = walker.frames[-1]
        walker.hands(node.value, "escaping")
        frame.returns = cut(frame.returns | walker.eval(node.value))


def _expression(walker: Walker, node: Any) -> None:
    walker.eval(node.value)


def _function(walker: Walker, node: Any) -> None:
    for decorator in node.decorator_list:
        walker.eval(decorator)
    inside = f"{walker.qualname}.<locals>." if walker.qualname else ""
    qualname = f"{inside}{node.name}"
    walker.assign(node.name, one("F", f"{walker.module}:{qualname}"))
    walker.pending.append((node, qualname, None, list(walker.scopes)))
    classes.decorated(walker, node, f"{walker.module}:{qualname}", None)


def _class(walker: Walker, node: Any) -> None:
    classes.read_class(walker, node)


def _match(walker: Walker, node: Any) -> None:
    walker.eval(node.subject)
    for case in node.cases:
        walker.eval(case.guard)
        walker.branch(case.body)


def _children(walker: Walker, node: ast.AST) -> None:
    for child in ast.iter_child_nodes(node):
        walker.eval(child)


def _delete(walker: Walker, node: Any) -> None:
    for target in node.targets:
        if isinstance(target, ast.Subscript):
            walker.eval(target.value)


def _nothing(walker: Walker, node: ast.AST) -> None:
    """Leave a statement that binds and reads nothing."""


STATEMENTS.update(
    {
        ast.Assign: _assign,
        ast.AnnAssign: _annotated_assign,
        ast.AugAssign: _augmented,
        ast.For: _for,
        ast.AsyncFor: _for,
        ast.If: _if,
        ast.While: _while,
        ast.With: _with,
        ast.AsyncWith: _with,
        ast.Try: _try,
        ast.TryStar: _try,
        ast.Return: _return,
        ast.Expr: _expression,
        ast.FunctionDef: _function,
        ast.AsyncFunctionDef: _function,
        ast.ClassDef: _class,
        ast.Match: _match,
        ast.Import: imports.read_import,
        ast.ImportFrom: imports.read_import_from,
        ast.Raise: _children,
        ast.Assert: _children,
        ast.Delete: _delete,
        ast.Global: _nothing,
        ast.Nonlocal: _nothing,
        ast.Pass: _nothing,
        ast.Break: _nothing,
        ast.Continue: _nothing,
    }
)
