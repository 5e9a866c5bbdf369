"""Write a Django project's URL tree and settings as JSON: `python probe.py OUT ROOT`.

Run as a file under the monolith's own interpreter, with its working directory and
DJANGO_SETTINGS_MODULE, as `codemods.project.probe` is. Needs only Python 3.6 and Django 2.2;
imports of codemods only files beside it, by path. Of settings only dotted names of the project's
own modules are written, and what is named here: never a value that may be a secret.
"""

import importlib
import importlib.util
import inspect
import json
import os
import sys

NAMED = (
    "INSTALLED_APPS",
    "MIDDLEWARE",
    "ROOT_URLCONF",
    "AUTH_USER_MODEL",
    "SESSION_COOKIE_NAME",
    "CSRF_COOKIE_NAME",
    "STATIC_URL",
    "MEDIA_URL",
)
FOLDERS = ("STATICFILES_DIRS", "LOCALE_PATHS", "FIXTURE_DIRS")


def beside(path):
    """Import a file by its path: what runs here finds no module of codemods by name."""
    folder = os.path.dirname(os.path.realpath(__file__))
    name = "_codemods_" + os.path.basename(path).partition(".")[0]
    spec = importlib.util.spec_from_file_location(name, os.path.join(folder, path))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def name_of(thing):
    """Return "module:Qualname" of a view: of the class behind as_view(), of what it wraps."""
    thing = getattr(thing, "view_class", None) or getattr(thing, "cls", None) or thing
    thing = inspect.unwrap(thing) if callable(thing) else thing
    name = getattr(thing, "__qualname__", None) or type(thing).__qualname__
    module = getattr(thing, "__module__", None) or type(thing).__module__
    return "%s:%s" % (module, name)


def call_of(view):
    """Return what makes a class's view anew, such as ".as_view({'get': 'list'})", or ""."""
    cls = getattr(view, "view_class", None) or getattr(view, "cls", None)
    if cls is None:
        return ""
    actions = getattr(view, "actions", None)
    given = dict(getattr(view, "view_initkwargs", None) or getattr(view, "initkwargs", None) or {})
    plain = (str, int, float, bool, type(None))
    if not all(isinstance(value, plain) for value in given.values()):
        return None
    parts = [repr(dict(actions))] if actions else []
    parts += ["%s=%r" % (key, given[key]) for key in sorted(given)]
    return ".as_view(%s)" % ", ".join(parts)


def pattern_of(entry):
    """Return (kind, route) of a pattern, as `path` and `re_path` take them."""
    pattern = entry.pattern
    if type(pattern).__name__ == "RoutePattern":
        return ["path", str(pattern)]
    if type(pattern).__name__ == "LocalePrefixPattern":
        return ["i18n", ""]
    return ["re_path", str(pattern)]


def walk(patterns):
    """Return URL patterns as nested records, in order."""
    found = []
    for entry in patterns:
        kind, route = pattern_of(entry)
        if hasattr(entry, "url_patterns"):
            module = entry.urlconf_module
            name = getattr(module, "__name__", "")
            found.append(
                {
                    "kind": kind,
                    "route": route,
                    "regex": entry.pattern.regex.pattern,
                    "include": name if isinstance(name, str) else "",
                    "namespace": entry.namespace or "",
                    "app_name": entry.app_name or "",
                    "own_app_name": getattr(module, "app_name", "") or "",
                    "inside": walk(entry.url_patterns),
                }
            )
        else:
            found.append(
                {
                    "kind": kind,
                    "route": route,
                    "regex": entry.pattern.regex.pattern,
                    "view": name_of(entry.callback),
                    "call": call_of(entry.callback),
                    "name": entry.name or "",
                    "arguments": bool(entry.default_args),
                }
            )
    return found


def dotted(value, path, found):
    """Gather strings that look like dotted names, with the keys and places that lead there."""
    if isinstance(value, str):
        if "." in value and all(part.isidentifier() for part in value.split(".")):
            found.append([path, value])
    elif isinstance(value, dict):
        for key in value:
            if isinstance(key, str):
                dotted(value[key], path + [key], found)
    elif isinstance(value, (list, tuple)):
        for place, one in enumerate(value):
            dotted(one, path + [place], found)


def celery_app(tops):
    """Return (module, name) of the first Celery app that a module of the project holds."""
    celery = sys.modules.get("celery")
    kind = getattr(celery, "Celery", None)
    for name, module in sorted(sys.modules.items()):
        if kind is None or name.split(".")[0] not in tops:
            continue
        for bound, value in sorted(vars(module).items()):
            if isinstance(value, kind):
                value.loader.import_default_modules()
                tasks = sorted(t for t in value.tasks if not t.startswith("celery."))
                own = getattr(value, "__module__", name)
                return [name, bound, tasks, own]
    return None


def distributions(names):
    """Return [distribution, version, package] of installed packages, where Python can tell."""
    try:
        from importlib import metadata
    except ImportError:
        return []
    if not hasattr(metadata, "packages_distributions"):
        return []
    owners = metadata.packages_distributions()
    found = []
    for name in sorted(names):
        found += [[one, metadata.version(one), name] for one in sorted(set(owners.get(name, ())))]
    return found


def read(root):
    """Return everything that is asked of the project."""
    import django

    django.setup()
    from django.conf import settings
    from django.urls import get_resolver

    root = os.path.realpath(root)
    has_urls = bool(getattr(settings, "ROOT_URLCONF", None))
    urls = walk(get_resolver().url_patterns) if has_urls else []
    tops = set()
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and os.path.realpath(file).startswith(root + os.sep):
            tops.add(name.split(".")[0])
    own = []
    for name in dir(settings):
        if name.isupper():
            dotted(getattr(settings, name), [name], own)
    folders = {}
    for name in FOLDERS:
        folders[name] = []
        for given in getattr(settings, name, ()):
            folder = given[1] if isinstance(given, (list, tuple)) else given
            relative = os.path.relpath(os.path.realpath(str(folder)), root)
            if not relative.startswith(".."):
                folders[name].append(relative.replace(os.sep, "/"))
    root_module = importlib.import_module(settings.ROOT_URLCONF) if has_urls else None
    handlers = {}
    for number in ("400", "403", "404", "500"):
        handler = getattr(root_module, "handler" + number, None)
        if handler is not None:
            handlers["handler" + number] = (
                handler if isinstance(handler, str) else name_of(handler).replace(":", ".")
            )
    named = {name: getattr(settings, name, None) for name in NAMED}
    rest = getattr(settings, "REST_FRAMEWORK", None) or {}
    default = ["rest_framework.authentication.SessionAuthentication",
               "rest_framework.authentication.BasicAuthentication"]  # fmt: skip
    return {
        "urls": urls,
        "handlers": handlers,
        "named": named,
        "own": [entry for entry in own if entry[1].split(".")[0] in tops],
        "folders": folders,
        "authentication": [
            value if isinstance(value, str) else name_of(value).replace(":", ".")
            for value in rest.get("DEFAULT_AUTHENTICATION_CLASSES", default)
        ],
        "celery": celery_app(tops),
        "serializers": beside("probe_serializers.py").serializers(tops),
        "distributions": distributions({name.split(".")[0] for name in sys.modules}),
    }


def main(out, root):
    """Write what the project in `root` says to the file `out`."""
    sys.path[0] = os.getcwd()
    variables, _ = beside(os.path.join("..", "project", "inside", "environment.py")).watch()
    answer = read(root)
    answer["variables"] = sorted({os.fsdecode(name) for name in variables})
    with open(out, "w") as file:
        json.dump(answer, file, sort_keys=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
