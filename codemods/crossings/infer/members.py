"""What a framework's base class puts on the project's: a view's object, a form's instance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.crossings.infer import choices
from codemods.crossings.infer.roles import (
    SHORTEST_NAME,
    all_of,
    class_value,
    instances_of,
    lookup_order,
    models_of,
    role,
    rows_of,
)
from codemods.crossings.values import REQUEST, UNKNOWN, Type, Value, cut, one, sequence, widened

if TYPE_CHECKING:
    from codemods.crossings.infer.walker import Walker


def _view(walker: Walker, cls: str, name: str) -> Type:
    if name == "request":
        return one(*REQUEST)
    if name in ("form", "get_form", "form_class", "get_form_class"):
        forms = instances_of(walker, cls, "form_class")
        return (
            one("H", forms)
            if name == "get_form" and forms
            else forms
            if name == "form"
            else UNKNOWN
        )
    if name == "get_serializer":
        return one("H", instances_of(walker, cls, "serializer_class"))
    if name == "get_context_data":
        return one("H", one("K", tuple(sorted(view_context(walker, cls).items()))))
    labels = models_of(walker, cls) if name in VIEW_MODEL_NAMES else ()
    if not labels:
        return UNKNOWN
    if name == "object":
        return all_of("I", labels)
    if name == "object_list":
        return rows_of(walker, cls)
    if name == "get_object":
        return one("H", all_of("I", labels))
    if name == "paginate_queryset":
        return one("H", sequence(all_of("I", labels)))
    return one("H", rows_of(walker, cls))


VIEW_MODEL_NAMES = frozenset(
    {"object", "object_list", "get_object", "get_queryset", "filter_queryset", "paginate_queryset"}
)


def _table_context(walker: Walker, cls: str) -> dict[str, Type]:
    """Return the table that a view of django_tables2 gives its template."""
    tables = instances_of(walker, cls, "table_class")
    names = [v[1] for v in class_value(walker, cls, "context_table_name") if v[0] == "L"]
    return dict.fromkeys(names or ["table"], tables) if tables else {}


def view_context(walker: Walker, cls: str) -> dict[str, Type]:
    """Return what a generic view gives its template."""
    labels = models_of(walker, cls)
    found: dict[str, Type] = {"view": one("O", cls)}
    if forms := instances_of(walker, cls, "form_class"):
        found["form"] = forms
    found |= _table_context(walker, cls)
    if not labels:
        return found
    is_list = any("MultipleObject" in base for base in lookup_order(walker, cls))
    instances, rows = all_of("I", labels), rows_of(walker, cls)
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
        (name.removeprefix(choices.FIELD), one("E", f"choice:{entry[1]}"))
        for name, entry in (known.names.items() if known else ())
        if name.startswith(choices.FIELD)
    ]
    return one("K", tuple(sorted(pairs))) if pairs else UNKNOWN


def _form(walker: Walker, cls: str, name: str) -> Type:
    if name == "cleaned_data":
        return one("A", cls)
    if name in ("fields", "base_fields"):
        return _fields(walker, cls)
    if name == "get_users":  # of Django's own form for a forgotten password
        return one("H", sequence(one("I", walker.graph.auth_user_model)))
    if name in ("instance", "save"):
        instances = all_of("I", models_of(walker, cls))
        return one("H", instances) if name == "save" and instances else instances
    return UNKNOWN


def _formset(walker: Walker, cls: str, name: str) -> Type:
    instances = all_of("I", models_of(walker, cls))
    if name == "save":  # also that of one of its forms, which have no class of their own
        return one("H", sequence(instances) | instances)
    if name in ("queryset", "get_queryset"):
        rows = all_of("Q", models_of(walker, cls))
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
        instances = all_of("I", models_of(walker, cls))
        if name == "validate":
            return one("H", one("A", cls))
        return one("H", instances) if name != "instance" and instances else instances
    return UNKNOWN


def _admin(walker: Walker, cls: str, name: str) -> Type:
    labels = models_of(walker, cls)
    if name == "model":
        return all_of("M", labels)
    if name in ("get_queryset", "get_search_results"):
        return one("H", all_of("Q", labels))
    return one("H", all_of("I", labels)) if name == "get_object" else UNKNOWN


def _filterset(walker: Walker, cls: str, name: str) -> Type:
    labels = models_of(walker, cls)
    if name == "request":
        return one(*REQUEST)
    if name not in ("queryset", "qs"):
        return UNKNOWN
    given = frozenset(v for v in walker.facts.get("a", cls, "queryset") if v[0] == "Q")
    reach = choices.told(walker, cls, choices.SHOWN) if name == "qs" else ()
    return widened(given or all_of("Q", labels), reach)


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
    if kind in ("choice", "choices", "bound") and name == "queryset":
        return choices.rows(value)
    if kind in ("choice", "choices", "bound") and name == "field":
        return one(*value)
    if kind == "paginator" and label:  # a page runs its slice of the rows where it is iterated
        if name in ("page", "get_page"):
            return one("H", choices.rows(value))
        if name == "object_list":
            return choices.rows(value)
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
    "field": {"model_instance": "I", "instance": "I", "obj": "I"},
    "sitemap": {"obj": "I", "item": "I"},
}


def parameter(walker: Walker, cls: str, name: str) -> Type:
    """Return what a method's parameter is by the habits of the class's framework."""
    what = PARAMETERS.get(role(walker, cls), {}).get(name)
    if what is None:
        return _named_after_model(walker, cls, name)
    if what == "form":
        return instances_of(walker, cls, "form_class")
    if what == "serializer":
        return instances_of(walker, cls, "serializer_class")
    if what == "A":
        return one("A", cls)
    return cut(all_of(what, models_of(walker, cls)))


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
