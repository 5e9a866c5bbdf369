"""What names of the project are bound to, and which files are its own."""

import os
import sys
import types

HERE = os.path.dirname(os.path.realpath(__file__))


def name_of(thing):
    """Return "module:Qualname" of a class or function."""
    return "%s:%s" % (getattr(thing, "__module__", ""), getattr(thing, "__qualname__", ""))


class Names:
    """Knows the project's folder, and classifies values."""

    def relative(self, path):
        """Return a path relative to the root, or None when the file is not the project's own."""
        if not path:
            return None
        path = os.path.realpath(path)
        if not path.startswith(self.root + os.sep) or path.startswith(HERE + os.sep):
            return None
        relative = os.path.relpath(path, self.root).replace(os.sep, "/")
        return None if "site-packages" in relative or "node_modules" in relative else relative

    def is_own(self, module_name):
        module = sys.modules.get(module_name)
        return module is not None and self.relative(getattr(module, "__file__", None)) is not None

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
