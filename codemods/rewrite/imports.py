"""Add imports where a reader would look for them.

libcst's own `AddImportsVisitor` puts what it adds first and rewrites the statement it extends;
here a new import goes into its section (standard library, installed, the project's own), in
order, and no other line changes.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst
from libcst.helpers import get_full_name_for_node

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

WIDTH = 88
FUTURE, STANDARD, INSTALLED, OWN, RELATIVE = range(5)


@dataclass(frozen=True, slots=True, order=True)
class Import:
    """`from module import name as bound`."""

    module: str
    name: str
    bound: str

    def alias(self) -> cst.ImportAlias:
        """Return the part after `import`."""
        asname = cst.AsName(cst.Name(self.bound)) if self.bound != self.name else None
        return cst.ImportAlias(cst.Name(self.name), asname)

    def statement(self) -> cst.SimpleStatementLine:
        """Return the statement on a line of its own."""
        module = cst.parse_expression(self.module)
        assert isinstance(module, (cst.Name, cst.Attribute))  # noqa: S101  a dotted name
        return cst.SimpleStatementLine([cst.ImportFrom(module=module, names=[self.alias()])])


def add(module: cst.Module, wanted: Iterable[Import], *, own: frozenset[str]) -> cst.Module:
    """Return the module with these imports at its top, unless they are there."""
    for one in wanted:
        if not any(one in _imports_of(statement) for _, statement in _top(module)):
            module = _extended(module, one) or _inserted(module, one, own)
    return module


def _top(module: cst.Module) -> list[tuple[int, cst.SimpleStatementLine]]:
    """Return the import statements at the head of a module, with their index in the body."""
    found = []
    for index, line in enumerate(module.body):
        if isinstance(line, (cst.ClassDef, cst.FunctionDef)):
            break
        if isinstance(line, cst.SimpleStatementLine) and all(
            isinstance(statement, (cst.Import, cst.ImportFrom)) for statement in line.body
        ):
            found.append((index, line))
    return found


def _imports_of(line: cst.SimpleStatementLine) -> Iterator[Import]:
    for statement in line.body:
        if isinstance(statement, cst.ImportFrom) and not isinstance(
            statement.names, cst.ImportStar
        ):
            module = module_text(statement)
            for alias in statement.names:
                bound = alias.evaluated_alias or alias.evaluated_name
                yield Import(module, alias.evaluated_name, bound)


def module_text(statement: cst.ImportFrom) -> str:
    """Return the module an import names, as it is written: "..users.models"."""
    name = get_full_name_for_node(statement.module) if statement.module else ""
    return "." * len(statement.relative) + (name or "")


def _extended(module: cst.Module, one: Import) -> cst.Module | None:
    """Add to an import of other names from the same module, when that fits its line."""
    for index, line in _top(module):
        statement = line.body[0]
        if (
            len(line.body) == 1
            and isinstance(statement, cst.ImportFrom)
            and not isinstance(statement.names, cst.ImportStar)
            and module_text(statement) == one.module
        ):
            changed = statement.with_changes(names=_with(list(statement.names), one.alias()))
            code = module.code_for_node(line.with_changes(body=[changed], leading_lines=[]))
            if max(map(len, code.split("\n"))) > WIDTH:
                return None
            body = list(module.body)
            body[index] = line.with_changes(body=[changed])
            return module.with_changes(body=body)
    return None


def _with(names: list[cst.ImportAlias], alias: cst.ImportAlias) -> list[cst.ImportAlias]:
    """Put a name in its alphabetical place, separated as the others are."""
    place = next(
        (
            at
            for at, name in enumerate(names)
            if name.evaluated_name.lower() > alias.evaluated_name.lower()
        ),
        len(names),
    )
    comma = (
        names[0].comma if len(names) > 1 else cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    )
    if place < len(names):
        return [*names[:place], alias.with_changes(comma=comma), *names[place:]]
    last = names[-1]
    return [*names[:-1], last.with_changes(comma=comma), alias.with_changes(comma=last.comma)]


def _section(module: str, own: frozenset[str]) -> int:
    top = module.split(".", 1)[0]
    if not top:
        return RELATIVE
    if top == "__future__":
        return FUTURE
    if top in own:
        return OWN
    return STANDARD if top in sys.stdlib_module_names else INSTALLED


def _key(line: cst.SimpleStatementLine, own: frozenset[str]) -> tuple[int, str]:
    statement = line.body[0]
    if isinstance(statement, cst.ImportFrom):
        module = module_text(statement)
    else:
        assert isinstance(statement, cst.Import)  # noqa: S101  `_top` gives only these two
        module = statement.names[0].evaluated_name
    return _section(module, own), module.lower()


def _inserted(module: cst.Module, one: Import, own: frozenset[str]) -> cst.Module:
    """Put a statement of its own into its section, after what sorts before it."""
    section, name = _section(one.module, own), one.module.lower()
    top = [(index, line, _key(line, own)) for index, line in _top(module)]
    body = list(module.body)
    statement = one.statement()
    same = [entry for entry in top if entry[2][0] == section]
    if same:
        before = [index for index, line, key in same if key[1] <= name]
        if before:
            body.insert(before[-1] + 1, statement)
        else:
            index, first, _ = same[0]
            blank = [line for line in first.leading_lines if line.comment is None]
            if len(blank) == len(first.leading_lines):
                body[index] = first.with_changes(leading_lines=[])
                statement = statement.with_changes(leading_lines=blank)
            body.insert(index, statement)
        return module.with_changes(body=body)
    earlier = [index for index, _, key in top if key[0] < section]
    if earlier:
        return _placed(module, body, earlier[-1] + 1, statement, is_apart=True)
    start = 1 if module.get_docstring() is not None else 0
    index = top[0][0] if top else start
    return _placed(module, body, index, statement, is_apart=index > 0)


def _placed(
    module: cst.Module,
    body: list[cst.SimpleStatementLine | cst.BaseCompoundStatement],
    index: int,
    statement: cst.SimpleStatementLine,
    *,
    is_apart: bool,
) -> cst.Module:
    """Insert a statement with a blank line on either side."""
    if is_apart:
        statement = statement.with_changes(leading_lines=[cst.EmptyLine(indent=False)])
    if index < len(body):
        after = body[index]
        lines = list(getattr(after, "leading_lines", ()))
        if not lines or lines[0].comment is not None:
            body[index] = after.with_changes(leading_lines=[cst.EmptyLine(indent=False), *lines])
    return module.with_changes(body=[*body[:index], statement, *body[index:]])
