"""Drop the imports that a rewrite left unused, and only those."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst
from libcst.helpers import get_absolute_module_for_import
from libcst.metadata import ImportAssignment

from codemods.rewrite.imports import module_text
from codemods.transforms.tree import Tree, within

if TYPE_CHECKING:
    from collections.abc import Callable

AnyImport = cst.ImportFrom | cst.Import


def remove_unused(
    module: cst.Module,
    candidates: set[tuple[str, str]],
    *,
    module_name: str,
    is_exported: Callable[[str], bool],
) -> cst.Module:
    """Drop the imports among `candidates` that nothing refers to any more.

    Those in a `try`, with a comment on their statement, in `__all__`, or taken from this module by
    others stay, and so does what is imported for its effect.
    """
    if not candidates:
        return module
    tree = Tree(module)
    doomed: dict[cst.ImportFrom | cst.Import, set[str]] = {}
    for scope in tree.scopes():
        for assignment in scope.assignments:
            if not isinstance(assignment, ImportAssignment) or assignment.references:
                continue
            node, name = assignment.node, assignment.name
            if not isinstance(node, AnyImport):
                continue
            if _is_kept(node, tree) or is_exported(name) or _in_all(module, name):
                continue
            if _origins(node, name, module_name) & candidates:
                doomed.setdefault(node, set()).add(name)
    return module.visit(_Remover(doomed)) if doomed else module


def _is_kept(node: cst.CSTNode, tree: Tree) -> bool:
    line = tree.parent(node)
    assert line is not None  # noqa: S101  an import is part of the module
    if any(isinstance(child, cst.Comment) for child in within(line)):
        return True
    around: cst.CSTNode | None = line
    while around is not None and not isinstance(around, cst.Module):
        if isinstance(around, (cst.Try, cst.TryStar)):
            return True
        around = tree.parent(around)
    return False


def _in_all(module: cst.Module, name: str) -> bool:
    quoted = {f'"{name}"', f"'{name}'"}
    for line in module.body:
        if isinstance(line, cst.SimpleStatementLine) and isinstance(
            line.body[0], (cst.Assign, cst.AugAssign, cst.AnnAssign)
        ):
            code = module.code_for_node(line.body[0])
            if code.startswith("__all__") and any(text in code for text in quoted):
                return True
    return False


def _origins(node: AnyImport, bound: str, module_name: str) -> set[tuple[str, str]]:
    """Return how transforms may name what an import binds: absolute, or as it is written."""
    if isinstance(node, cst.Import):
        return {
            (name, "") if not dot else (head, tail)
            for alias in node.names
            if bound in (alias.evaluated_alias, alias.evaluated_name.split(".")[0])
            for name in [alias.evaluated_name]
            for head, dot, tail in [name.rpartition(".")]
        } | {(alias.evaluated_name, "") for alias in node.names}
    assert not isinstance(node.names, cst.ImportStar)  # noqa: S101  binds no name
    absolute = get_absolute_module_for_import(module_name, node)
    return {
        (module, alias.evaluated_name)
        for alias in node.names
        if bound == (alias.evaluated_alias or alias.evaluated_name)
        for module in (absolute or "", module_text(node), module_text(node).lstrip("."))
        if module
    }


class _Remover(cst.CSTTransformer):
    """Takes names out of import statements, and statements that import nothing more."""

    def __init__(self, doomed: dict[cst.ImportFrom | cst.Import, set[str]]) -> None:
        super().__init__()
        self._doomed = doomed

    def leave_ImportFrom(  # noqa: N802  libcst's name
        self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom
    ) -> cst.ImportFrom | cst.RemovalSentinel:
        return self._without(original_node, updated_node)  # type: ignore[return-value]

    def leave_Import(  # noqa: N802  libcst's name
        self, original_node: cst.Import, updated_node: cst.Import
    ) -> cst.Import | cst.RemovalSentinel:
        return self._without(original_node, updated_node)  # type: ignore[return-value]

    def _without(
        self, original: AnyImport, updated: AnyImport
    ) -> cst.CSTNode | cst.RemovalSentinel:
        names = self._doomed.get(original)
        if names is None or isinstance(updated.names, cst.ImportStar):
            return updated
        left = [
            alias
            for alias in updated.names
            if (alias.evaluated_alias or alias.evaluated_name.split(".")[0]) not in names
        ]
        if not left:
            return cst.RemoveFromParent()
        left[-1] = left[-1].with_changes(comma=updated.names[-1].comma)
        return updated.with_changes(names=left)

    def leave_Module(self, original_node: cst.Module, updated_node: cst.Module) -> cst.Module:  # noqa: N802
        return self._kept_apart(original_node, updated_node)  # type: ignore[return-value]

    def leave_IndentedBlock(  # noqa: N802  libcst's name
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.IndentedBlock:
        return self._kept_apart(original_node, updated_node)  # type: ignore[return-value]

    def _kept_apart(
        self, original: cst.Module | cst.IndentedBlock, updated: cst.Module | cst.IndentedBlock
    ) -> cst.CSTNode:
        """Hand the blank lines above a statement that went to the one that follows it."""
        gone = {
            line
            for line in original.body
            if isinstance(line, cst.SimpleStatementLine)
            and line.body
            and all(
                isinstance(part, (cst.Import, cst.ImportFrom))
                and part in self._doomed
                and not isinstance(part.names, cst.ImportStar)
                and all(
                    (alias.evaluated_alias or alias.evaluated_name.split(".")[0])
                    in self._doomed[part]
                    for alias in part.names
                )
                for part in line.body
            )
        }
        if not gone:
            return updated
        body = list(updated.body)
        place = 0
        owed: list[object] = []
        for line in original.body:
            if line in gone:
                owed = owed or list(getattr(line, "leading_lines", ()))
                continue
            if owed and place < len(body) and not getattr(body[place], "leading_lines", True):
                body[place] = body[place].with_changes(leading_lines=owed)
            place, owed = place + 1, []
        return updated.with_changes(body=body)
