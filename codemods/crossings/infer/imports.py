"""Imports: names are bound to what the run-time module holds; a foreign model is a crossing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codemods.crossings.values import UNKNOWN, Type, one

if TYPE_CHECKING:
    from codemods.crossings.infer.walker import Walker


def read_import(walker: Walker, node: Any) -> None:
    """Bind `import a.b as c`."""
    for alias in node.names:
        name = alias.asname or alias.name.split(".")[0]
        walker.assign(name, one("N", alias.name if alias.asname else name))


def read_import_from(walker: Walker, node: Any) -> None:
    """Bind `from a.b import C`, and record each model of another context."""
    module = absolute(walker, node)
    for alias in node.names:
        if alias.name == "*":
            continue
        type_ = member(walker, module, alias.name)
        walker.assign(alias.asname or alias.name, type_)
        if not walker.qualname and walker.module not in walker.graph.modules:
            walker.facts.tell(type_, "g", walker.module, alias.asname or alias.name)
        for value in type_:
            if value[0] == "M":
                walker.emit("import", alias, value[1])


def absolute(walker: Walker, node: Any) -> str:
    """Return the module that an import names, relative ones resolved."""
    if not node.level:
        return node.module or ""
    parts = walker.module.split(".")
    is_package = walker.source.path.endswith("/__init__.py")
    keep = len(parts) - node.level + (1 if is_package else 0)
    base = parts[: max(keep, 0)]
    return ".".join([*base, node.module] if node.module else base)


def member(walker: Walker, module: str, name: str) -> Type:
    """Return what `module.name` is: as bound at run time, defined in the source, or external."""
    known = walker.graph.modules.get(module)
    if known is not None:
        if bound := known.names.get(name):
            return walker.from_probe(*bound)
        if f"{module}.{name}" in walker.graph.modules:
            return one("N", f"{module}.{name}")
    definition = walker.project.definitions.get(f"{module}:{name}")
    if definition is not None:
        return one("C" if definition.kind == "class" else "F", f"{module}:{name}")
    if found := walker.facts.get("g", module, name):
        return found
    if f"{module}.{name}" in walker.project.modules:
        return one("N", f"{module}.{name}")
    if label := walker.graph.model_of_class.get(f"{module}:{name}"):
        return one("M", label)  # a library's, imported where no module at run time holds it
    is_own = known is not None or module in walker.project.modules
    return UNKNOWN if is_own else one("X", f"{module}.{name}")
