"""What an annotation of a function says of how its arguments and its answer travel.

annotation ─> Kinds.kind (names as the graph saw them bound, or imported for types) ─> Kind
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from codemods.contract.operations import NOTHING, ROW
from codemods.contract.types import DICT_OF

if TYPE_CHECKING:
    from codemods.contract.members import Sources
    from codemods.project.graph import Graph

PLAIN = {
    **{f"builtins:{name}": name for name in ("int", "str", "bool", "float", "bytes")},
    **{f"datetime:{name}": name for name in ("datetime", "date", "time", "timedelta")},
    "decimal:Decimal": "Decimal",
    "uuid:UUID": "UUID",
}
LISTS = frozenset({"list", "List", "Sequence", "Iterable", "Collection"})
OWN_LISTS = frozenset({"list", "List"})
DICTS = frozenset({"dict", "Dict", "Mapping"})
OPTIONAL = frozenset({"Optional"})
PAIR = 2


class CannotTravel(Exception):  # noqa: N818  a finding about the code, not a failure of ours
    """Why a function cannot be called from another process."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What an annotation says: a type of `types.TYPES`, ROW of `model`, or NOTHING."""

    type: str
    model: str = ""
    many: bool = False
    nullable: bool = False


@dataclass(eq=False)
class Kinds:
    """Reads annotations in the project's modules."""

    graph: Graph
    sources: Sources

    def kind(self, module: str, node: ast.expr) -> Kind:
        """Return what an annotation says.

        Raises:
            CannotTravel: it names nothing that can.
        """
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node = ast.parse(node.value, mode="eval").body
        if isinstance(node, ast.Constant) and node.value is None:
            return Kind(NOTHING)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return self._either(module, node.left, node.right, node)
        if isinstance(node, ast.Subscript):
            return self._generic(module, node)
        name = self._name(module, node)
        if label := self.graph.model_of_class.get(name):
            return Kind(ROW, label)
        if name in PLAIN:
            return Kind(PLAIN[name])
        raise CannotTravel(f"nothing is known of {ast.unparse(node)} that JSON could carry")

    def _either(self, module: str, left: ast.expr, right: ast.expr, node: ast.expr) -> Kind:
        kinds = [self.kind(module, each) for each in (left, right)]
        own = [each for each in kinds if each.type != NOTHING]
        if len(own) != 1:
            raise CannotTravel(f"{ast.unparse(node)} may be one of several types")
        return replace(own[0], nullable=True)

    def _generic(self, module: str, node: ast.Subscript) -> Kind:
        outer = ast.unparse(node.value).rpartition(".")[2]
        if outer in OPTIONAL:
            return replace(self.kind(module, node.slice), nullable=True)
        if outer in LISTS:
            inner = self.kind(module, node.slice)
            if not inner.many and not inner.nullable and inner.type not in (NOTHING, "any"):
                return replace(inner, many=True)
        is_pair = isinstance(node.slice, ast.Tuple) and len(node.slice.elts) == PAIR
        if outer in DICTS and is_pair:
            key, item = (self.kind(module, each) for each in node.slice.elts)  # type: ignore[attr-defined]
            is_plain = not (key.many or key.nullable or item.many)
            if is_plain and key.type == "str" and item.type in DICT_OF:
                return Kind("any" if item.nullable else DICT_OF[item.type])
        raise CannotTravel(f"nothing is known of {ast.unparse(node)} that JSON could carry")

    def _name(self, module: str, node: ast.expr) -> str:
        """Return what a name in an annotation is, as "module:Qualname"; "" when unknown."""
        known = self.graph.modules.get(module)
        dotted = ast.unparse(node)
        first, _, rest = dotted.partition(".")
        kind, name = known.names.get(first, ("", "")) if known else ("", "")
        if kind == "model":
            return self.graph.models[name].name if not rest else ""
        if kind == "module" and rest:
            inner = self.graph.modules.get(name)
            if inner is not None:
                return self._name(name, node.value and ast.parse(rest, mode="eval").body)  # type: ignore[attr-defined]
            return f"{name}:{rest}"
        if kind:
            return f"{name}.{rest}" if rest else name
        if not rest and first in {*DICT_OF, "bytes"}:
            return f"builtins:{first}"
        return self._imported(module, dotted)

    def _imported(self, module: str, dotted: str) -> str:
        """Return what is only imported for annotations, under `if TYPE_CHECKING:`."""
        known = self.graph.modules.get(module)
        tree = self.sources.tree(known.path) if known else None
        first, _, rest = dotted.partition(".")
        for each in ast.walk(tree) if tree else ():
            if isinstance(each, ast.ImportFrom) and each.module and not each.level:
                for alias in each.names:
                    if (alias.asname or alias.name) == first:
                        return f"{each.module}:{alias.name}" + f".{rest}" * bool(rest)
            elif isinstance(each, ast.Import) and rest:
                for alias in each.names:
                    if (alias.asname or alias.name) == first:
                        return f"{alias.name}:{rest}"
        return ""
