"""What a class is to Django and REST framework, and which models it stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.crossings.values import UNKNOWN, Type, Value, cut

if TYPE_CHECKING:
    from codemods.crossings.infer.walker import Walker

MAX_SUBCLASSES = 14
SHORTEST_NAME = 4
ROLE_OF_BASE = {
    "django.views.generic.base:View": "view",
    "django.views.generic.base:ContextMixin": "view",
    "django.views.generic.edit:FormMixin": "view",
    "django.views.generic.list:MultipleObjectMixin": "view",
    "django.views.generic.detail:SingleObjectMixin": "view",
    "rest_framework.generics:GenericAPIView": "view",
    "rest_framework.views:APIView": "view",
    "django.forms.forms:BaseForm": "form",
    "django.forms.formsets:BaseFormSet": "formset",
    "rest_framework.fields:Field": "serializer",
    "django.contrib.admin.options:BaseModelAdmin": "admin",
    "django_filters.filterset:BaseFilterSet": "filterset",
    "django.db.models.manager:BaseManager": "manager",
    "django.db.models.query:QuerySet": "queryset",
    "django.db.models.fields:Field": "field",
    "haystack.indexes:SearchIndex": "index",
    "django_tables2.tables:Table": "table",
    "factory.base:BaseFactory": "factory",
    "django.contrib.sitemaps:Sitemap": "sitemap",
    "django.contrib.syndication.views:Feed": "sitemap",
}


def lookup_order(walker: Walker, cls: str) -> tuple[str, ...]:
    """Return a class and its bases, as the running project resolved them."""
    known = walker.graph.classes.get(cls)
    return (cls, *known.bases) if known else (cls,)


def role(walker: Walker, cls: str) -> str:
    """Return what a class is to Django: view, form, serializer, admin ...; "" for anything else."""
    for base in lookup_order(walker, cls):
        if found := ROLE_OF_BASE.get(base):
            return found
    for subclass in walker.project.subclasses.get(cls, ())[:MAX_SUBCLASSES]:
        for base in lookup_order(walker, subclass):
            if found := ROLE_OF_BASE.get(base):
                return found
    return ""


def class_value(walker: Walker, cls: str, name: str) -> Type:
    """Return what a class attribute is bound to, nearest class first."""
    for owner in lookup_order(walker, cls):
        known = walker.graph.classes.get(owner)
        if known and (bound := known.names.get(name)):
            return walker.from_probe(*bound)
        if owner in walker.project.definitions and (found := walker.facts.get("a", owner, name)):
            return found
    return UNKNOWN


def models_of(walker: Walker, cls: str, *, through_subclasses: bool = True) -> tuple[str, ...]:
    """Return the labels a view, form, serializer or admin class stands for."""
    known = walker.graph.classes.get(cls)
    if known and (bound := known.names.get("_meta_model")) and bound[0] == "model":
        return (bound[1],)
    if role(walker, cls) == "field":
        return _of_field(walker, cls)
    for find in (_of_meta, _of_attributes, _of_methods, _of_admin):
        if found := find(walker, cls):
            return tuple(sorted(found))[:MAX_SUBCLASSES]
    if not through_subclasses:
        return ()
    subclasses = walker.project.subclasses.get(cls, ())[:MAX_SUBCLASSES]
    shared = {
        label
        for subclass in subclasses
        for label in models_of(walker, subclass, through_subclasses=False)
    }
    return tuple(sorted(shared))[:MAX_SUBCLASSES]


def _of_field(walker: Walker, cls: str) -> tuple[str, ...]:
    """Return the models with a field of a class that the project defines."""
    classes = {cls, *walker.project.subclasses.get(cls, ())}
    return tuple(
        sorted(
            model.label
            for model in walker.graph.models.values()
            if any(f"{f.module}:{f.type}" in classes for f in model.fields.values())
        )
    )


def _of_meta(walker: Walker, cls: str) -> set[str]:
    for owner in lookup_order(walker, cls):
        values = walker.facts.get("a", f"{owner}.Meta", "model")
        if found := {value[1] for value in values if value[0] == "M"}:
            return found
    return set()


def _of_attributes(walker: Walker, cls: str) -> set[str]:
    found: set[str] = set()
    for name in ("model", "queryset", "form_class", "serializer_class", "list_serializer_class"):
        for value in class_value(walker, cls, name):
            if value[0] in "MQG":
                found.add(value[1])
            elif value[0] == "C" and value[1] != cls:
                found |= set(models_of(walker, value[1], through_subclasses=False))
        if found:
            break
    return found


def _of_methods(walker: Walker, cls: str) -> set[str]:
    for owner in lookup_order(walker, cls):
        if found := {
            value[1]
            for method in ("get_queryset", "get_object", "get_model")
            for value in walker.facts.get("r", f"{owner}.{method}")
            if value[0] in "QIGM"
        }:
            return found
    return set()


def _of_admin(walker: Walker, cls: str) -> set[str]:
    found: set[str] = {entry["model"] for entry in walker.graph.admin if entry["class"] == cls}
    for entry in walker.graph.admin:
        found |= {model for inline, model in entry["inlines"] if inline == cls}
    return found


def all_of(shape: str, labels: tuple[str, ...]) -> Type:
    """Return such a value of each model."""
    return frozenset((shape, label) for label in labels)


def instances_of(walker: Walker, cls: str, name: str) -> Type:
    """Return instances of the class a view names: its form or its serializer."""
    found = class_value(walker, cls, name)
    return frozenset(("O", v[1]) for v in found if v[0] == "C")


def rows_of(walker: Walker, cls: str) -> Type:
    """Return a view's queryset, with what its SQL touches besides if the view builds it."""
    for owner in (
        *lookup_order(walker, cls),
        *walker.project.subclasses.get(cls, ())[:MAX_SUBCLASSES],
    ):
        if found := walker.facts.get("r", f"{owner}.get_queryset"):
            rows = frozenset(value for value in found if value[0] == "Q")
            return cut(rows | _others(walker, cls, owner))
    for owner in lookup_order(walker, cls):
        declared = walker.facts.get("a", owner, "queryset")
        if rows := frozenset(value for value in declared if value[0] == "Q"):
            return rows
    return all_of("Q", models_of(walker, cls))


def _others(walker: Walker, cls: str, owner: str) -> Type:
    """Return the rows of all views that use a mixin, when the mixin itself has none."""
    if owner in lookup_order(walker, cls):
        return UNKNOWN
    found: set[Value] = set()
    for subclass in walker.project.subclasses.get(cls, ())[:MAX_SUBCLASSES]:
        found |= {v for v in walker.facts.get("r", f"{subclass}.get_queryset") if v[0] == "Q"}
    return frozenset(found)
