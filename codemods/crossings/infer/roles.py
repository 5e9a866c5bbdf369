"""What Django and REST framework put on their classes: a view's object, a form's instance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.crossings.values import REQUEST, UNKNOWN, Type, Value, cut, one, sequence

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


def _all(shape: str, labels: tuple[str, ...]) -> Type:
    return frozenset((shape, label) for label in labels)


def _instances(walker: Walker, cls: str, name: str) -> Type:
    """Return instances of the class a view names: its form or its serializer."""
    found = class_value(walker, cls, name)
    return frozenset(("O", v[1]) for v in found if v[0] == "C")


def _view(walker: Walker, cls: str, name: str) -> Type:
    if name == "request":
        return one(*REQUEST)
    if name in ("form", "get_form", "form_class", "get_form_class"):
        forms = _instances(walker, cls, "form_class")
        return (
            one("H", forms)
            if name == "get_form" and forms
            else forms
            if name == "form"
            else UNKNOWN
        )
    if name == "get_serializer":
        return one("H", _instances(walker, cls, "serializer_class"))
    if name == "get_context_data":
        return one("H", one("K", tuple(sorted(view_context(walker, cls).items()))))
    labels = models_of(walker, cls) if name in VIEW_MODEL_NAMES else ()
    if not labels:
        return UNKNOWN
    if name == "object":
        return _all("I", labels)
    if name == "object_list":
        return rows_of(walker, cls)
    if name == "get_object":
        return one("H", _all("I", labels))
    if name == "paginate_queryset":
        return one("H", sequence(_all("I", labels)))
    return one("H", rows_of(walker, cls))


VIEW_MODEL_NAMES = frozenset(
    {"object", "object_list", "get_object", "get_queryset", "filter_queryset", "paginate_queryset"}
)


def rows_of(walker: Walker, cls: str) -> Type:
    """Return a view's queryset, with what its SQL touches besides if the view builds it."""
    for owner in (
        *lookup_order(walker, cls),
        *walker.project.subclasses.get(cls, ())[:MAX_SUBCLASSES],
    ):
        if found := walker.facts.get("r", f"{owner}.get_queryset"):
            rows = frozenset(value for value in found if value[0] == "Q")
            return cut(rows | _others(walker, cls, owner))
    return _all("Q", models_of(walker, cls))


def _others(walker: Walker, cls: str, owner: str) -> Type:
    """Return the rows of all views that use a mixin, when the mixin itself has none."""
    if owner in lookup_order(walker, cls):
        return UNKNOWN
    found: set[Value] = set()
    for subclass in walker.project.subclasses.get(cls, ())[:MAX_SUBCLASSES]:
        found |= {v for v in walker.facts.get("r", f"{subclass}.get_queryset") if v[0] == "Q"}
    return frozenset(found)


def choice_models(walker: Walker, cls: str) -> tuple[str, ...]:
    """Return the models that a form's fields offer as choices."""
    known = walker.graph.classes.get(cls)
    names = known.names if known else {}
    return tuple(sorted({bound[1] for name, bound in names.items() if name.startswith("field:")}))


def view_context(walker: Walker, cls: str) -> dict[str, Type]:
    """Return what a generic view gives its template."""
    labels = models_of(walker, cls)
    found: dict[str, Type] = {"view": one("O", cls)}
    if forms := _instances(walker, cls, "form_class"):
        found["form"] = forms
    if not labels:
        return found
    is_list = any("MultipleObject" in base for base in lookup_order(walker, cls))
    instances, rows = _all("I", labels), rows_of(walker, cls)
    names = [v[1] for v in class_value(walker, cls, "context_object_name") if v[0] == "L"]
    for label in labels:
        stem = label.split(".")[1].lower()
        names.append(f"{stem}_list" if is_list else stem)
    if is_list:
        found |= {"object_list": rows, "page_obj": sequence(instances)}
    else:
        found["object"] = instances
    for name in names:
        found.setdefault(name, rows if is_list else instances)
    return found


def _fields(walker: Walker, cls: str) -> Type:
    """Return a form's fields by name, those that offer rows of a model."""
    known = walker.graph.classes.get(cls)
    pairs = [
        (name.removeprefix("field:"), one("E", f"choice:{bound[1]}"))
        for name, bound in (known.names.items() if known else ())
        if name.startswith("field:")
    ]
    return one("K", tuple(sorted(pairs))) if pairs else UNKNOWN


def _form(walker: Walker, cls: str, name: str) -> Type:
    if name == "cleaned_data":
        return one("A", cls)
    if name in ("fields", "base_fields"):
        return _fields(walker, cls)
    if name in ("instance", "save"):
        instances = _all("I", models_of(walker, cls))
        return one("H", instances) if name == "save" and instances else instances
    return UNKNOWN


def _formset(walker: Walker, cls: str, name: str) -> Type:
    instances = _all("I", models_of(walker, cls))
    if name == "save":  # also that of one of its forms, which have no class of their own
        return one("H", sequence(instances) | instances)
    if name in ("queryset", "get_queryset"):
        rows = _all("Q", models_of(walker, cls))
        return rows if name == "queryset" else one("H", rows)
    if name in ("forms", "initial_forms", "extra_forms"):
        return sequence(one("O", cls))
    return instances if name == "instance" else UNKNOWN


def _serializer(walker: Walker, cls: str, name: str) -> Type:
    if name == "validated_data":
        return one("A", cls)
    if name == "context":
        return one("K", (("request", one(*REQUEST)),))
    if name in ("instance", "save", "create", "update", "validate"):
        instances = _all("I", models_of(walker, cls))
        if name == "validate":
            return one("H", one("A", cls))
        return one("H", instances) if name != "instance" and instances else instances
    return UNKNOWN


def _admin(walker: Walker, cls: str, name: str) -> Type:
    labels = models_of(walker, cls)
    if name == "model":
        return _all("M", labels)
    if name in ("get_queryset", "get_search_results"):
        return one("H", _all("Q", labels))
    return one("H", _all("I", labels)) if name == "get_object" else UNKNOWN


def _filterset(walker: Walker, cls: str, name: str) -> Type:
    labels = models_of(walker, cls)
    if name == "request":
        return one(*REQUEST)
    return _all("Q", labels) if name in ("queryset", "qs") else UNKNOWN


BY_ROLE = {
    "view": _view,
    "form": _form,
    "formset": _formset,
    "serializer": _serializer,
    "admin": _admin,
    "filterset": _filterset,
}


def framework_member(walker: Walker, value: Value, name: str) -> Type:
    """Return what the framework's own base class gives under a name."""
    if value[0] in "OC":
        reader = BY_ROLE.get(role(walker, value[1]))
        return reader(walker, value[1], name) if reader else UNKNOWN
    if value[0] in "QGR" and name in (
        "get_queryset",
        "all",
        "filter",
        "exclude",
        "order_by",
        "get_query_set",
    ):
        return one("H", one("Q", value[1]))
    if value[0] in "QGR" and name in ("get", "create", "first", "last"):
        return one("H", one("I", value[1]))
    return UNKNOWN


def external_member(walker: Walker, value: Value, name: str) -> Type:
    """Return an attribute of an external object whose meaning is known, such as a paginator."""
    kind, _, label = value[1].partition(":")
    if kind in ("choice", "choices") and name == "queryset":
        return one("Q", label)
    if kind == "paginator" and label:
        if name in ("page", "get_page"):
            return one("H", one("S", one("I", label)))
        if name == "object_list":
            return one("Q", label)
    return UNKNOWN


PARAMETERS = {
    "view": {
        "form": "form",
        "queryset": "Q",
        "obj": "I",
        "instance": "I",
        "object": "I",
        "serializer": "serializer",
    },
    "serializer": {"obj": "I", "instance": "I", "validated_data": "A", "attrs": "A", "data": "A"},
    "admin": {"obj": "I", "instance": "I", "queryset": "Q", "qs": "Q"},
    "filterset": {"queryset": "Q", "qs": "Q"},
    "form": {"instance": "I"},
    "index": {"obj": "I"},
    "table": {"record": "I"},
    "sitemap": {"obj": "I", "item": "I"},
}


def parameter(walker: Walker, cls: str, name: str) -> Type:
    """Return what a method's parameter is by the habits of the class's framework."""
    what = PARAMETERS.get(role(walker, cls), {}).get(name)
    if what is None:
        return _named_after_model(walker, cls, name)
    if what == "form":
        return _instances(walker, cls, "form_class")
    if what == "serializer":
        return _instances(walker, cls, "serializer_class")
    if what == "A":
        return one("A", cls)
    return cut(_all(what, models_of(walker, cls)))


def _named_after_model(walker: Walker, cls: str, name: str) -> Type:
    """Return rows for `reviews`, one for `review`, in a view or admin of ProductReview."""
    if role(walker, cls) not in ("view", "admin"):
        return UNKNOWN
    single = name.removesuffix("s").replace("_", "")
    for label in models_of(walker, cls, through_subclasses=False):
        if len(single) >= SHORTEST_NAME and label.lower().endswith(single):
            if name.endswith("s"):
                return frozenset(v for v in rows_of(walker, cls) if v[1] == label)
            return one("I", label)
    return UNKNOWN
