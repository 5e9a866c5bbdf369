"""The client package: value classes and one typed function per operation, as Python text.

Conservative on purpose: it runs inside monoliths on Python 3.8 and Django 3.2.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codemods.contract import error_classes, layout, value_classes
from codemods.contract.python_types import (
    arguments,
    given,
    is_write,
    of_result,
    quoted,
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
        **({"errors.py": error_classes.render(contract)} if contract.failures else {}),
    }


def parent_package() -> str:
    """Return the text of the package that holds all clients, for where there is none."""
    return '"""Clients of the services that left, one package each."""\n'


def _package(contract: Contract, client_module: str) -> str:
    names = ["SERVICE", *(each.name for each in contract.operations)]
    values = value_classes.names(contract)
    failures = [each.name for each in contract.failures]
    exported = sorted(
        [*names, *values, *failures, "ForeignKey", "OneToOneField"], key=layout.by_kind
    )
    lines = [layout.imports(f"{client_module}.operations", names)]
    if values:
        lines.append(layout.imports(f"{client_module}.values", values))
    if failures:
        lines.append(layout.imports(f"{client_module}.errors", failures))
    about = f"The {contract.service} service as the rest of the project calls it."
    return layout.formatted(
        f"{header(contract.service, about)}\n{layout.sections(lines)}\n\n"
        "ForeignKey = SERVICE.ForeignKey\nOneToOneField = SERVICE.OneToOneField\n\n"
        f"__all__ = [{', '.join(quoted(exported))}]\n"
    )


def _operations(contract: Contract, client_module: str, provider_module: str) -> str:
    by_label = {value.model: value for value in contract.values}
    body = "\n\n\n".join(_function(each, by_label.get(each.model)) for each in contract.operations)
    results = " ".join(_result(each, by_label.get(each.model)) for each in contract.operations)
    words = set(re.findall(r"\w+", results))
    local = [f"from {client_module} import values"]
    if contract.failures:
        local = [layout.imports(client_module, ["errors", "values"])]
    if used := [name for name in value_classes.names(contract) if name in words]:
        local.append(layout.imports(f"{client_module}.values", used))
    writes = quoted(each.name for each in contract.operations if is_write(each))
    service = [
        f'"{contract.service}"',
        f'provider="{provider_module}"',
        "values=values",
        *(["errors=errors"] if contract.failures else []),
        "operations=__name__",
        *([f"writes=({', '.join(writes)},)"] if writes else []),
    ]
    runtime = ["from strangler.client.service import Service"]
    imported = layout.sections(standard_imports(body), runtime, local)
    about = f"The operations of {contract.service}, by name."
    return layout.formatted(
        f"{header(contract.service, about)}\n{imported}\n\n"
        f"SERVICE = Service({', '.join(service)})\n\n\n{body}\n"
    )


def _result(operation: Operation, value: ValueType | None) -> str:
    return of_result(operation, value.name if value else "Any", row_class(operation))


def _function(operation: Operation, value: ValueType | None) -> str:
    key = value.columns[0].type if value else "any"
    result = _result(operation, value)
    passed = [
        f"{each.name}={f'list({each.name})' if each.many else each.name}"
        for each in given(operation, key)
    ]
    if operation.is_limited:
        passed += ["offset=offset", "limit=limit"]
    about = f"{summary(operation, value.name if value else 'row')}\n\n"
    call = ", ".join([f'"{operation.name}"', *passed])
    return "\n".join(
        [
            f"def {operation.name}({arguments(operation, key, is_caller=True)}) -> {result}:",
            layout.docstring(f"{about}Stands for `{orm_shape(operation)}`."),
            f"    result: {result} = SERVICE.call({call})",
            "    return result",
        ]
    )
