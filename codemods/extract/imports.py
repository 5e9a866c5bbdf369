"""What a Python file imports, and whether it needs a name for more than its annotations."""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass, field
from importlib.util import resolve_name
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CAUGHT = frozenset({"DoesNotExist", "MultipleObjectsReturned"})


@dataclass(frozen=True, slots=True)
class Import:
    """One name that a file takes from a module; `name` is "" for the module itself, "*" for all.

    `uses` are the lines where more of it is needed than a type to name, to catch its DoesNotExist
    or to test an instance with; the import's own line where that cannot be told. `bound` is the
    name it has in the file.
    """

    module: str
    name: str
    line: int
    uses: tuple[int, ...] = ()
    bound: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Read:
    """The imports of a file, and its strings that may name a module; None where it has no tree.

    `assigned` are globals that a call gives, such as a class that is loaded by a name; `labels`
    are those of apps that it asks Django for.
    """

    imports: tuple[Import, ...] = ()
    strings: frozenset[str] = frozenset()
    assigned: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()


def read(text: str, module: str, *, is_package: bool) -> Read | None:
    """Return what a module imports; None when it cannot be parsed.

    What stands below `if TYPE_CHECKING:` is left out, for it is never imported.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None
    package = module if is_package else module.rpartition(".")[0]
    needed = _needed(tree)
    found = []
    for node in _running(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                bound = alias.asname or alias.name.partition(".")[0]
                found.append(Import(alias.name, "", node.lineno, needed.get(bound, ()), bound))
        elif isinstance(node, ast.ImportFrom):
            origin = _origin(node, package)
            for alias in node.names:
                bound = alias.asname or alias.name
                uses = (node.lineno,) if is_package or bound == "*" else needed.get(bound, ())
                found.append(Import(origin, alias.name, node.lineno, uses, bound))
    return Read(
        tuple(found), frozenset(_strings(tree)), frozenset(_assigned(tree)),
        frozenset(_labels(tree)),
    )  # fmt: skip


def _labels(tree: ast.Module) -> Iterator[str]:
    """Yield the labels of apps whose configuration is asked for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            first = node.args[0] if node.args and node.func.attr == "get_app_config" else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def _assigned(tree: ast.Module) -> Iterator[str]:
    """Yield the globals that are assigned what a call gives, one or several at once."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            for target in node.targets:
                parts = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
                yield from (one.id for one in parts if isinstance(one, ast.Name))


def _origin(node: ast.ImportFrom, package: str) -> str:
    try:
        return resolve_name("." * node.level + (node.module or ""), package)
    except ImportError:  # beyond the top: no import of the project's
        return node.module or ""


def _running(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield every node but those that only a type checker reads."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and _is_for_types(node.test):
            for other in node.orelse:
                yield other
                yield from _running(other)
            continue
        yield node
        yield from _running(node)


def _is_for_types(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", "")
    return name == "TYPE_CHECKING"


def _needed(tree: ast.Module) -> dict[str, tuple[int, ...]]:
    """Map a name to the lines where it is used as more than a type."""
    found: dict[str, list[int]] = {}
    _Uses(found).visit(tree)
    exported = {
        one.value: node.lineno
        for node in tree.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__"
        for one in getattr(node.value, "elts", ())
        if isinstance(one, ast.Constant)
    }
    for name, line in exported.items():
        found.setdefault(str(name), []).append(line)
    return {name: tuple(sorted(set(lines))) for name, lines in found.items()}


def is_type(text: str, name: str) -> bool:
    """Tell whether a module only annotates with a name and tests instances with it."""
    caught = any(f"{name}.{error}" in text for error in CAUGHT)
    return not caught and name not in _needed(ast.parse(text))


SHOWN, CALLED, EXTENDED = "shown", "called", "extended"


def serializer_use(text: str, name: str) -> str:
    """Return what a module does with a serializer's class, the most it does.

    SHOWN: it is only called with `read_only=True`. CALLED: it is only called. EXTENDED: it is more,
    such as a base class, or under a name of its own here.
    """
    tree = ast.parse(text)
    called: dict[int, bool] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            told = {one.arg: ast.unparse(one.value) for one in node.keywords}
            called[id(node.func)] = told.get("read_only") == "True"
    loads = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == name]
    if not loads or any(id(one) not in called for one in loads):
        return EXTENDED
    return SHOWN if all(called[id(one)] for one in loads) else CALLED


class _Uses(ast.NodeVisitor):
    """Gathers the lines at which names are read, but for annotations, handlers and tests."""

    def __init__(self, found: dict[str, list[int]]) -> None:
        self.found = found

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self.found.setdefault(node.id, []).append(node.lineno)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if not (node.attr in CAUGHT and isinstance(node.value, ast.Name)):
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name) and node.func.id in ("isinstance", "issubclass", "cast"):
            place = 0 if node.func.id == "cast" else 1
            kinds = node.args[place : place + 1]
            for argument in node.args:
                if argument not in kinds or not _is_type(argument):
                    self.visit(argument)
            return
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.visit(node.target)
        if node.value is not None:
            self.visit(node.value)

    def visit_arg(self, node: ast.arg) -> None:
        """Pass over a parameter: all it has is an annotation."""

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for one in (*node.decorator_list, *node.args.defaults, *node.args.kw_defaults, *node.body):
            if one is not None:
                self.visit(one)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815


def _is_type(node: ast.expr) -> bool:
    if isinstance(node, ast.Tuple):
        return all(map(_is_type, node.elts))
    return isinstance(node, ast.Name | ast.Constant | ast.Subscript | ast.BinOp)


def _strings(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
            if "." in text and text.replace(".", "").isidentifier():
                yield text


def modules_of(one: Import, known: Mapping[str, str]) -> tuple[str, ...]:
    """Return the project's modules that an import loads, outermost package first.

    Args:
        one: the import.
        known: the path of each of the project's modules.
    """
    parts = one.module.split(".")
    names = [".".join(parts[: end + 1]) for end in range(len(parts))]
    if one.name and f"{one.module}.{one.name}" in known:
        names.append(f"{one.module}.{one.name}")
    return tuple(name for name in names if name in known)
