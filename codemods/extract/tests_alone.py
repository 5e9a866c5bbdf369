"""What of a test file runs without the services that are not there; the rest is left out by name.

a file of tests, what is not here (imported names, lines, fixtures)
    ─> functions, methods and statements that need it ─> those that need these ─> text without them

Lines that stay are as they were.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

SET_UP = frozenset({"setUp", "setUpClass", "setUpTestData", "asyncSetUp", "setup_method"})
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Alone:
    """A test file that runs alone: `left` maps what is left out of it to the reason.

    `names` are those that its module has no more, with the reason; `fixtures` are fixtures that it
    and the files below it cannot have.
    `has_tests` tells whether a test, a fixture or a helper is left in it.
    """

    text: str
    left: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    fixtures: frozenset[str] = frozenset()
    has_tests: bool = True


def alone(
    text: str,
    *,
    names: Mapping[str, str],
    lines: Mapping[int, str],
    fixtures: Collection[str],
) -> Alone:
    """Return a test file without what needs something that is not here.

    Args:
        text: the file; it must parse.
        names: names that it imports and cannot have, with the reason.
        lines: lines that need what is not here, with the reason.
        fixtures: fixtures of conftest files above that are not here.
    """
    if not (names or lines or fixtures):
        return Alone(text)
    parsed = ast.parse(text)
    return _Leaving(text, parsed, dict(names), lines, set(fixtures)).done()


class _Leaving:
    """What is left out so far; a name that goes takes along what needs it."""

    def __init__(
        self,
        text: str,
        parsed: ast.Module,
        names: dict[str, str],
        lines: Mapping[int, str],
        fixtures: set[str],
    ) -> None:
        self.text, self.parsed, self.lines = text, parsed, lines
        self.names = names
        own = {node.name for node in parsed.body if isinstance(node, Function)}
        self.fixtures = {name: f"needs the fixture {name}" for name in fixtures - own}
        self.left: dict[str, str] = {}
        self.gone: dict[ast.stmt, str] = {}

    def done(self) -> Alone:
        before = -1
        while len(self.gone) != before:
            before = len(self.gone)
            for node, within in _parts(self.parsed):
                if node in self.gone or within in self.gone:
                    continue
                if reason := self._reason(node, within):
                    self._leave(node, within, reason)
        own = frozenset(
            node.name for node in self.gone if isinstance(node, Function) and _is_fixture(node)
        )
        kept = [node for node in self.parsed.body if node not in self.gone]
        has_tests = not self.left or any(isinstance(one, Function | ast.ClassDef) for one in kept)
        return Alone(
            self._kept(), dict(self.left), dict(self.names), own | set(self.fixtures), has_tests
        )

    def _leave(self, node: ast.stmt, within: ast.ClassDef | None, reason: str) -> None:
        self.gone[node] = reason
        for name in _bound(node):
            if within:
                self.left[f"{within.name}::{name}"] = reason
                methods = [one for one in within.body if isinstance(one, Function)]
                if name in SET_UP or all(one in self.gone for one in methods):
                    self._leave(within, None, reason)
                continue
            if isinstance(node, ast.ClassDef):
                self.left = {
                    key: why for key, why in self.left.items() if not key.startswith(f"{name}::")
                }
            self.left[name] = reason
            self.names[name] = f"needs {name}, which {reason}"
            if isinstance(node, Function) and _is_fixture(node):
                self.fixtures[name] = f"needs the fixture {name}, which {reason}"

    def _reason(self, node: ast.stmt, within: ast.ClassDef | None) -> str:
        """Return why a statement cannot stay; "" when it can."""
        if isinstance(node, ast.Import | ast.ImportFrom) or _is_exports(node):
            return ""
        inside: list[ast.AST] = [node]
        if isinstance(node, ast.ClassDef):  # its methods go one by one
            inside = [*node.bases, *node.decorator_list]
            inside += [one for one in node.body if not isinstance(one, Function)]
        strings = self._used_by_name(node)
        for part in inside:
            for one in ast.walk(part):
                found = self.lines.get(getattr(one, "lineno", 0)) or self._lost(one, strings)
                if found or (within and (found := self._lost_method(one, within))):
                    return found
        return ""

    def _lost(self, one: ast.AST, strings: Mapping[str, str]) -> str:
        if isinstance(one, ast.Name):
            return self.names.get(one.id, "")
        if isinstance(one, ast.arg):
            return self.fixtures.get(one.arg, "")
        is_text = isinstance(one, ast.Constant) and isinstance(one.value, str)
        return strings.get(str(one.value), "") if is_text else ""  # type: ignore[attr-defined]

    def _lost_method(self, one: ast.AST, within: ast.ClassDef) -> str:
        if not (isinstance(one, ast.Attribute) and ast.unparse(one.value) == "self"):
            return ""
        reason = self.left.get(f"{within.name}::{one.attr}")
        return f"needs {one.attr}, which {reason}" if reason else ""

    def _used_by_name(self, node: ast.stmt) -> Mapping[str, str]:
        """Return the fixtures that a string may name: in usefixtures, or getfixturevalue."""
        named = ast.unparse(node)
        return self.fixtures if "usefixtures" in named or "getfixturevalue" in named else {}

    def _kept(self) -> str:
        lines = self.text.splitlines(keepends=True)
        classes = [node for node in self.gone if isinstance(node, ast.ClassDef)]
        whole = [node for node in self.gone if not any(node in one.body for one in classes)]
        for node in sorted(whole, key=lambda one: -one.lineno):
            first = _first(node) - 1
            while first and not lines[first - 1].strip():
                first -= 1
            del lines[first : node.end_lineno]
        text = "".join(lines)
        unused = {name for node in self.gone for name in _loaded(node)}
        unused -= {name for node in ast.parse(text).body for name in _loaded(node)}
        return _without_imports(text, set(self.names) | unused)


def _parts(parsed: ast.Module) -> Iterator[tuple[ast.stmt, ast.ClassDef | None]]:
    """Yield every statement of a module and every method of its classes, with the class."""
    for node in parsed.body:
        yield node, None
        if isinstance(node, ast.ClassDef):
            for one in node.body:
                if isinstance(one, Function):
                    yield one, node


def _without_imports(text: str, names: set[str]) -> str:
    """Return a text without the imports and exports of names."""
    lines = text.splitlines(keepends=True)
    for node in reversed(ast.parse(text).body):
        if isinstance(node, ast.Import | ast.ImportFrom):
            kept = [
                one for one in node.names if (one.asname or one.name.split(".")[0]) not in names
            ]
            if len(kept) == len(node.names):
                continue
            said = ""
            if kept:
                bare = ast.Import(kept)
                if isinstance(node, ast.ImportFrom):
                    bare = ast.ImportFrom(node.module, kept, node.level)  # type: ignore[assignment]
                said = ast.unparse(bare) + "\n"
            lines[node.lineno - 1 : node.end_lineno] = [said]
        elif isinstance(node, ast.Assign) and _is_exports(node):
            items = getattr(node.value, "elts", ())
            left = [each.value for each in items if each.value not in names]
            if len(left) < len(items):
                lines[node.lineno - 1 : node.end_lineno] = [f"__all__ = {left!r}\n"]
    return "".join(lines)


def _loaded(node: ast.AST) -> Iterator[str]:
    """Yield the names that are read in a node, those in `__all__` too."""
    for one in ast.walk(node):
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load):
            yield one.id
        elif isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield one.value


def _is_exports(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__"


def _is_fixture(node: Function) -> bool:
    return any("fixture" in ast.unparse(each) for each in node.decorator_list)


def _first(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(each.lineno for each in decorators)])


def _bound(node: ast.stmt) -> list[str]:
    if isinstance(node, Function | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return [each.id for each in targets if isinstance(each, ast.Name)]
