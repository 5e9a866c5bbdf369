"""Class attributes that make a library join a diverted relation: known, and left to a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst
import libcst.matchers as m

from codemods.transforms import chain_edits
from codemods.transforms.change import Refusal
from codemods.transforms.prefetch_paths import meeting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.transforms.source import SourceFile

ATTRIBUTES = frozenset({"list_select_related", "select_related"})
SUGGESTION = (
    "drop the path and override get_queryset() to return super().get_queryset(...)"
    '.prefetch_related("{path}")'
)


def refusals(file: SourceFile, transform: str) -> Iterator[Refusal]:
    """Give the `list_select_related` of admins and `select_related` of views that join."""
    modules = {module.path: name for name, module in file.graph.modules.items()}
    module = modules.get(file.path, "")
    for definition in file.find(cst.ClassDef):
        labels = _models(file, f"{module}:{definition.name.value}")
        for name, value in _assigned(definition) if labels else ():
            for label in labels:
                for path, through in _joined(file, label, value):
                    yield Refusal(
                        value,
                        transform,
                        f'{name} = "{path}" makes a library join a diverted relation',
                        SUGGESTION.format(path=through),
                    )


def _models(file: SourceFile, cls: str) -> list[str]:
    """Return the models that an admin's or view's class works on."""
    found = {str(entry["model"]) for entry in file.graph.admin if entry["class"] == cls}
    for entry in file.graph.admin:
        found |= {str(label) for inline, label in entry["inlines"] if inline == cls}
    known = file.graph.classes.get(cls)
    for name in ("model", "queryset"):
        bound = known.names.get(name) if known else None
        if bound and bound[0] in ("model", "manager", "queryset"):
            found.add(bound[1])
    return sorted(found & file.graph.models.keys())


def _assigned(definition: cst.ClassDef) -> Iterator[tuple[str, cst.BaseExpression]]:
    for statement in m.findall(definition.body, m.Assign(targets=[m.AssignTarget(m.Name())])):
        if not isinstance(statement, cst.Assign):
            continue
        target = statement.targets[0].target
        if isinstance(target, cst.Name) and target.value in ATTRIBUTES:
            yield target.value, statement.value


def _joined(file: SourceFile, label: str, value: cst.BaseExpression) -> Iterator[tuple[str, str]]:
    """Give each path of a list that meets a diverted relation, with the part up to it."""
    if isinstance(value, (cst.Tuple, cst.List, cst.Set)):
        for element in value.elements:
            path = chain_edits.text(element.value)
            met = meeting(file.graph, file.relations, label, path) if path else None
            if path and met:
                yield path, met.through
    elif isinstance(value, cst.Name) and value.value == "True":
        for name, field in file.graph.models[label].fields.items():
            if not field.null and file.relations.get((label, name)) == "":
                yield "True", name
