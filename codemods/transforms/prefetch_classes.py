"""Class attributes that make a library join a diverted relation: an admin's list is rewritten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from codemods.transforms import chain_edits, prefetch_admin
from codemods.transforms.change import Change, Proposal, Refusal
from codemods.transforms.prefetch_paths import meeting
from codemods.transforms.tree import named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.transforms.source import SourceFile

ATTRIBUTES = frozenset({"list_select_related", "select_related"})
SUGGESTION = (
    "drop the path and override get_queryset() to return super().get_queryset(...)"
    '.prefetch_related("{path}")'
)


def proposed(file: SourceFile, transform: str) -> Proposal:
    """Say of the `list_select_related` of admins, and `select_related` of views, what becomes."""
    proposal, module = Proposal(), file.graph.module_of_path.get(file.path, "")
    for definition in file.find(cst.ClassDef):
        cls = f"{module}:{definition.name.value}"
        refused = list(_refusals(file, definition, cls, transform))
        changes = _changes(file, definition, cls, transform) if refused else []
        proposal.changes += changes
        proposal.refusals += refused if not changes else []
    return proposal


def _changes(file: SourceFile, definition: cst.ClassDef, cls: str, transform: str) -> list[Change]:
    """Return the changes of an admin of one model that nothing inherits from."""
    labels = {str(entry["model"]) for entry in file.graph.admin if entry["class"] == cls}
    is_base = cls in file.graph.bases_of_others
    its = prefetch_admin.loading(file, definition, labels.pop()) if len(labels) == 1 else None
    if its is None or is_base or _models(file, cls) != _admins(file, cls):
        return []
    group = f"{transform} {file.path}:{definition.name.value}"
    quote = chain_edits.usual_quote(file)
    return [
        Change(its.value, prefetch_admin.listed(its), transform, is_batched=True, group=group),
        Change(
            its.place, prefetch_admin.placed(its, quote), transform, is_batched=True, group=group
        ),
    ]


def _admins(file: SourceFile, cls: str) -> list[str]:
    return sorted({str(entry["model"]) for entry in file.graph.admin if entry["class"] == cls})


def _refusals(
    file: SourceFile, definition: cst.ClassDef, cls: str, transform: str
) -> Iterator[Refusal]:
    """Give the attributes of a class that join, one refusal for each path."""
    labels = _models(file, cls)
    if labels:
        for name, value in _assigned(definition):
            for label in labels:
                for path, through in _joined(file, label, value):
                    yield Refusal(
                        value,
                        transform,
                        f'{name} = "{path}" makes a library join a diverted relation',
                        SUGGESTION.format(path=through),
                    )


def models_of_class(file: SourceFile, definition: cst.ClassDef) -> list[str]:
    """Return the models that an admin's or view's class of the file works on."""
    names = (name for name, module in file.graph.modules.items() if module.path == file.path)
    return _models(file, f"{next(names, '')}:{definition.name.value}")


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
    for name, value in named(definition.body):
        if name in ATTRIBUTES:
            yield name, value


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
