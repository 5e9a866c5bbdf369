"""What a model's class has besides fields: its methods and properties, the project's or not."""

from _codemods_probe.names import Names, name_of


def behind(value):
    """Return what an attribute of a class is, "method" or "property", and the function it calls."""
    if isinstance(value, property):
        return "property", value.fget
    if type(value).__name__ == "cached_property":
        return "property", getattr(value, "func", None)
    return "method", value


class Members(Names):
    """Reads the methods and properties of models."""

    def members(self, model):
        found = {}
        for base in reversed(model.__mro__):
            if not self.is_own(base.__module__):
                continue
            for name, value in list(vars(base).items()):
                kind, function = behind(value)
                if isinstance(value, (staticmethod, classmethod)):
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
                kind, function = behind(value)
                code = getattr(function, "__code__", None)
                if code is not None and not name.startswith("_"):
                    optional = len(getattr(function, "__defaults__", None) or ())
                    needs = code.co_argcount - optional - 1
                    found[name] = [kind, name_of(function), needs]
        return found
