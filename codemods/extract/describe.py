"""What glue has to know of a service, from the prepared tree, its closure and the probe."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codemods.contract import openapi
from codemods.contract.place import place_of
from codemods.crossings import discover
from codemods.extract import replicas, routing
from codemods.extract.facts import (
    COPIED,
    LIBRARY,
    MOVED,
    REPLICA,
    AppFact,
    ClientFact,
    Requirement,
    ServiceFacts,
    SettingCut,
)
from codemods.extract.routing import longest
from codemods.project.contexts import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.contract.place import Place
    from codemods.extract.closure import Closure
    from codemods.extract.probed import Probed
    from codemods.extract.tree import Tree
    from codemods.project.graph import App

RENDERED = frozenset(
    {
        "INSTALLED_APPS", "MIDDLEWARE", "ROOT_URLCONF", "WSGI_APPLICATION", "ASGI_APPLICATION",
        "AUTH_USER_MODEL", "SETTINGS_MODULE",
    }
)  # fmt: skip
SESSIONS = "sessions"
SAGA = "strangler.client.saga"


@dataclass(frozen=True)
class Surroundings:
    """What facts are drawn from."""

    tree: Tree
    probed: Probed
    service: str
    settings: str

    @property
    def word(self) -> str:
        """Return the service's name as Python writes it."""
        return self.service.replace("-", "_")

    @property
    def accounts(self) -> str:
        """Return the service that owns the accounts; "" for the monolith."""
        owner = self.tree.contexts.of_label(self.tree.graph.auth_user_model)
        return owner if owner in self.tree.services else ""

    @property
    def with_accounts(self) -> frozenset[str]:
        """Return the libraries' apps that stay with the accounts; none when these are here."""
        if self.accounts == self.service:
            return frozenset()
        return frozenset({label.split(".")[0] for label in _of_accounts(self)} | {SESSIONS})

    def place(self, service: str) -> Place:
        """Return where a service's generated files are."""
        return place_of(self.tree.graph, self.tree.contexts, service)

    def named_by_settings(self) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
        """Yield (path, text, module) of each setting that names a module of the project."""
        for path, text in self.probed.dotted:
            module = longest(text, self.tree.modules)
            if path[0] not in RENDERED and module and "." in module:
                yield path, text, module


def roots(about: Surroundings) -> list[str]:
    """Return what a service needs besides its apps: settings, what they name, its URL modules."""
    tree = about.tree
    names = [about.settings]
    names += [module for _, _, module in about.named_by_settings()]
    names += [longest(view, tree.modules) for view in about.probed.handlers.values()]
    names += about.probed.named["MIDDLEWARE"] or ()
    found = []
    for name in names:
        path = tree.modules.get(longest(name, tree.modules))
        owner = path and tree.contexts.of_path(path)
        if path and (owner == about.service or owner not in tree.services):
            found.append(path)
    return [*found, *routing.modules(about.probed.urls, tree, about.service)]


def facts(about: Surroundings, closure: Closure) -> ServiceFacts:
    """Return all that glue has to know."""
    tree, probed, service = about.tree, about.probed, about.service
    graph = tree.graph
    place = about.place(service)
    owns = about.accounts == service
    installed, dropped = _apps(about, closure)
    own = {app.label for app in installed if app.kind not in (LIBRARY, REPLICA)}
    here = {tree.names[path] for path in closure.files if path in tree.names}
    tables = {
        model.label: model.table
        for model in sorted(graph.models.values(), key=lambda each: each.label)
        if model.app in own and model.proxy_for is None
    }
    provider = place.provider if place.provider_path in closure.files else ""
    contract = openapi.load(tree.text(place.contract_path) or "", place.contract_path) if (
        place.contract_path in tree.files) else None  # fmt: skip
    celery = tuple(map(str, probed.celery[:2])) if probed.celery[:1] and (
        probed.celery[0] in here) else ()  # fmt: skip
    labels = {app.label for app in installed}
    return ServiceFacts(
        name=service,
        word=about.word,
        package=f"{about.word}_service",
        project=place.clients.split(".")[0],
        source=place.source,
        settings=about.settings,
        urlconf=str(probed.named["ROOT_URLCONF"] or ""),
        installed=installed,
        dropped=dropped,
        middleware=tuple(
            entry
            for entry in probed.named["MIDDLEWARE"] or ()
            if (module := longest(entry, tree.modules)) in here or "." not in module
        ),
        authentication=probed.authentication if "rest_framework" in labels else (),
        cuts=tuple(
            SettingCut(path, text)
            for path, text, module in about.named_by_settings()
            if module not in here
        ),
        routes=routing.routes(probed.urls, tree, service),
        elsewhere=routing.elsewhere(probed.urls, tree, service, _texts(tree, closure)),
        has_models=bool(tables or closure.replicas.labels) or owns,
        is_admin_used="admin" in labels and any(
            entry["model"].split(".")[0] in own for entry in graph.admin),
        has_templates=any("templates/" in path for path in closure.files),
        has_static=any("static/" in path for path in closure.files),
        user_model=graph.auth_user_model,
        accounts=about.accounts,
        owns_accounts=owns,
        session_cookie=str(probed.named["SESSION_COOKIE_NAME"]),
        csrf_cookie=str(probed.named["CSRF_COOKIE_NAME"]),
        python=".".join(graph.python.split(".")[:2]),
        django=".".join(graph.django.split(".")[:2]),
        uses_rest="rest_framework" in labels,
        uses_whitenoise=any("whitenoise" in one for one in probed.named["MIDDLEWARE"] or ()),
        user_tables=tuple(sorted(_of_accounts(about))),
        clients=tuple(_clients(about, closure)),
        provider=provider,
        operations=tuple(one.name for one in contract.operations) if contract and provider else (),
        contract=place.contract_path if contract and provider else "",
        celery=celery,
        tasks=tuple(one for one in (probed.celery[2] if probed.celery else ())
                    if longest(one, tree.modules) in here),
        commands=tuple(
            sorted(
                path.rpartition("/")[2].removesuffix(".py")
                for path in closure.files
                if path.rpartition("/")[0].endswith("management/commands")
                and not path.rpartition("/")[2].startswith("_")
            )
        ),
        variables=tuple(_variables(about, closure)),
        requirements=_requirements(about, closure, installed),
        tools=_tools(about, closure),
        left_tests=tuple((one.path, one.reason) for one in closure.left),
        handlers={
            name: view
            for name, view in probed.handlers.items()
            if longest(view, tree.modules) in here
        },
        tables=tables,
        replicas=tuple(sorted(closure.replicas.labels)),
        environment=tuple(sorted(tree.contexts.environment.get(service, {}).items())),
        runs_sagas=_runs_sagas(tree, closure),
    )  # fmt: skip


def _runs_sagas(tree: Tree, closure: Closure) -> bool:
    """Tell whether code of the service, and not only a test, defines a saga."""
    paths = (path for path in closure.files if not tree.contexts.is_excluded(path))
    found = (tree.read(path) for path in paths if path.endswith(".py"))
    return any(one.module.startswith(SAGA) for each in found if each for one in each.imports)


def _apps(about: Surroundings, closure: Closure) -> tuple[tuple[AppFact, ...], tuple[str, ...]]:
    """Return the apps that are installed, and the entries that are not."""
    graph = about.tree.graph
    having = {model.app for model in graph.models.values()}
    installed, dropped = [], []
    for entry, app in zip(about.probed.named["INSTALLED_APPS"], graph.apps, strict=True):
        kind = _kind(about, closure, app)
        if not kind or (kind == LIBRARY and app.label in about.with_accounts):
            dropped.append(entry)
        elif kind == REPLICA:
            installed.append(AppFact(app.label, replicas.config_of(app), kind, has_models=True))
        else:
            installed.append(AppFact(app.label, entry, kind, app.label in having))
    return tuple(installed), tuple(dropped)


def _kind(about: Surroundings, closure: Closure, app: App) -> str:
    if app.path is None:
        return LIBRARY
    if about.tree.contexts.of_path(f"{app.path}/apps.py") == about.service:
        return MOVED
    if any(label.startswith(f"{app.label}.") for label in closure.replicas.labels):
        return REPLICA
    return COPIED if app.label in closure.apps else ""


def _of_accounts(about: Surroundings) -> Iterator[str]:
    """Yield the models of libraries that hold a key to the accounts."""
    graph = about.tree.graph
    libraries = {app.label for app in graph.apps if app.path is None}
    own = graph.auth_user_model.split(".")[0]
    for model in graph.models.values():
        if model.app in libraries - {own, "auth"} and any(
            field.target == graph.auth_user_model for field in model.fields.values()
        ):
            yield model.label


def _clients(about: Surroundings, closure: Closure) -> Iterator[ClientFact]:
    tree = about.tree
    for service in tree.services:
        place = about.place(service)
        if service == about.service or (
            f"{place.package_path(place.client)}/__init__.py" not in closure.files
        ):
            continue
        text = tree.text(place.contract_path)
        contract = openapi.load(text, place.contract_path) if text else None
        used = {
            one.operation
            for one in (contract.consumers if contract else ())
            if one.path in closure.files
        }
        prefix = f"{service.upper().replace('-', '_')}_CLIENT"
        yield ClientFact(service, place.client, prefix, tuple(sorted(used)))


def _requirements(
    about: Surroundings, closure: Closure, installed: tuple[AppFact, ...]
) -> tuple[Requirement, ...]:
    """Return the distributions of the packages that the files import, or that settings name."""
    tree = about.tree
    packages = {app.entry.split(".")[0] for app in installed}
    packages |= {entry.split(".")[0] for entry in about.probed.named["MIDDLEWARE"] or ()}
    for path in closure.files:
        if path.endswith(".py") and (found := tree.read(path)):
            packages |= {one.module.split(".")[0] for one in found.imports}
    packages -= {name.split(".")[0] for name in tree.modules}
    return tuple(
        sorted(
            {
                Requirement(name, version)
                for name, version, package in about.probed.distributions
                if package in packages
            },
            key=lambda one: one.name.lower(),
        )
    )


def _tools(about: Surroundings, closure: Closure) -> tuple[str, ...]:
    """Return what tests import besides what the service itself does, as installers call it."""
    tree = about.tree
    packages = {
        one.module.split(".")[0]
        for path in closure.files
        if tree.contexts.is_excluded(path) and path.endswith(".py") and (found := tree.read(path))
        for one in found.imports
    }
    packages -= {name.split(".")[0] for name in tree.modules} | sys.stdlib_module_names | tree.apart
    named = {package: name for name, _, package in about.probed.distributions}
    names = {named.get(each, each.replace("_", "-")) for each in packages if each}
    return tuple(sorted(names - set(named.values())))


def _variables(about: Surroundings, closure: Closure) -> Iterator[str]:
    """Yield the environment variables that were asked for, and that a file of the project names."""
    tree = about.tree
    config = [
        tree.text(path) or ""
        for path in closure.copied
        if path.endswith(".py") and tree.contexts.of_path(path) == PROJECT
    ]
    for name in about.probed.variables:
        if any(f'"{name}"' in text or f"'{name}'" in text for text in config):
            yield name


def _texts(tree: Tree, closure: Closure) -> list[str]:
    """Return the texts of all files that may name a page."""
    suffixes = (".py", *discover.TEMPLATE_SUFFIXES)
    paths = (path for path in sorted(closure.files) if path.endswith(suffixes))
    return [*(tree.text(path) or "" for path in paths), *closure.replicas.texts.values()]
