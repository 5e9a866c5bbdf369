"""Write what a Django project knows about itself as JSON: `python probe.py OUT ROOT`.

Run as a file under the monolith's own interpreter, with its working directory and
DJANGO_SETTINGS_MODULE. Needs only Python 3.6 and Django 2.2; imports nothing of codemods. The
answer goes to the file OUT, so what the project prints disturbs nobody. Values are classified by
`type(value)` alone: lazy objects stay asleep, and no query is ever made.
"""

import importlib
import json
import os
import sys
import types

SKIP_PARTS = {
    "tests",
    "test",
    "migrations",
    "node_modules",
    "site-packages",
    "conftest",
    "__main__",
}
SKIP_MODULES = ("manage", "setup", "wsgi", "asgi", "conftest", "gunicorn_conf")


def name_of(thing):
    """Return "module:Qualname" of a class or function."""
    return "%s:%s" % (getattr(thing, "__module__", ""), getattr(thing, "__qualname__", ""))


class WatchedEnvironment(type(os.environ)):
    """The process's environment, once more noting in `read` which variables are asked for."""

    def __getitem__(self, key):
        self.read.add(key)
        return super(WatchedEnvironment, self).__getitem__(key)

    def copy(self):  # for a subprocess; nothing was asked for
        noted = set(self.read)
        found = dict(self)
        self.read.intersection_update(noted)
        return found


def watch():
    """Return the variables and files that are read from now on; files from Python 3.8 onwards."""
    files = set()
    os.environ.read = set()
    os.environ.__class__ = WatchedEnvironment

    def note(event, arguments):
        if event != "open" or not isinstance(arguments[0], str):
            return
        path, mode = arguments[0], arguments[1]
        if mode in ("r", "rb", "rt") and not path.endswith((".py", ".pyc", ".so")):
            files.add(os.path.abspath(path))

    if hasattr(sys, "addaudithook"):
        sys.addaudithook(note)
    return os.environ.read, files


def is_reference(field):
    """Tell an id column that reads the value of a service."""
    return bool(getattr(type(field), "strangler_service", None)) and field.remote_field is None


class Probe:
    """Reads one project; `errors` gathers modules that would not import."""

    def __init__(self, root):
        self.root = os.path.realpath(root)
        self.errors = []
        self.made = {}
        self.reverse_sides = None

    def relative(self, path):
        """Return a path relative to the root, or None when the file is not the project's own."""
        if not path:
            return None
        path = os.path.realpath(path)
        if not path.startswith(self.root + os.sep):
            return None
        relative = os.path.relpath(path, self.root).replace(os.sep, "/")
        return None if "site-packages" in relative or "node_modules" in relative else relative

    def is_own(self, module_name):
        module = sys.modules.get(module_name)
        return module is not None and self.relative(getattr(module, "__file__", None)) is not None

    def setup(self):
        import django

        django.setup()
        from django.apps import apps
        from django.conf import settings

        self.apps = apps
        self.settings = settings
        from django.db.models import Manager, Model, QuerySet

        self.Model, self.Manager, self.QuerySet = Model, Manager, QuerySet

    def import_everything(self):
        """Import the URLs and each module of the project's packages, so that names get bound."""
        self.attempt(getattr(self.settings, "ROOT_URLCONF", None))
        tops = set()
        for name, module in list(sys.modules.items()):
            if self.relative(getattr(module, "__file__", None)):
                tops.add(name.split(".")[0])
        for top in sorted(tops):
            module = sys.modules.get(top)
            for folder in list(getattr(module, "__path__", ())):
                if self.relative(os.path.join(folder, "x")):
                    self.import_under(folder, top)

    def import_under(self, folder, package):
        for current, folders, files in os.walk(folder):
            folders[:] = sorted(
                f
                for f in folders
                if f not in SKIP_PARTS and os.path.exists(os.path.join(current, f, "__init__.py"))
            )
            parts = os.path.relpath(current, folder).split(os.sep)
            prefix = ".".join([package] + [p for p in parts if p != "."])
            for file in sorted(files):
                stem, extension = os.path.splitext(file)
                if extension != ".py" or stem in SKIP_MODULES or stem in SKIP_PARTS:
                    continue
                if stem.startswith("test_") or "settings" in stem:
                    continue
                self.attempt(prefix if stem == "__init__" else prefix + "." + stem)

    def attempt(self, name):
        if not name or name in sys.modules:
            return
        try:
            importlib.import_module(name)
        except (Exception, SystemExit) as error:  # a module of the project may do anything
            self.errors.append([name, "%s: %s" % (type(error).__name__, str(error)[:200])])

    def classify(self, value):
        """Return [kind, name] for a value worth knowing, else None."""
        kind = type(value)
        if isinstance(value, type):
            if (
                issubclass(value, self.Model)
                and hasattr(value, "_meta")
                and not value._meta.abstract
            ):
                return ["model", value._meta.label]
            if id(value) in self.made:
                return ["class", self.made[id(value)][0]]
            return ["class", name_of(value)]
        if issubclass(kind, (types.FunctionType, types.BuiltinFunctionType)):
            return ["function", name_of(value)]
        if kind is types.ModuleType:
            return ["module", value.__name__]
        model = (
            value.__dict__.get("model")
            if hasattr(kind, "__dict__") and issubclass(kind, (self.Manager, self.QuerySet))
            else None
        )
        if model is not None and hasattr(model, "_meta"):
            return ["queryset" if issubclass(kind, self.QuerySet) else "manager", model._meta.label]
        if issubclass(kind, self.Model):
            return ["instance", kind._meta.label]
        if self.is_own(kind.__module__):
            return ["object", name_of(kind)]
        return None

    def names(self, namespace):
        found = {}
        for name, value in list(namespace.items()):
            if name.startswith("__"):
                continue
            try:
                entry = self.classify(value)
            except Exception:  # a metaclass or descriptor of the project may do anything
                entry = None
            if entry:
                found[name] = entry
        return found

    def modules(self):
        found = {}
        for name, module in sorted(sys.modules.items()):
            path = self.relative(getattr(module, "__file__", None))
            if path and name != "__main__":
                found[name] = {"path": path, "names": self.names(vars(module))}
        return found

    def factory_made(self, modules):
        """Name classes that a library's factory made, such as formsets, as they are bound."""
        for name in modules:
            for bound, value in list(vars(sys.modules[name]).items()):
                if (
                    not isinstance(value, type)
                    or self.is_own(value.__module__)
                    or bound.startswith("__")
                ):
                    continue
                module = sys.modules.get(value.__module__)
                if getattr(module, value.__name__, None) is not value:
                    self.made.setdefault(id(value), ("%s:%s" % (name, bound), value))

    def classes(self, modules):
        found = {}
        for key, value in self.made.values():
            found[key] = {
                "mro": [name_of(base) for base in value.__mro__[1:-1]],
                "names": dict(self.inherited(value), **self.names(vars(value))),
            }
        for name in modules:
            for value in list(vars(sys.modules[name]).values()):
                if not isinstance(value, type) or value.__module__ != name:
                    continue
                found[name_of(value)] = {
                    "mro": [
                        self.made[id(b)][0] if id(b) in self.made else name_of(b)
                        for b in value.__mro__[1:-1]
                    ],
                    "names": dict(self.inherited(value), **self.names(vars(value))),
                }
        return found

    def inherited(self, cls):
        """Return what a form, view or serializer stands for, as a factory or base set it."""
        found = {}
        for name in ("model", "queryset", "form_class", "serializer_class", "form"):
            try:
                entry = self.classify(getattr(cls, name, None))
            except Exception:  # noqa: S112  a descriptor of the project may do anything
                continue
            if entry and entry[0] in ("model", "manager", "queryset", "class"):
                found[name] = entry
        for holder in (getattr(cls, "_meta", None), getattr(cls, "Meta", None)):
            model = getattr(holder, "model", None)
            if isinstance(model, type) and hasattr(model, "_meta"):
                found.setdefault("_meta_model", self.classify(model) or ["class", name_of(model)])
        fields = getattr(cls, "base_fields", None) or getattr(
            getattr(cls, "form", None), "base_fields", None
        )
        # An inline formset puts a field without a query in the place of its link to the parent.
        link = getattr(getattr(cls, "fk", None), "name", None)
        for name, field in list(fields.items()) if isinstance(fields, dict) else []:
            if name == link:
                continue
            model = getattr(field.__dict__.get("_queryset"), "model", None)
            if model is not None:
                found["field:" + name] = ["manager", model._meta.label]
        return found

    def internal_type(self, field):
        """Return the field class whose Python values these are; None when they are its own."""
        for cls in () if is_reference(field) else type(field).__mro__:
            if cls.__module__.startswith(("django.db.models.", "django.contrib.")):
                break
            if "from_db_value" in vars(cls) or "to_python" in vars(cls):
                return None
        try:
            return field.get_internal_type()
        except Exception:  # a field of the project, or no field at all
            return None

    def field(self, field, model):
        remote = getattr(field, "remote_field", None)
        related = getattr(field, "related_model", None)
        target = getattr(getattr(related, "_meta", None), "label", None)
        through = getattr(getattr(remote, "through", None), "_meta", None)
        on_delete = getattr(remote, "on_delete", None)
        if is_reference(field):
            target, remote, on_delete = field.to, field, field.on_delete
        declared = [
            name_of(base)
            for base in model.__mro__
            if hasattr(base, "_meta")
            and getattr(base._meta, "abstract", False)
            and any(
                f.name == field.name
                for f in base._meta.local_fields + base._meta.local_many_to_many
            )
        ]
        return {
            "name": field.name,
            "attname": getattr(field, "attname", field.name),
            "column": getattr(field, "column", None),
            "type": type(field).__name__,
            "internal_type": self.internal_type(field),
            "target": target
            if remote is not None or type(field).__name__ == "GenericRelation"
            else None,
            "many": bool(field.many_to_many or field.one_to_many),
            "generic": type(field).__name__ in ("GenericForeignKey", "GenericRelation"),
            "one": bool(field.one_to_one) or (remote is field and field.unique),
            "through": through.label if through is not None else None,
            "through_auto": bool(getattr(through, "auto_created", False)),
            "on_delete": getattr(on_delete, "__name__", None),
            "null": bool(getattr(field, "null", False)),
            "declared_in": declared[-1] if declared else None,
            "ct_field": getattr(field, "ct_field", None),
            "fk_field": getattr(field, "fk_field", None),
            "inherited": getattr(field, "model", model) is not model,
            "module": type(field).__module__,
            "service": getattr(type(field), "strangler_service", None),
            "max_length": getattr(field, "max_length", None),
            "to_field": None if remote is field else getattr(remote, "field_name", None),
        }

    def references(self):
        """Return the reverse sides of id columns that read a service's values, by model."""
        found = {}
        for model in self.apps.get_models(include_auto_created=True):
            for field in model._meta.concrete_fields:
                if is_reference(field):
                    found.setdefault(field.to, []).append(
                        {
                            "accessor": field.accessor or None,
                            "query_name": field.accessor or model._meta.model_name,
                            "model": model._meta.label,
                            "field": field.name,
                            "many": not field.unique,
                        }
                    )
        return found

    def reverse(self, relation):
        accessor = relation.get_accessor_name()
        hidden = relation.hidden if isinstance(relation.hidden, bool) else relation.is_hidden()
        return {
            "accessor": None if hidden else accessor,
            "query_name": relation.name,
            "model": relation.related_model._meta.label,
            "field": relation.field.name,
            "many": not relation.one_to_one,
        }

    def members(self, model):
        found = {}
        for base in reversed(model.__mro__):
            if not self.is_own(base.__module__):
                continue
            for name, value in list(vars(base).items()):
                kind, function = "method", value
                if isinstance(value, property):
                    kind, function = "property", value.fget
                elif type(value).__name__ == "cached_property":
                    kind, function = "property", getattr(value, "func", None)
                elif isinstance(value, (staticmethod, classmethod)):
                    function = value.__func__
                code = getattr(function, "__code__", None)
                if code is not None and not name.startswith("__"):
                    found[name] = [
                        kind,
                        name_of(function),
                        self.relative(code.co_filename),
                        code.co_firstlineno,
                    ]
        return found

    def library_members(self, model):
        """Return the methods and properties that libraries give a model, beyond Django's ORM."""
        found = {}
        for base in reversed(model.__mro__):
            if self.is_own(base.__module__) or base.__module__.startswith("django.db.models."):
                continue
            for name, value in list(vars(base).items()):
                kind, function = "method", value
                if isinstance(value, property):
                    kind, function = "property", value.fget
                elif type(value).__name__ == "cached_property":
                    kind, function = "property", getattr(value, "func", None)
                code = getattr(function, "__code__", None)
                if code is not None and not name.startswith("_"):
                    optional = len(getattr(function, "__defaults__", None) or ())
                    needs = code.co_argcount - optional - 1
                    found[name] = [kind, name_of(function), needs]
        return found

    def model(self, model):
        meta = model._meta
        managers = []
        for manager in meta.managers:
            queryset = getattr(manager, "_queryset_class", None)
            managers.append(
                {
                    "name": manager.name,
                    "class": name_of(type(manager)),
                    "mro": [name_of(base) for base in type(manager).__mro__[:-1]],
                    "queryset_mro": [name_of(base) for base in queryset.__mro__[:-1]]
                    if queryset
                    else [],
                }
            )
        fields, reverses = [], []
        for field in meta.get_fields(include_hidden=True):
            if getattr(field, "auto_created", False) and not field.concrete:
                reverses.append(self.reverse(field))
            else:
                fields.append(self.field(field, model))
        if self.reverse_sides is None:
            self.reverse_sides = self.references()
        reverses += self.reverse_sides.get(meta.concrete_model._meta.label, [])
        return {
            "label": meta.label,
            "app": meta.app_label,
            "name": name_of(model),
            "table": meta.db_table,
            "mro": [name_of(base) for base in model.__mro__[1:-1]],
            "parents": [parent._meta.label for parent in meta.parents],
            "proxy_for": meta.proxy_for_model._meta.label if meta.proxy else None,
            "auto_created": bool(meta.auto_created),
            "pk": meta.pk.name if meta.pk else None,
            "fields": fields,
            "reverse": reverses,
            "managers": managers,
            "default_manager": meta.default_manager.name if meta.default_manager else None,
            "members": self.members(model),
            "library_members": self.library_members(model),
            "ordering": [name if isinstance(name, str) else "?" for name in meta.ordering],
        }

    def config_folders(self, config):
        """Return the folders of the project's own app configs that this one inherits from."""
        found = []
        for base in type(config).__mro__[1:]:
            path = self.relative(getattr(sys.modules.get(base.__module__), "__file__", None))
            if path and os.path.dirname(path) not in found:
                found.append(os.path.dirname(path))
        return found

    def receivers(self, modules):
        from django.dispatch import Signal

        by_id = {id(m): m._meta.label for m in self.apps.get_models(include_auto_created=True)}
        by_id[id(None)] = None
        found, seen = [], set()
        for name in list(sys.modules):
            if name not in modules and not name.startswith(
                ("django.db.models.signals", "django.contrib", "django.core.signals")
            ):
                continue
            for signal_name, signal in list(vars(sys.modules[name]).items()):
                if (
                    not issubclass(type(signal), type)
                    and issubclass(type(signal), Signal)
                    and id(signal) not in seen
                ):
                    seen.add(id(signal))
                    for entry in signal.receivers:
                        self.receiver(signal_name, entry, by_id, found)
        return found

    def receiver(self, signal_name, entry, by_id, found):
        import weakref

        function = entry[1]() if isinstance(entry[1], weakref.ReferenceType) else entry[1]
        code = getattr(function, "__code__", None)
        path = self.relative(code.co_filename) if code is not None else None
        if path:
            found.append(
                {
                    "signal": signal_name,
                    "function": name_of(function),
                    "path": path,
                    "line": code.co_firstlineno,
                    "sender": by_id.get(entry[0][1]),
                }
            )

    def admin(self):
        if not self.apps.is_installed("django.contrib.admin"):
            return []
        from django.contrib import admin

        self.attempt("django.contrib.admin")
        return [
            {
                "model": model._meta.label,
                "class": name_of(type(options)),
                "inlines": [
                    [name_of(inline), inline.model._meta.label]
                    for inline in options.inlines
                    if getattr(inline, "model", None) is not None
                ],
            }
            for model, options in admin.site._registry.items()
        ]

    def template_dirs(self):
        from django.template import engines

        found = []
        for engine in engines.all():
            for folder in getattr(engine, "template_dirs", ()):
                relative = self.relative(os.path.join(str(folder), "x"))
                if relative and os.path.dirname(relative) not in found:
                    found.append(os.path.dirname(relative))
        return found

    def read(self):
        self.setup()
        import django

        self.import_everything()
        self.factory_made(
            [
                name
                for name, module in sorted(sys.modules.items())
                if name != "__main__" and self.relative(getattr(module, "__file__", None))
            ]
        )
        modules = self.modules()
        return {
            "version": 1,
            "python": sys.version.split()[0],
            "django": django.get_version(),
            "settings": os.environ.get("DJANGO_SETTINGS_MODULE"),
            "auth_user_model": self.settings.AUTH_USER_MODEL,
            "atomic_requests": any(
                each.get("ATOMIC_REQUESTS") for each in self.settings.DATABASES.values()
            ),
            "apps": [
                {
                    "label": c.label,
                    "name": c.name,
                    "path": os.path.dirname(self.relative(os.path.join(c.path, "x")) or "") or None,
                    "inherits": self.config_folders(c),
                }
                for c in self.apps.get_app_configs()
            ],
            "models": [self.model(m) for m in self.apps.get_models(include_auto_created=True)],
            "modules": modules,
            "classes": self.classes(modules),
            "receivers": self.receivers(modules),
            "admin": self.admin(),
            "template_dirs": self.template_dirs(),
            "errors": self.errors,
        }


def main(out, root):
    """Write what the project in `root` knows to the file `out`."""
    sys.path[0] = os.getcwd()
    variables, files = watch()
    probe = Probe(root)
    answer = probe.read()
    own = {probe.relative(path) for path in list(files)} - {None}
    answer["read"] = {
        "variables": sorted({os.fsdecode(name) for name in variables}),
        "files": sorted(path for path in own if not path.startswith(".git/")),
    }
    with open(out, "w") as file:
        json.dump(answer, file, sort_keys=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
