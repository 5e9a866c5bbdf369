"""Which context owns each app, model and file: `contexts.toml`, written by `codemods init`.

    [contexts.orders]
    apps = ["orders", "cart"]        # app labels that leave together
    paths = ["src/shop/checkout"]    # optional: folders or files outside those apps

    [map]
    exclude = ["**/tests/**"]        # optional: files to leave unread, in place of the default

    [rewrite]
    services = ["orders"]            # optional: contexts that are leaving; `codemods rewrite` and
    clients = "shop.clients"         # its hook take them from here, and write clients in there

    [extract.orders]
    replicas = ["products.Product"]  # optional: tables of others that the service holds a copy of
    environment = {STEPS = "1"}      # optional: what its settings take for the monolith's default

`framework` owns what Django and third parties bring; touching it is no crossing, for each service
brings its own. `project` is code in no app, such as settings or middleware.
"""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from codemods.errors import ContextsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from codemods.project.graph import App, Graph

FRAMEWORK = "framework"
PROJECT = "project"
DEFAULT_EXCLUDE = (
    "**/tests/**", "**/test/**", "**/test_*.py", "**/test.py", "**/tests.py", "**/tests_*.py",
    "**/conftest.py",
)  # fmt: skip


@dataclass(frozen=True)
class Contexts:
    """The context map, ready to ask.

    `by_app` maps an app label to its context; `by_path` holds (prefix, context), longest first;
    `exclude` are glob patterns of files to leave unread. `services` are the contexts that are
    leaving; `clients` is the package that their clients are written to, "" for the default one.
    `replicas` maps a service to labels of others' models: it holds a copy of their rows, to read.
    `environment` maps it to variables that stand for it unless its own environment has them.
    """

    by_app: dict[str, str]
    by_path: tuple[tuple[str, str], ...]
    exclude: tuple[str, ...] = DEFAULT_EXCLUDE
    services: tuple[str, ...] = ()
    clients: str = ""
    replicas: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    environment: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the contexts named in the file, sorted."""
        return tuple(sorted({*self.by_app.values(), *(name for _, name in self.by_path)}))

    def of_label(self, label: str) -> str:
        """Return the context that owns a model."""
        return self.by_app.get(label.split(".", 1)[0], FRAMEWORK)

    def of_path(self, path: str) -> str:
        """Return the context that a file belongs to."""
        for prefix, name in self.by_path:
            if path == prefix or path.startswith(prefix + "/"):
                return name
        return PROJECT

    def is_replicated(self, label: str, service: str) -> bool:
        """Tell whether a service holds a copy of another's model, which it may read and join."""
        return label in self.replicas.get(service, ())

    def is_excluded(self, path: str) -> bool:
        """Tell whether a file is left unread, as tests are by default."""
        return any(_matches(path, pattern) for pattern in self.exclude)


def _matches(path: str, pattern: str) -> bool:
    if pattern.startswith("**/") and pattern.endswith("/**"):
        return f"/{pattern[3:-3]}/" in f"/{path}"
    if pattern.startswith("**/"):
        return PurePosixPath(path).match(pattern[3:])
    if pattern.endswith("/**"):
        return path.startswith(pattern[:-2])
    return PurePosixPath(path).match(pattern)


def default(graph: Graph) -> dict[str, dict[str, list[str]]]:
    """Return one context per first-party app; the user model's app joins whoever extends it.

    Where there is but one app, the users are a context of their own: else nothing would cross.
    """
    found: dict[str, dict[str, list[str]]] = {
        app.label: {"apps": [app.label]} for app in graph.apps if app.path
    }
    user_app = graph.auth_user_model.split(".")[0]
    if user_app not in found and (owner := _owner_of_user(graph, found)):
        if len(found) == 1:
            found[user_app] = {"apps": [user_app]}
        else:
            found[owner]["apps"].append(user_app)
    for label, folders in _packages_of_abstract_bases(graph).items():
        found[label]["paths"] = folders
    return found


def _owner_of_user(graph: Graph, first_party: dict[str, Any]) -> str | None:
    """Return the app whose one-to-one extends a user model that is not the project's own."""
    for model in graph.models.values():
        if model.app in first_party:
            for field in model.fields.values():
                if field.one and field.target == graph.auth_user_model:
                    return model.app
    return None


def _packages_of_abstract_bases(graph: Graph) -> dict[str, list[str]]:
    """Map an app to the first-party folders outside it that it alone extends.

    Those of the app configurations and abstract models it inherits from: a forked app overrides a
    part of such a folder, and the rest of the code there is its own too. A folder of abstract
    models that other apps take things from, such as `utils`, is nobody's.
    """
    taken = {app.path for app in graph.apps}
    users: dict[str, set[str]] = {}
    for app in graph.apps:
        for folder in app.inherits:
            users.setdefault(folder, set()).add(app.label)
    forked = frozenset(users)
    for model in graph.models.values():
        for base in model.bases:
            module = graph.modules.get(base.split(":")[0])
            if module and base not in graph.model_of_class and "/" in module.path:
                folder = module.path.rsplit("/", 1)[0]
                if folder not in forked:
                    users.setdefault(folder, set()).update((model.app, *_takers(graph, folder)))
    own = {app.label: app.path for app in graph.apps if app.path}
    found: dict[str, list[str]] = {}
    for folder, labels in sorted(users.items()):
        label = min(labels)
        if (
            len(labels) == 1
            and label in own
            and folder not in taken
            and not folder.startswith(f"{own[label]}/")
        ):
            found.setdefault(label, []).append(folder)
    return found


def _takers(graph: Graph, folder: str) -> set[str]:
    """Return the apps whose modules hold classes or functions of a folder."""
    inside = tuple(
        f"{name}:" for name, module in graph.modules.items() if module.path.startswith(f"{folder}/")
    )
    return {
        app.label
        for app in graph.apps
        for module in graph.modules.values()
        if app.path and module.path.startswith(f"{app.path}/")
        and any(bound.startswith(inside) for _, bound in module.names.values())
    }  # fmt: skip


def render(contexts: dict[str, dict[str, list[str]]]) -> str:
    """Write a contexts file as text."""
    lines = [
        "# Which apps leave the monolith together. Edit freely, then run `codemods map`.",
        "# apps: app labels; paths: further folders or files of the context, relative to here.",
        "# Apps named nowhere belong to `framework`; files in no app belong to `project`.",
        "# exclude: files to leave unread, by default tests and what is shipped to help them.",
        "",
        "[map]",
        "exclude = [" + ", ".join(f'"{pattern}"' for pattern in DEFAULT_EXCLUDE) + "]",
    ]
    for name, entry in sorted(contexts.items()):
        lines += ["", f"[contexts.{name}]"]
        for key in ("apps", "paths"):
            if entry.get(key):
                lines.append(f"{key} = [" + ", ".join(f'"{item}"' for item in entry[key]) + "]")
    return "\n".join(lines) + "\n"


def from_raw(raw: dict[str, Any], graph: Graph, path: str) -> Contexts:
    """Check a parsed contexts file against the graph.

    Raises:
        ContextsError: with every problem: unknown keys, apps or services, an app in two contexts.
    """
    problems: list[str] = []
    labels = {app.label: app for app in graph.apps}
    by_app: dict[str, str] = {}
    by_path: dict[str, str] = {}
    _unknown_keys(raw, ("contexts", "map", "rewrite", "extract"), "the file", problems)
    options = raw.get("map", {})
    _unknown_keys(options, ("exclude",), "[map]", problems)
    entries = raw.get("contexts", {})
    if not isinstance(entries, dict):
        problems.append(f"contexts = {entries!r}: expected tables [contexts.NAME].")
        entries = {}
    elif not entries:
        problems.append("no [contexts.NAME] table: `codemods init` writes one per app.")
    for name, entry in entries.items():
        _context(name, entry, labels, by_app, by_path, problems)
    exclude = (
        _strings(options, "exclude", "[map]", problems) if "exclude" in options else DEFAULT_EXCLUDE
    )
    services, clients = _rewrite(raw.get("rewrite", {}), entries, problems)
    replicas = _replicas(raw.get("extract", {}), entries, by_app, graph, problems)
    environment = _environment(raw.get("extract", {}), problems)
    for app in graph.apps:
        if app.path and app.path not in by_path:
            by_path[app.path] = PROJECT
    if problems:
        raise ContextsError(path, tuple(problems))
    ordered = sorted(by_path.items(), key=lambda item: (-len(item[0]), item[0]))
    return Contexts(
        by_app, tuple(ordered), tuple(exclude), services, clients, replicas, environment
    )


def _rewrite(
    options: Any, entries: dict[str, Any], problems: list[str]
) -> tuple[tuple[str, ...], str]:
    """Return the services and the clients' package of [rewrite], adding to `problems`."""
    where = "[rewrite]"
    _unknown_keys(options, ("services", "clients"), where, problems)
    services = _strings(options, "services", where, problems)
    problems.extend(
        f"{where}: services names no context: {name!r}.{_did_you_mean(name, entries)}"
        for name in services
        if name not in entries
    )
    clients = options.get("clients", "") if isinstance(options, dict) else ""
    if not isinstance(clients, str) or (
        clients and not all(part.isidentifier() for part in clients.split("."))
    ):
        problems.append(f'{where}: clients = {clients!r}: expected a package, as "shop.clients".')
    return services, clients


def _replicas(
    tables: Any,
    entries: dict[str, Any],
    by_app: dict[str, str],
    graph: Graph,
    problems: list[str],
) -> dict[str, tuple[str, ...]]:
    """Return the `replicas` of each table [extract.NAME], adding to `problems`."""
    found = {}
    for name, options in tables.items() if isinstance(tables, dict) else ():
        where = f"[extract.{name}]"
        if name not in entries:
            problems.append(f"{where}: no such context.{_did_you_mean(name, entries)}")
        _unknown_keys(options, ("replicas", "environment"), where, problems)
        found[name] = _strings(options, "replicas", where, problems)
        for label in found[name]:
            if label not in graph.models:
                told = f"names no model.{_did_you_mean(label, graph.models)}"
            elif by_app.get(label.split(".")[0], name) == name:
                told = "is its own, or of no other context: only others' tables are copied."
            elif label == graph.auth_user_model and not _is_of_project(label, graph):
                told = "holds the accounts and is a library's: only a model of your own is copied."
            else:
                continue
            problems.append(f"{where}: replicas: {label!r} {told}")
    return found


def _environment(tables: Any, problems: list[str]) -> dict[str, dict[str, str]]:
    """Return the `environment` of each table [extract.NAME], adding to `problems`."""
    found = {}
    for name, options in tables.items() if isinstance(tables, dict) else ():
        given = options.get("environment", {}) if isinstance(options, dict) else {}
        if not isinstance(given, dict) or not all(isinstance(one, str) for one in given.values()):
            problems.append(
                f'[extract.{name}]: environment = {given!r}: expected texts by name: {{A = "1"}}.'
            )
        else:
            found[name] = given
    return found


def _is_of_project(label: str, graph: Graph) -> bool:
    return graph.models[label].name.partition(":")[0] in graph.modules


def _context(
    name: str,
    entry: Any,
    labels: dict[str, App],
    by_app: dict[str, str],
    by_path: dict[str, str],
    problems: list[str],
) -> None:
    """Add one [contexts.NAME] table to the maps, or what is wrong with it to `problems`."""
    where = f"[contexts.{name}]"
    if name in (FRAMEWORK, PROJECT):
        problems.append(f"{where}: {name!r} is reserved for what belongs to no context; rename it.")
    _unknown_keys(entry, ("apps", "paths"), where, problems)
    for label in _strings(entry, "apps", where, problems):
        if label not in labels:
            problems.append(f"{where}: no installed app {label!r}.{_did_you_mean(label, labels)}")
        elif label in by_app:
            problems.append(f"{where}: app {label!r} is already in [contexts.{by_app[label]}].")
        else:
            by_app[label] = name
            if folder := labels[label].path:
                by_path[folder] = name
    for folder in _strings(entry, "paths", where, problems):
        by_path[folder.strip("/")] = name


def load(path: Path, graph: Graph) -> Contexts:
    """Read and check a contexts file; without one, each app is its own context.

    Raises:
        ContextsError: it is not TOML, or names what does not exist.
    """
    if not path.is_file():
        return from_raw({"contexts": default(graph)}, graph, str(path))
    try:
        raw = tomllib.loads(path.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ContextsError(str(path), (f"not TOML: {error}",)) from error
    return from_raw(raw, graph, str(path))


def _unknown_keys(entry: Any, allowed: tuple[str, ...], where: str, problems: list[str]) -> None:
    if not isinstance(entry, dict):
        problems.append(f"{where}: expected a table, got {entry!r}.")
        return
    problems.extend(
        f"{where}: unknown key {key!r}.{_did_you_mean(key, allowed)}"
        for key in entry
        if key not in allowed
    )


def _strings(entry: Any, key: str, where: str, problems: list[str]) -> tuple[str, ...]:
    value = entry.get(key, []) if isinstance(entry, dict) else []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        problems.append(f"{where}: {key} = {value!r}: expected a list of strings.")
        return ()
    return tuple(value)


def _did_you_mean(word: str, known: Any) -> str:
    close = difflib.get_close_matches(word, list(known), n=1)
    return f" Did you mean {close[0]!r}?" if close else f" Known: {', '.join(sorted(known))}."
