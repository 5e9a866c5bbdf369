"""The owner's own classes of errors as its callers catch them.

operations that call functions ─> failures_of ─> Failure, bases first ─> render: the errors module

A class of the client stands on the bases that are there on both sides: those of libraries, and of
code that belongs to no service. `strangler.client.raised` makes what is raised an instance of the
owner's class too, where that is at hand.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from codemods.contract import layout
from codemods.contract.operations import Contract, Failure
from codemods.contract.wording import header

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from codemods.contract.functions import Functions
    from codemods.contract.operations import Operation


def failures_of(functions: Functions, operations: Iterable[Operation]) -> tuple[Failure, ...]:
    """Return the classes that operations raise, and those of the service that they stand on."""
    wanted: set[str] = set()
    waiting = sorted({each for operation in operations for each in operation.raises})
    while waiting:
        origin = waiting.pop()
        if origin not in wanted:
            wanted.add(origin)
            waiting += [base for base in _bases(functions, origin) if functions.is_served(base)]
    names = _names(wanted)
    return tuple(
        sorted(
            Failure(
                names[origin],
                origin,
                tuple(
                    names[base] if base in names and base != origin else _dotted(base)
                    for base in _bases(functions, origin)
                ),
                _about(functions, origin),
            )
            for origin in wanted
        )
    )


def _names(origins: Iterable[str]) -> dict[str, str]:
    """Return what each class is called; two of one name are told apart by their modules."""
    short = {origin: origin.rpartition(":")[2].rpartition(".")[2] for origin in origins}
    taken = list(short.values())
    return {
        origin: name
        if taken.count(name) == 1
        else "".join(part.capitalize() for part in origin.replace(":", ".").split(".")[:-1]) + name
        for origin, name in short.items()
    }


def _bases(functions: Functions, origin: str) -> list[str]:
    """Return the nearest bases of a class that are the service's own, or of no service.

    A class that is of no service stands for itself: it is there on both sides.
    The lookup order of a class is all that is known; a class that another of it stands on is left
    out.
    """
    graph = functions.graph
    if not functions.is_served(origin) or origin not in graph.classes:
        return [origin]
    kept = [base for base in graph.classes[origin].bases if not functions.is_elsewhere(base)]
    below = {inner for base in kept if base in graph.classes for inner in graph.classes[base].bases}
    found = [base for base in kept if base not in below and base != "builtins:object"]
    first = [base for base in found if base not in {"builtins:Exception", "builtins:BaseException"}]
    return first or ["builtins:Exception"]


def _dotted(base: str) -> str:
    module, _, name = base.partition(":")
    return name if module == "builtins" else f"{module}.{name}"


def _about(functions: Functions, origin: str) -> str:
    module, _, qualname = origin.partition(":")
    path = functions.graph.modules[module].path if module in functions.graph.modules else ""
    body = functions.sources.class_body(path, qualname) if path else []
    first = body[0].value if body and isinstance(body[0], ast.Expr) else None
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        return first.value.strip().partition("\n")[0]
    return ""


def render(contract: Contract) -> str:
    """Return the errors module of a client package; a class stands after those it stands on."""
    by_name = {each.name: each for each in contract.failures}
    placed: dict[str, Failure] = {}

    def place(failure: Failure) -> None:
        for base in failure.bases:
            if base in by_name and base not in placed:
                place(by_name[base])
        placed[failure.name] = failure

    for failure in contract.failures:
        if failure.name not in placed:
            place(failure)
    modules: dict[str, list[str]] = {}
    for failure in placed.values():
        for base in failure.bases:
            if "." in base:
                name = base.rpartition(".")[2]
                alias = f"{name} as {_spelt(base, by_name)}" if name in by_name else name
                modules.setdefault(base.rpartition(".")[0], []).append(alias)
    classes = "\n\n\n".join(_class(failure, by_name) for failure in placed.values())
    imported = layout.sections(
        [layout.imports(module, names) for module, names in modules.items()]
        + ["from strangler.client.raised import Raised"]
    )
    about = f"What {contract.service} raises on purpose, as its callers catch it."
    return layout.formatted(f"{header(contract.service, about)}\n{imported}\n\n\n{classes}\n")


def _spelt(base: str, own: Mapping[str, Failure]) -> str:
    """Return how a class of a library is spelt beside the client's own."""
    name = base.rpartition(".")[2]
    return f"{name}Base" if name in own else name


def _class(failure: Failure, own: Mapping[str, Failure]) -> str:
    named = [base if base in own else _spelt(base, own) for base in failure.bases]
    bases = ", ".join(named if own.keys() & {*failure.bases} else ["Raised", *named])
    origin = failure.origin.replace(":", ".")
    about = failure.about or f"As {origin} is raised."
    return f'class {failure.name}({bases}, origin="{origin}"):\n{layout.docstring(about)}'
