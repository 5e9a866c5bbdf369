"""The project's modules, imported, and the classes in them."""

import importlib
import os
import sys

from _codemods_probe.names import Names, name_of

SKIP_PARTS = {
    "tests",
    "test",
    "migrations",
    "node_modules",
    "site-packages",
    "conftest",
    "__main__",
}
MAIN = ("__main__", "__mp_main__")
SKIP_MODULES = ("manage", "setup", "wsgi", "asgi", "conftest", "gunicorn_conf")


class Modules(Names):
    """Imports what there is; `errors` gathers modules that would not import."""

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
                if stem.startswith("test_") or "settings" in stem or "." in stem:
                    continue
                self.attempt(prefix if stem == "__init__" else prefix + "." + stem)

    def attempt(self, name):
        if not name or name in sys.modules:
            return
        try:
            importlib.import_module(name)
        except (Exception, SystemExit) as error:  # a module of the project may do anything
            self.errors.append([name, "%s: %s" % (type(error).__name__, str(error)[:200])])

    def modules(self):
        found = {}
        for name, module in sorted(sys.modules.items()):
            path = self.relative(getattr(module, "__file__", None))
            if path and name not in MAIN:
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
