"""The accounts' model as a copy: its columns but the password, its own order and plain methods.

class User(AbstractBaseUser, PermissionsMixin)  ─> class User(AccountCopy)
    its fields as they are declared ─> those it inherits, asked of the class that declares them
    ─> methods that need the bases or the password, rules of the table: left out

What is copied is a person's data: the context map names it. Who signs in is asked of the owner.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.project.graph import Model

BASE = "AccountCopy"
IMPORT = f"from strangler.client.accounts.copied import {BASE}"
SECRET = frozenset({"password", "groups", "user_permissions"})
"""What no copy has: it signs nobody in, and permits nothing."""
OF_BASE = frozenset({"REQUIRED_FIELDS"})
RULES = frozenset(
    {
        "constraints", "default_permissions", "index_together", "indexes", "permissions",
        "swappable", "unique_together",
    }
)  # fmt: skip
"""Options of `Meta` that the owner's table has kept already."""


@dataclass
class AccountCopy:
    """One class of accounts, whose `body` is the owner's; `imports` are lines that it needs."""

    model: Model
    node: ast.ClassDef
    imports: list[str] = field(default_factory=lambda: [IMPORT])

    def is_kept(self, statement: ast.stmt) -> bool:
        """Tell whether a statement of the class holds for a copy too."""
        if isinstance(statement, ast.FunctionDef):
            return not (_names(statement) & {*SECRET, "super"})
        return not set(_assigned(statement)) & {*SECRET, *OF_BASE}

    def meta(self, statement: ast.stmt) -> str:
        """Return `Meta` without the rules of the table."""
        assert isinstance(statement, ast.ClassDef)  # noqa: S101 - for types
        kept = [one for one in statement.body if not set(_assigned(one)) & RULES]
        made = ast.ClassDef("Meta", statement.bases, [], kept or [ast.Pass()], [])
        text = ast.unparse(ast.fix_missing_locations(made))
        return "\n".join(f"{' ' * statement.col_offset}{line}" for line in text.splitlines())

    def inherited(self) -> Iterator[str]:
        """Yield the columns that the class inherits, asked of the classes that declare them."""
        declared = {name for one in self.node.body for name in _assigned(one)}
        indent = " " * self.node.body[0].col_offset
        for name, one in self.model.fields.items():
            if name in {*declared, *SECRET, self.model.pk} or one.many or not one.declared_in:
                continue
            module, _, cls = one.declared_in.partition(":")
            self.imports.append(f"from {module} import {cls}")
            yield f'{indent}{name} = {cls}._meta.get_field("{name}").clone()'


def _assigned(statement: ast.stmt) -> list[str]:
    targets = (
        statement.targets
        if isinstance(statement, ast.Assign)
        else [getattr(statement, "target", None)]
    )
    return [one.id for one in targets if isinstance(one, ast.Name)]


def _names(node: ast.AST) -> set[str]:
    found = {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)}
    return found | {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
