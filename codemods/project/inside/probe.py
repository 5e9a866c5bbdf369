"""Everything of one project, read in order."""

import json
import os
import sys

from _codemods_probe.environment import watch
from _codemods_probe.models import Models
from _codemods_probe.modules import MAIN
from _codemods_probe.registries import Registries


class Probe(Registries, Models):
    """Reads one project."""

    def __init__(self, root):
        self.root = os.path.realpath(root)
        self.errors = []
        self.made = {}
        self.reverse_sides = None

    def setup(self):
        import django

        django.setup()
        from django.apps import apps
        from django.conf import settings

        self.apps = apps
        self.settings = settings
        from django.db.models import Manager, Model, QuerySet

        self.Model, self.Manager, self.QuerySet = Model, Manager, QuerySet

    def read(self):
        self.setup()
        import django

        self.import_everything()
        self.factory_made(
            [
                name
                for name, module in sorted(sys.modules.items())
                if name not in MAIN and self.relative(getattr(module, "__file__", None))
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
