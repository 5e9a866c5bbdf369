"""What is known of a service that is made: all that a template of its glue may tell.

    closure, probe of the prepared tree ─> ServiceFacts ─> glue.files(facts) ─> texts by path

Everything is a plain value, sorted where its order means nothing, so that the same monolith gives
the same files. A path is relative to the service's folder, with forward slashes; a module or class
is a dotted name, as in settings.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

MOVED, COPIED, LIBRARY, REPLICA = "moved", "copied", "library", "replica"


@dataclass(frozen=True, slots=True)
class AppFact:
    """An app that the service installs.

    `entry` is what INSTALLED_APPS says, `kind` is "moved" for the context's own, "copied" for one
    of a context that is no service, "library" for what Django and third parties bring, "replica"
    for one of another service of which only copied models are here.
    """

    label: str
    entry: str
    kind: str
    has_models: bool


@dataclass(frozen=True, slots=True)
class ClientFact:
    """A generated client that the service calls: `module` is imported, `prefix` names variables.

    With the prefix "USERS_CLIENT" the service reads USERS_CLIENT_URL, USERS_CLIENT_TOKEN and
    USERS_CLIENT_TRANSPORT. `operations` are those that the service's own code calls.
    """

    service: str
    module: str
    prefix: str
    operations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Above:
    """An entry of the URL tree that includes others: its pattern, and the namespace it opens."""

    kind: str
    route: str
    namespace: str = ""
    app_name: str = ""


@dataclass(frozen=True, slots=True)
class RouteFact:
    """An entry of the monolith's URL tree that the service answers, as it stood there.

    `route` is the pattern's text and `kind` the function that takes it: "path" or "re_path".
    With `include` it leads to that URL module, under the `namespace` given there ("" for none),
    with `app_name` when the list there was a pair; else to `view`, such as "shop.pages:home" or
    "shop.apis:Orders.as_view()", under `name`. `above` are the entries it is in, outermost first.
    """

    route: str
    kind: str
    include: str = ""
    namespace: str = ""
    app_name: str = ""
    view: str = ""
    name: str = ""
    above: tuple[Above, ...] = ()


@dataclass(frozen=True, slots=True)
class PageElsewhere:
    """A page of the monolith that the service does not answer, but whose address it can give.

    `namespaces` are outermost first; `route` is the whole pattern below the root, and `kind` as in
    RouteFact. A page without a name has no entry: nothing can ask for its address.
    """

    name: str
    namespaces: tuple[str, ...]
    kind: str
    route: str


@dataclass(frozen=True, slots=True)
class SettingCut:
    """A part of a setting that names what is not here, such as a class of another service.

    `path` leads there: ("SPECTACULAR_SETTINGS", "ENUM_NAME_OVERRIDES", "OrderStatusEnum"); a number
    is a place in a list. `value` is what stands there.
    """

    path: tuple[str | int, ...]
    value: str


@dataclass(frozen=True, slots=True)
class Requirement:
    """A distribution that moved or copied code imports, pinned to what the monolith runs with."""

    name: str
    version: str


@dataclass(frozen=True)
class ServiceFacts:
    """One service, as its glue has to know it.

    Names
        name            the context: "products"
        word            the same as a Python name: "products", "order_history"
        package         the package of glue: "products_service"
        project         the monolith's outermost package: "monolith"
        source          folder that imports start at, "" or such as "src/"
    Django
        settings        the monolith's settings module, which is copied; glue settings stand on it
        urlconf         the monolith's ROOT_URLCONF, which is not copied unless something imports it
        installed       apps in the order of INSTALLED_APPS; `dropped` are entries left out
        middleware      the monolith's MIDDLEWARE, in order
        authentication  the monolith's default DRF authentication classes; () without DRF
        cuts            parts of settings that name what is not here
        handlers        of the URL tree: {"handler404": "monolith.common.errors.not_found"}
        routes          what the service answers, in the monolith's order
        elsewhere       names of its other pages, for `reverse()` and `{% url %}`
        has_models      whether any table is the service's own: moved or copied
        tables          label of a model to its table, moved and copied
        is_admin_used   whether an app of the service registers with the admin
        has_templates   whether templates were moved or copied
        has_static      whether static files were
        celery          (module, name) of the Celery app among the files, () for none
        tasks           dotted names of the service's tasks
        commands        management commands of its own apps
        variables       environment variables that the monolith read while it started
    Accounts
        user_model      AUTH_USER_MODEL of the monolith: "users.User"
        accounts        the service that owns it; "" when they stay with the monolith
        owns_accounts   whether that is this service
        session_cookie, csrf_cookie  names of the monolith's cookies
        user_tables     libraries' models with a key to the accounts: "authtoken.Token"
    Seam
        clients         generated clients that are among the files
        provider        the module of its own operations; "" when nobody calls any
        operations      their names
        contract        path of the copied contract; "" for none
    Running
        python, django  versions of the monolith: "3.11", "5.2"
        requirements    what its code imports, with the monolith's versions
        uses_rest       whether Django REST framework is installed
        uses_whitenoise whether whitenoise serves static files
        left_tests      (path, reason) of tests that were left
        tools           what only tests import: "hypothesis"
        replicas        labels of other services' models whose rows are copied here
        environment     variables that stand unless its environment has them: (name, value)
        runs_sagas      it begins pieces of work over several services
    """

    name: str
    word: str
    package: str
    project: str
    source: str
    settings: str
    urlconf: str
    installed: tuple[AppFact, ...]
    dropped: tuple[str, ...]
    middleware: tuple[str, ...]
    authentication: tuple[str, ...]
    cuts: tuple[SettingCut, ...]
    routes: tuple[RouteFact, ...]
    elsewhere: tuple[PageElsewhere, ...]
    has_models: bool
    is_admin_used: bool
    has_templates: bool
    has_static: bool
    user_model: str
    accounts: str
    owns_accounts: bool
    session_cookie: str
    csrf_cookie: str
    python: str
    django: str
    uses_rest: bool
    uses_whitenoise: bool
    user_tables: tuple[str, ...] = ()
    clients: tuple[ClientFact, ...] = ()
    provider: str = ""
    operations: tuple[str, ...] = ()
    contract: str = ""
    celery: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    left_tests: tuple[tuple[str, str], ...] = ()
    tools: tuple[str, ...] = ()
    replicas: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    runs_sagas: bool = False
    handlers: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, str] = field(default_factory=dict)

    @property
    def port(self) -> int:
        """Return the port of the service on a laptop, the same at each run."""
        return 8100 + sum(self.name.encode()) % 800

    @property
    def own_apps(self) -> tuple[AppFact, ...]:
        """Return the apps whose code is among the files: moved, copied and of replicas."""
        return tuple(app for app in self.installed if app.kind != LIBRARY)

    def words(self) -> dict[str, Any]:
        """Return the plain names for `string.Template`."""
        return {
            "name": self.name, "word": self.word, "package": self.package,
            "project": self.project, "settings": self.settings, "python": self.python,
            "django": self.django, "port": self.port, "NAME": self.word.upper(),
        }  # fmt: skip
