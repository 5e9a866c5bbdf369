"""The client package: value classes and one typed function per operation, as Python text.

Conservative on purpose: it runs inside monoliths on Python 3.8 and Django 3.2.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codemods.contract import layout, value_classes
from codemods.contract.python_types import (
    arguments,
    given,
    is_write,
    of_result,
    row_class,
    standard_imports,
)
from codemods.contract.wording import header, orm_shape, summary

if TYPE_CHECKING:
    from codemods.contract.operations import Contract, Operation, ValueType


def render(contract: Contract, client_module: str, provider_module: str) -> dict[str, str]:
    """Return the files of the client package, by name.

    Args:
        contract: what the service offers.
        client_module: dotted name of the package, such as "shop.clients.users_client".
        provider_module: dotted name of what implements the operations in process.
    """
    return {
        "__init__.py": _package(contract, client_module),
        "operations.py": _operations(contract, client_module, provider_module),
        "values.py": value_classes.render(contract),
    }


def parent_package() -> str:
    """Return the text of the package that holds all clients, for where there is none."""
    return '"""Clients of the services that left, one package each."""\n'


def _package(contract: Contract, client_module: str) -> str:
    names = ["SERVICE", *(each.name for each in contract.operations)]
    values = value_classes.names(contract)
    exported = sorted([*names, *values, "ForeignKey", "OneToOneField"], key=_all_key)
    lines = [
        header(
            contract.service, f"The {contract.service} service as the rest of the project calls it."
        ),
        layout.imports(f"{client_module}.operations", names),
    ]
    if values:
        lines.append(layout.imports(f"{client_module}.values", values))
    lines += [
        "",
        "ForeignKey = SERVICE.ForeignKey",
        "OneToOneField = SERVICE.OneToOneField",
        "",
        layout.bracketed("__all__ = [", [f'"{name}"' for name in exported], "]", is_import=True),
    ]
    return "\n".join(lines) + "\n"


def _all_key(name: str) -> tuple[int, str]:
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2), name


def _operations(contract: Contract, client_module: str, provider_module: str) -> str:
    by_label = {value.model: value for value in contract.values}
    functions = [_function(each, by_label.get(each.model)) for each in contract.operations]
    body = "\n\n\n".join(functions)
    writes = [f'"{each.name}"' for each in contract.operations if is_write(each)]
    results = " ".join(_result(each, by_label.get(each.model)) for each in contract.operations)
    words = set(re.findall(r"\w+", results))
    used = [name for name in value_classes.names(contract) if name in words]
    own = ["from strangler.client.service import Service"]
    local = [f"from {client_module} import values"]
    if used:
        local.append(layout.imports(f"{client_module}.values", used))
    service = layout.bracketed(
        "SERVICE = Service(",
        [
            f'"{contract.service}"',
            f'provider="{provider_module}"',
            "values=values",
            "operations=__name__",
            *([f"writes={_tuple(writes, 1)}"] if writes else []),
        ],
        ")",
        is_import=True,
    )
    parts = [header(contract.service, f"The operations of {contract.service}, by name.")]
    if standard := standard_imports(body):
        parts += [*standard, ""]
    parts += [*own, "", *sorted(local, key=_module), "", service]
    return "\n".join(parts) + (f"\n\n\n{body}\n" if body else "\n")


def _module(line: str) -> str:
    return line.split()[1]


def _tuple(items: list[str], indent: int) -> str:
    """Return a tuple as the value of an argument that stands on a line of its own."""
    text = f"({', '.join(items)}{',' * (len(items) == 1)})"
    if len(f"{layout.INDENT * indent}writes={text},") <= layout.WIDTH:
        return text
    margin = layout.INDENT * indent
    return "\n".join(["(", *(f"{margin}{layout.INDENT}{item}," for item in items), f"{margin})"])


def _result(operation: Operation, value: ValueType | None) -> str:
    return of_result(operation, value.name if value else "Any", row_class(operation))


def _function(operation: Operation, value: ValueType | None) -> str:
    name = value.name if value else "Any"
    key = value.columns[0].type if value else "any"
    result = _result(operation, value)
    passed = [
        f"{each.name}={f'list({each.name})' if each.many else each.name}"
        for each in given(operation, key)
    ]
    if operation.is_limited:
        passed += ["offset=offset", "limit=limit"]
    return "\n".join(
        [
            layout.bracketed(
                f"def {operation.name}(",
                arguments(operation, key, is_caller=True),
                f") -> {result}:",
            ),
            layout.docstring(f"{summary(operation, name)}\n\nStands for `{orm_shape(operation)}`."),
            layout.bracketed(
                f"result: {result} = SERVICE.call(", [f'"{operation.name}"', *passed], ")", indent=1
            ),
            "    return result",
        ]
    )
