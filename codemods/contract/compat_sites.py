"""Where a recorded use stands in the source today: contracts name files, lines move.

Use + text of its file ─> lines ─> Site: found, gone, or elsewhere (the file is not in this project)
"""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.contract.compat import TEXT, Change, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from codemods.contract.compat_offer import Use

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True, slots=True, order=True)
class Site:
    """A use with its lines; none where the file is not here, or does not spell the use out."""

    use: Use
    lines: tuple[int, ...] = ()
    is_here: bool = True

    def __str__(self) -> str:
        where = f"{self.use.path}:{self.lines[0]}" if self.lines else self.use.path
        also = "".join(f", {line}" for line in self.lines[1:])
        inside = f" in {self.use.function}" if self.use.function else ""
        return f"{where}{also}{inside} ({self.use.context})"


@dataclass(frozen=True, slots=True)
class Located:
    """A change with the sites that it breaks. Uses that the source has no more break nowhere."""

    change: Change
    sites: tuple[Site, ...] = ()
    is_accepted: bool = False

    @property
    def verdict(self) -> Verdict:
        """Tell whether a site breaks that nobody has accepted."""
        found = self.change.verdict
        if found is Verdict.BREAKS and (self.is_accepted or not self.sites):
            return Verdict.UNUSED
        return found


def located(
    changes: Iterable[Change],
    text_of: Callable[[str], str | None],
    accepted: frozenset[str] = frozenset(),
) -> tuple[Located, ...]:
    """Return changes with the sites they break, the worst first.

    Args:
        changes: what `compat.compare` found.
        text_of: gives a file's text by its path from the project's root; None when it is not of
            this project, "" when it was and is no more.
        accepted: operations, or properties such as "User.email", that may break.
    """
    found = []
    for change in changes:
        sites = (site for use in change.uses for site in _sites(change, use, text_of))
        is_accepted = bool(accepted & {change.what, *change.operations})
        found.append(Located(change, tuple(sorted(set(sites))), is_accepted))
    order = list(Verdict)
    return tuple(sorted(found, key=lambda each: (order.index(each.verdict), each.change)))


def _sites(change: Change, use: Use, text_of: Callable[[str], str | None]) -> Iterator[Site]:
    text = text_of(use.path)
    if text is None:
        yield Site(use, is_here=False)
    elif change.attribute == TEXT and text:
        yield Site(use)
    elif change.attribute:
        if lines := lines_reading(text, change.attribute, is_python=use.path.endswith(".py")):
            yield Site(use, lines)
    elif use.function:
        calling = (lines_calling(text, name, use.function) for name in change.operations)
        if lines := tuple(sorted({line for found in calling for line in found})):
            yield Site(use, lines)
    elif text:
        yield Site(use)


def lines_reading(text: str, attribute: str, *, is_python: bool) -> tuple[int, ...]:
    """Return the lines that spell an attribute, of a Python file or of a template."""
    tree = _parsed(text) if is_python else None
    if tree is None:
        spelled = re.compile(rf"\.{re.escape(attribute)}\b")
        lines = text.splitlines()
        return tuple(number for number, line in enumerate(lines, 1) if spelled.search(line))
    # Names too: getattr(user, "email"), values named in strings.
    found = {
        node.end_lineno or node.lineno
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and node.attr == attribute)
        or (isinstance(node, ast.Constant) and _names(node.value, attribute))
    }
    return tuple(sorted(found))


def _names(value: object, attribute: str) -> bool:
    return isinstance(value, str) and attribute in value.split("__")


def lines_calling(text: str, operation: str, function: str) -> tuple[int, ...]:
    """Return the lines inside a function, class or "<module>" that name an operation.

    A relation that asks for rows, such as "Order.user", is found where the class declares it.
    """
    tree = _parsed(text)
    if tree is None:
        return ()
    found = {line for scope, name, line in _named(tree, "<module>")
             if scope == function and name == operation}  # fmt: skip
    return tuple(sorted(found or _declared(tree, function)))


def _parsed(text: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None


def _named(node: ast.AST, scope: str) -> Iterator[tuple[str, str, int]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Attribute):
            yield scope, child.attr, child.end_lineno or child.lineno
        elif isinstance(child, ast.Name):
            yield scope, child.id, child.lineno
        inner = scope
        if isinstance(child, _SCOPES):
            inner = child.name if scope == "<module>" else f"{scope}.{child.name}"
        yield from _named(child, inner)


def _declared(tree: ast.Module, dotted: str) -> set[int]:
    """Return the line of a class's field, by "Class.field"."""
    *classes, name = dotted.split(".")
    body: list[ast.stmt] = tree.body
    for each in classes:
        inside = [node for node in body if isinstance(node, ast.ClassDef) and node.name == each]
        if not inside:
            return set()
        body = inside[-1].body
    found = set()
    for statement in body:
        targets = getattr(statement, "targets", [getattr(statement, "target", None)])
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            found.add(statement.lineno)
    return found if classes else set()
