"""Which fields the project's model serializers come to, as Django REST framework made them.

Loaded by `probe.py` under the monolith's interpreter: Python 3.6 and Django 2.2 onwards.
"""

import sys

SHOWING = ("to_representation", "data")
PLAIN = (str, int, float, bool, type(None))


def serializers(tops):
    """Return {"module:Class": [model, docstring, fields]}; fields is None when one cannot be told.

    A field is [name, "module.Class" of it, arguments]; a nested one has the serializer's own class,
    and "many" among its arguments.
    """
    module = sys.modules.get("rest_framework.serializers")
    found = {}
    for cls in subclasses(module.ModelSerializer) if module else ():
        meta = getattr(cls, "Meta", None)
        model = getattr(meta, "model", None)
        if cls.__module__.split(".")[0] in tops and model is not None:
            name = "{}:{}".format(cls.__module__, cls.__qualname__)
            found[name] = [model._meta.label, cls.__doc__ or "", fields_of(module, cls)]
    return found


def subclasses(cls):
    """Return every class below one, each once."""
    found = []
    for one in cls.__subclasses__():
        found += [one, *subclasses(one)]
    return list(dict.fromkeys(found))


def fields_of(module, cls):
    """Return the fields of a serializer; None when one is made with what is no plain value."""
    if any(getattr(cls, name) is not getattr(module.ModelSerializer, name) for name in SHOWING):
        return None
    try:
        made = list(cls().fields.items())
    except Exception:  # it needs what only a request brings, whatever that is
        return None
    fields = [[name, *told] for name, told in ((n, field_of(module, f)) for n, f in made) if told]
    return fields if len(fields) == len(made) else None


def field_of(module, field):
    """Return [class, arguments] of one field, or None."""
    arguments = dict(getattr(field, "_kwargs", {}))
    kind = type(field)
    if isinstance(field, module.ListSerializer):
        kind, arguments = type(field.child), dict(arguments, many=True)
        arguments.pop("child", None)
    arguments.pop("validators", None)  # they judge what is sent, and here it is only shown
    is_own = isinstance(field, module.BaseSerializer)
    is_known = is_own or kind.__module__.startswith("rest_framework.")
    if getattr(field, "_args", ()) or not is_known or field.source == "*":
        return None
    told = {}
    for key in sorted(arguments):
        value = plain(arguments[key])
        if value is UNKNOWN:
            return None
        told[key] = value
    where = "{}:{}".format(kind.__module__, kind.__qualname__)
    return [where, told, bool(field.read_only)]


UNKNOWN = object()


def plain(value):
    """Return a value as JSON has it, or UNKNOWN."""
    if isinstance(value, PLAIN):
        return value
    if type(value).__name__ == "__proxy__":  # a text that is translated when it is shown
        return str(value)
    if isinstance(value, (list, tuple)):
        found = [plain(one) for one in value]
        return UNKNOWN if any(one is UNKNOWN for one in found) else found
    return UNKNOWN
