"""The project's functions by name, with what the names in them were bound to at run time."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codemods.contract.members import Function

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.contract.members import Sources
    from codemods.project.graph import Graph


@dataclass(eq=False)
class Named:
    """Finds functions, and what is called in them, by "module:Qualname"."""

    graph: Graph
    sources: Sources
    _walks: dict[str, list[tuple[str, str, Function]]] = field(default_factory=dict)

    def function(self, name: str) -> Function | None:
        """Return the function of "module:Qualname"."""
        module, _, qualname = name.partition(":")
        known = self.graph.modules.get(module)
        if known is None:
            return None
        outer, _, own = qualname.rpartition(".")
        tree = self.sources.tree(known.path)
        body = self.sources.class_body(known.path, outer) if outer else (tree.body if tree else [])
        found = [each for each in body if isinstance(each, Function) and each.name == own]
        return found[0] if len(found) == 1 else None

    def bound(self, node: Function) -> int:
        """Return how many arguments Python itself gives: the class, of a class method."""
        return any(ast.unparse(each) == "classmethod" for each in node.decorator_list)

    def called(self, module: str, node: ast.Call) -> str:
        """Return the project's function or class that is called, as "module:Qualname"; or ""."""
        kind, name = self._bound_to(module, node.func)
        own = name.partition(":")[0] in self.graph.modules
        return name if own and kind in ("function", "class") else ""

    def _bound_to(self, module: str, node: ast.expr) -> tuple[str, str]:
        known = self.graph.modules.get(module)
        if isinstance(node, ast.Name):
            return known.names.get(node.id, ("", "")) if known else ("", "")
        if isinstance(node, ast.Attribute):
            kind, name = self._bound_to(module, node.value)
            if kind == "module":
                return self._bound_to(name, ast.Name(node.attr))
            if kind == "class" and name in self.graph.classes:
                return self.graph.classes[name].names.get(node.attr, ("", ""))
        return "", ""

    def _reached(self, name: str) -> Iterator[tuple[str, Function]]:
        """Give a function and the project's functions that it names, with their modules."""
        return ((module, node) for module, _, node in self._walked(name))

    def _walked(self, name: str) -> list[tuple[str, str, Function]]:
        if name not in self._walks:
            self._walks[name] = list(self._walk(name))
        return self._walks[name]

    def _walk(self, name: str) -> Iterator[tuple[str, str, Function]]:
        seen, waiting = {name}, [name]
        while waiting:
            module, _, qualname = waiting.pop().partition(":")
            node = self.function(f"{module}:{qualname}")
            if node is None:
                continue
            yield module, qualname, node
            for each in ast.walk(node):
                if isinstance(each, (ast.Name, ast.Attribute)):
                    kind, called = self._bound_to(module, each)
                    if kind == "function" and called not in seen:
                        seen.add(called)
                        waiting.append(called)
