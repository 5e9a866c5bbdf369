"""What the glue's settings say of accounts, other services, logs and measures, as text.

Django's own session and user stay only with the owner of the accounts; everywhere else
`strangler.client.accounts` stands in their places.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codemods.extract.facts import ServiceFacts

USER_MIDDLEWARE = "django.contrib.auth.middleware.AuthenticationMiddleware"
REPLACED = {USER_MIDDLEWARE: "strangler.client.accounts.middleware.AccountsMiddleware"}
FIRST = "strangler.client.telemetry.TelemetryMiddleware"
APART = "strangler.client.apart.ApartMiddleware"
ANYBODYS = ("django.", "whitenoise.", "strangler.")
"""What minds neither the visitor nor the project's tables before somebody asks."""
LOGGING = """
# --- Logs: one JSON object a line, with the trace that the request belongs to ---
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"trace": {"()": "strangler.client.propagation.tracing.TraceFilter"}},
    "formatters": {
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s %(trace_id)s %(request_id)s",
            "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
            "static_fields": {"service": "NAME"},
        }
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["trace"]}
    },
    "root": {"handlers": ["stderr"], "level": os.environ.get("LOG_LEVEL", "INFO")},
}
"""
ELSEWHERE = "strangler_accounts.AccountElsewhere"


def installed(facts: ServiceFacts) -> list[str]:
    """Return INSTALLED_APPS: what copies tables, the apps, what keeps keys and sagas, the glue."""
    entries = ["strangler.client.replicas"] if facts.has_models else []
    entries += [] if facts.owns_accounts else ["strangler.client.accounts"]
    entries += [app.entry for app in facts.installed]
    if facts.provider and facts.has_models:
        entries.append("strangler.client.idempotency")
    entries += ["strangler.client.saga"] if facts.runs_sagas else []
    return [*dict.fromkeys(entries), facts.package]


def middleware(facts: ServiceFacts) -> list[str]:
    """Return MIDDLEWARE: the monolith's, with the accounts asked where they are.

    Where some of it is of a project, probes and operations are answered before it.
    """
    replaced = {} if facts.owns_accounts else REPLACED
    of_project = not all(entry.startswith(ANYBODYS) for entry in facts.middleware)
    return [
        FIRST,
        *([APART] if of_project else []),
        *(replaced.get(entry, entry) for entry in facts.middleware),
    ]


def services(facts: ServiceFacts) -> str:
    """Return how other services are reached: over the network, unless the environment differs."""
    lines = ["# --- Other services ---"]
    names = [f"{client.prefix}_TRANSPORT" for client in facts.clients]
    if not facts.owns_accounts:
        names.append("ACCOUNTS_CLIENT_TRANSPORT")
    lines += [f'os.environ.setdefault("{name}", "http")' for name in names]
    prefix = next((c.prefix for c in facts.clients if c.service == facts.accounts), "")
    if prefix and not facts.owns_accounts:
        lines += [
            "# Accounts are asked of the service that owns them.",
            f'if "{prefix}_URL" in os.environ:',
            f'    _url = os.environ["{prefix}_URL"].rstrip("/")',
            '    os.environ.setdefault("ACCOUNTS_CLIENT_URL", _url + "/accounts")',
            f'if "{prefix}_TOKEN" in os.environ:',
            f'    os.environ.setdefault("ACCOUNTS_CLIENT_TOKEN", os.environ["{prefix}_TOKEN"])',
        ]
    return "\n".join(lines) if names else ""


def accounts(facts: ServiceFacts) -> str:
    """Return the settings by which `request.user` means what it meant in the monolith."""
    if facts.owns_accounts:
        if not facts.provider:
            return ""
        return f'STRANGLER_ACCOUNTS_PROVIDER = "{facts.provider}"'
    client = next((c.module for c in facts.clients if c.service == facts.accounts), "")
    is_copied = facts.user_model in facts.replicas
    here = "a copy, to be joined" if is_copied else "no model here"
    lines = [
        f"# Accounts live elsewhere: {facts.user_model} is {here}, and the owner tells who",
        "# asks. A session here is this service's own.",
        f'AUTH_USER_MODEL = "{facts.user_model if is_copied else ELSEWHERE}"',
        f'STRANGLER_ACCOUNTS = {{"model": "{facts.user_model}", "client": "{client}"}}',
        'SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"',
        f'SESSION_COOKIE_NAME = "{facts.word}_session"',
        "CSRF_USE_SESSIONS = False",
        'MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"',
    ]
    if facts.uses_rest:
        lines += [
            "REST_FRAMEWORK = {",
            "    **globals().get('REST_FRAMEWORK', {}),",
            '    "DEFAULT_AUTHENTICATION_CLASSES": [',
            '        "strangler.client.accounts.drf.AccountAuthentication"',
            "    ],",
            "}",
        ]
    return "\n".join(lines)


def logging(facts: ServiceFacts) -> str:
    """Return the setting LOGGING."""
    return LOGGING.replace("NAME", facts.name).strip()


def routes(facts: ServiceFacts) -> list[str]:
    """Return the entries of `urlpatterns` that are no addresses of the monolith."""
    entries = ['path("metrics", metrics.view, name="metrics")']
    if facts.owns_accounts:
        entries.append(_served("internal/accounts/", "strangler.client.accounts.provider"))
    if facts.provider:
        entries.append(_served("internal/", facts.provider))
    return entries


def app_config(facts: ServiceFacts) -> str:
    """Return the text of the glue's `apps.py`: it joins the proxy's registry."""
    return (
        '"""The glue as an app: a process that starts to serve joins the proxy\'s registry."""'
        "\n\nfrom django.apps import AppConfig\n\n"
        "from strangler.client.registration import register_on_start\n\n\n"
        "class GlueConfig(AppConfig):\n"
        f'    """The {facts.name} service."""\n\n'
        f'    name = "{facts.package}"\n\n'
        "    def ready(self):\n"
        f'        register_on_start("{facts.name}")\n'
    )


def _served(prefix: str, provider: str) -> str:
    return f'path("{prefix}", include(serving.urls("{provider}")))'
