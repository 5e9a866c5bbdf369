"""What the project registered while it was imported: receivers, admin pages, templates."""

import os
import sys

from _codemods_probe.modules import Modules
from _codemods_probe.names import name_of


class Registries(Modules):
    """Reads signals, the admin's site, template folders and app configs."""

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
