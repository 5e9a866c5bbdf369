"""The model graph: what the probe wrote, as frozen values with the lookups that inference needs.

A label is Django's "app_label.Model"; a class or function is "module:Qualname"; a path is relative
to the project's root with forward slashes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a model; `target` is the label it relates to, None for a plain column.

    `module` is where the field's class comes from, `to_field` the column's name at the other end
    that a foreign key holds. `service` names the service that a diverted
    relation reads its values from; None for every other field. `internal_type` is the field class
    of Django's own that it stores and reads like; None when it converts values by code of its own.
    `carried` tells that the many rows it leads to travel with the client's values.
    """

    name: str
    attname: str
    column: str | None
    type: str
    target: str | None
    many: bool
    generic: bool
    one: bool
    through: str | None
    through_auto: bool
    on_delete: str | None
    null: bool
    declared_in: str | None
    ct_field: str | None
    fk_field: str | None
    inherited: bool
    module: str = ""
    service: str | None = None
    to_field: str | None = None
    internal_type: str | None = None
    max_length: int | None = None
    carried: bool = False


@dataclass(frozen=True, slots=True)
class Reverse:
    """The other end of a relation; `accessor` is None when the field hides it by "+".

    `carried` tells that its rows travel with the client's values.
    """

    accessor: str | None
    query_name: str
    model: str
    field: str
    many: bool
    carried: bool = False


@dataclass(frozen=True, slots=True)
class Manager:
    """A manager of a model, with the classes its methods come from, in lookup order."""

    name: str
    cls: str
    bases: tuple[str, ...]
    queryset_bases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """A first-party method or property of a model: `kind` is "method" or "property"."""

    kind: str
    name: str
    path: str | None
    line: int


@dataclass(frozen=True, slots=True)
class LibraryMember:
    """A method or property that a library's class gives a model; `needs` counts its arguments."""

    kind: str
    name: str
    needs: int


@dataclass(frozen=True, slots=True)
class Model:
    """A concrete model. `bases` includes abstract bases; `parents` are multi-table parents.

    `ordering` is that of its Meta; "?" stands for what is no plain name.
    """

    label: str
    app: str
    name: str
    table: str
    bases: tuple[str, ...]
    parents: tuple[str, ...]
    proxy_for: str | None
    auto_created: bool
    pk: str | None
    fields: dict[str, Field]
    attnames: dict[str, Field]
    accessors: dict[str, Reverse]
    query_names: dict[str, Reverse]
    managers: dict[str, Manager]
    default_manager: str | None
    members: dict[str, Member]
    library_members: dict[str, LibraryMember] = field(default_factory=dict)
    ordering: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class App:
    """An installed app; `path` is None when it is not the project's own.

    `inherits` are folders of apps whose configuration this one extends, as forked apps do.
    """

    label: str
    name: str
    path: str | None
    inherits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Module:
    """An imported first-party module; `names` maps a global to what it is bound to at run time."""

    path: str
    names: dict[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Class:
    """A first-party class: its bases in lookup order, and what its own attributes are bound to."""

    bases: tuple[str, ...]
    names: dict[str, tuple[str, str]]


@dataclass(frozen=True, eq=False)
class Graph:
    """Everything the probe saw. `digest` identifies it; compared and hashed by identity.

    `atomic_requests` tells that a database of the settings makes each request one transaction.
    """

    digest: str
    python: str
    django: str
    auth_user_model: str
    apps: tuple[App, ...]
    models: dict[str, Model]
    modules: dict[str, Module]
    classes: dict[str, Class]
    admin: tuple[dict[str, Any], ...]
    receivers: tuple[dict[str, Any], ...]
    template_dirs: tuple[str, ...]
    errors: tuple[tuple[str, str], ...] = field(default=())
    atomic_requests: bool = False

    @cached_property
    def model_of_class(self) -> dict[str, str]:
        """Map a concrete model's class to its label."""
        return {model.name: model.label for model in self.models.values()}

    @cached_property
    def module_of_path(self) -> dict[str, str]:
        """Map a file's path to the name of its module."""
        return {module.path: name for name, module in self.modules.items()}

    @cached_property
    def bases_of_others(self) -> frozenset[str]:
        """Every class that another class of the project inherits from."""
        return frozenset(base for known in self.classes.values() for base in known.bases)

    @cached_property
    def concrete_of(self) -> dict[str, frozenset[str]]:
        """Map every class in a model's lookup order, abstract ones too, to the concrete labels."""
        found: dict[str, set[str]] = {}
        for model in self.models.values():
            for name in (model.name, *model.bases):
                found.setdefault(name, set()).add(model.label)
        return {name: frozenset(labels) for name, labels in found.items()}

    @cached_property
    def manager_models(self) -> dict[str, frozenset[str]]:
        """Map a manager or queryset class to the labels of the models that use it."""
        found: dict[str, set[str]] = {}
        for model in self.models.values():
            for manager in model.managers.values():
                for name in (*manager.bases, *manager.queryset_bases):
                    found.setdefault(name, set()).add(model.label)
        return {name: frozenset(labels) for name, labels in found.items()}

    @cached_property
    def tables(self) -> dict[str, str]:
        """Map a table's name to the label of the model that owns it."""
        return {
            model.table: model.label for model in self.models.values() if model.proxy_for is None
        }

    @cached_property
    def labels_by_folded(self) -> dict[str, str]:
        """Map "app.model" in lower case, as strings in code spell it, to the label."""
        return {label.lower(): label for label in self.models}


def parse(raw: dict[str, Any], digest: str) -> Graph:
    """Turn the probe's JSON into a graph."""
    return Graph(
        digest=digest,
        python=raw["python"],
        django=raw["django"],
        auth_user_model=raw["auth_user_model"],
        apps=tuple(
            App(app["label"], app["name"], app["path"], tuple(app["inherits"]))
            for app in raw["apps"]
        ),
        models={model["label"]: _model(model) for model in raw["models"]},
        modules={
            name: Module(module["path"], {k: (v[0], v[1]) for k, v in module["names"].items()})
            for name, module in raw["modules"].items()
        },
        classes={
            name: Class(tuple(cls["mro"]), {k: (v[0], v[1]) for k, v in cls["names"].items()})
            for name, cls in raw["classes"].items()
        },
        admin=tuple(raw["admin"]),
        receivers=tuple(raw["receivers"]),
        template_dirs=tuple(raw["template_dirs"]),
        errors=tuple((name, message) for name, message in raw["errors"]),
        atomic_requests=raw.get("atomic_requests", False),
    )


def _model(raw: dict[str, Any]) -> Model:
    fields = [Field(**entry) for entry in raw["fields"]]
    reverses = [Reverse(**entry) for entry in raw["reverse"]]
    managers = [
        Manager(m["name"], m["class"], tuple(m["mro"]), tuple(m["queryset_mro"]))
        for m in raw["managers"]
    ]
    return Model(
        label=raw["label"],
        app=raw["app"],
        name=raw["name"],
        table=raw["table"],
        bases=tuple(raw["mro"]),
        parents=tuple(raw["parents"]),
        proxy_for=raw["proxy_for"],
        auto_created=raw["auto_created"],
        pk=raw["pk"],
        fields={entry.name: entry for entry in fields},
        attnames={entry.attname: entry for entry in fields if entry.attname != entry.name},
        accessors={entry.accessor: entry for entry in reverses if entry.accessor},
        query_names={entry.query_name: entry for entry in reverses},
        managers={manager.name: manager for manager in managers},
        default_manager=raw["default_manager"],
        members={name: Member(*entry) for name, entry in raw["members"].items()},
        library_members={
            name: LibraryMember(*entry) for name, entry in raw.get("library_members", {}).items()
        },
        ordering=tuple(raw.get("ordering", ())),
    )
