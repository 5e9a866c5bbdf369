"""Make the chosen changes of one file at once, innermost first, and tidy its imports.

Nothing is written here: text in, text out. A change that would lose a comment, or whose `make`
fails, is not kept silently: `apply` names it, and the plan leaves it out and applies again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from codemods.rewrite import imports
from codemods.rewrite.unused import remove_unused
from codemods.transforms.tree import within

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from codemods.transforms.change import Change
    from codemods.transforms.source import SourceFile

LOSES_COMMENT = "a comment inside would be lost"


@dataclass(frozen=True)
class Applied:
    """The new text, or, in `failed`, the changes that cannot be made and why; never both."""

    text: str
    failed: tuple[tuple[Change, str], ...] = ()


def apply(
    file: SourceFile,
    changes: Iterable[Change],
    *,
    module_name: str = "",
    own: frozenset[str] = frozenset(),
    is_exported: Callable[[str], bool] = lambda _name: False,
) -> Applied:
    """Return a file's text with these changes made.

    Args:
        file: the file as the transforms saw it.
        changes: at most one for each node.
        module_name: what the file is imported as.
        own: top-level packages of the project, for the place of a new import.
        is_exported: tells whether others take a name from this module, so that it stays.
    """
    chosen = tuple(changes)
    if not chosen:
        return Applied(file.text)
    maker = _Maker(file, chosen)
    changed = file.module.visit(maker)
    if maker.failed:
        return Applied(file.text, tuple(maker.failed))
    wanted = {pair for change in chosen for pair in change.imports}
    package, name = file.client_import
    changed = imports.add(
        changed,
        [
            imports.Import(module, of, file.client if (module, of) == (package, name) else of)
            for module, of in sorted(wanted)
        ],
        own=own,
    )
    unused = {pair for change in chosen for pair in change.unused}
    changed = remove_unused(changed, unused, module_name=module_name, is_exported=is_exported)
    return Applied(changed.code)


class _Maker(cst.CSTTransformer):
    """Replaces each node of a change by what its `make` gives; goes nowhere else."""

    def __init__(self, file: SourceFile, changes: Iterable[Change]) -> None:
        super().__init__()
        self._by_node = {change.node: change for change in changes}
        self._around: set[cst.CSTNode] = set()
        for node in self._by_node:
            around: cst.CSTNode | None = node
            while around is not None and around not in self._around:
                self._around.add(around)
                around = file.parent(around)
        self.failed: list[tuple[Change, str]] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        return node in self._around

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> object:  # type: ignore[override]
        updated = super().on_leave(original_node, updated_node)
        change = self._by_node.get(original_node)
        if change is None:
            return updated
        try:
            made = change.make(updated_node)
        except Exception as error:  # noqa: BLE001  one transform's mistake ends no run
            self.failed.append((change, f"{change.transform}: {type(error).__name__}: {error}"))
            return updated
        if _comments([updated_node]) - _comments(_nodes(made)):
            self.failed.append((change, LOSES_COMMENT))
            return updated
        return made


def _nodes(made: object) -> list[cst.CSTNode]:
    if isinstance(made, cst.CSTNode):
        return [made]
    return list(made) if isinstance(made, cst.FlattenSentinel) else []


def _comments(nodes: Iterable[cst.CSTNode]) -> Counter[str]:
    return Counter(
        node.value for top in nodes for node in within(top) if isinstance(node, cst.Comment)
    )
