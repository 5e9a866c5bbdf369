"""Which names of a module others take, so that its imports of them must stay."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codemods.crossings.infer.definitions import statements

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from codemods.crossings.discover import Source

ALL = "*"


@dataclass
class Exports:
    """Looks names up in all Python files of a project, tests too; reads them at the first question.

    `text_of` gives a file's text, or None when it cannot be read.
    """

    sources: Iterable[Source]
    text_of: Callable[[str], str | None]
    _imported: set[tuple[str, str]] = field(default_factory=set)
    _texts: dict[str, str] = field(default_factory=dict)

    def is_exported(self, module: str, name: str) -> bool:
        """Tell whether another file imports the name from the module, or writes `module.name`."""
        if not self._texts:
            self._read()
        if self._imported & {(module, name), (module, ALL)}:
            return True
        dotted = re.compile(rf"\b{re.escape(module.rpartition('.')[2])}\.{re.escape(name)}\b")
        return any(dotted.search(text) for own, text in self._texts.items() if own != module)

    def _read(self) -> None:
        for source in self.sources:
            text = self.text_of(source.path)
            if text is None:
                continue
            self._texts[source.name] = text
            package = source.name if source.path.endswith("__init__.py") else parent(source.name)
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    tree = ast.parse(text)
            except (SyntaxError, ValueError, RecursionError):
                continue
            for node in statements(tree):
                if isinstance(node, ast.ImportFrom):
                    module = resolved(node, package)
                    self._imported |= {(module, alias.name) for alias in node.names}


def parent(module: str) -> str:
    """Return the package of a module."""
    return module.rpartition(".")[0]


def resolved(node: ast.ImportFrom, package: str) -> str:
    """Return the absolute name of the module that an import names, from inside a package."""
    if not node.level:
        return node.module or ""
    parts = package.split(".") if package else []
    base = parts[: len(parts) - node.level + 1]
    return ".".join([*base, *([node.module] if node.module else [])])
