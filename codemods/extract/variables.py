"""The environment variables of a service: one list for its README, `.env.example` and manifests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codemods.extract.facts import ServiceFacts

SECRETS = ("SECRET", "TOKEN", "PASSWORD", "KEY", "DSN", "CREDENTIAL")
GLUE = {"DATABASE_URL", "LOG_LEVEL", "SECRET_KEY", "ALLOWED_HOSTS", "DEBUG"}


@dataclass(frozen=True)
class Variable:
    """One variable; `example` is what `.env.example` and the manifests say, "" for none."""

    name: str
    meaning: str
    example: str = ""

    @property
    def is_secret(self) -> bool:
        """Tell whether it belongs into a secret: it names one, or a URL may hold a password."""
        return self.name == "DATABASE_URL" or any(word in self.name for word in SECRETS)


def variables(facts: ServiceFacts) -> tuple[Variable, ...]:
    """Return what the service reads: its own first, then what its copied settings ask for."""
    found = [*_serving(facts), *_neighbours(facts), *_proxy(facts)]
    named = {variable.name for variable in found}
    meaning = f"as in the monolith; read by `{facts.settings}` or what it imports"
    found += [Variable(name, meaning) for name in facts.variables if name not in named]
    return tuple(found)


def _serving(facts: ServiceFacts) -> list[Variable]:
    found = [
        Variable("SECRET_KEY", "a long random value; as the monolith's where both sign for users"),
        Variable("ALLOWED_HOSTS", "the public names of the monolith, and this service's own"),
    ]
    if facts.has_models:
        found.insert(
            0,
            Variable(
                "DATABASE_URL",
                f"`sqlite:///path` (`var/{facts.word}.sqlite3` without it) or "
                "`postgres://user:password@host:port/name`",
                f"postgres://{facts.word}:{facts.word}@database:5432/{facts.word}",
            ),
        )
    if facts.provider or facts.owns_accounts:
        found.append(
            Variable("SERVICE_TOKEN", "what callers of `/internal/` must send; else only loopback")
        )
    return [
        *found,
        Variable(
            "STRANGLER_IDENTITY_KEY", "signs on whose behalf calls are made; the same everywhere"
        ),
        Variable("STRANGLER_STICKY_KEY", "the monolith's, so that a user keeps one side"),
        Variable("LOG_LEVEL", "of the JSON logs", "INFO"),
        Variable("ERROR_REPORTER", "dotted path of a function that takes (exception, request)"),
        Variable("WORKERS", "processes of one container", "2"),
        Variable("THREADS", "requests that a process serves at a time", "4"),
    ]


def _neighbours(facts: ServiceFacts) -> list[Variable]:
    found = []
    for client in facts.clients:
        found += [
            Variable(
                f"{client.prefix}_URL",
                f"where {client.service} answers its operations",
                f"http://{client.service}:8000/internal",
            ),
            Variable(f"{client.prefix}_TOKEN", f"the SERVICE_TOKEN of {client.service}"),
            Variable(
                f"{client.prefix}_TRANSPORT", "`http`, `shadow` or `in_process`; also by operation"
            ),
        ]
    if not facts.owns_accounts:
        owner = facts.accounts or "the monolith"
        found += [
            Variable(
                "ACCOUNTS_CLIENT_URL",
                f"where {owner} tells whose credentials are whose",
                f"http://{facts.accounts or 'monolith'}:8000/internal/accounts",
            ),
            Variable("ACCOUNTS_CLIENT_TOKEN", f"the SERVICE_TOKEN of {owner}"),
        ]
    return found


def _proxy(facts: ServiceFacts) -> list[Variable]:
    return [
        Variable("STRANGLER_CONTROL_URL", "the proxy's control API; not registered without it"),
        Variable("STRANGLER_CONTROL_TOKEN", "its token, where it has one"),
        Variable("STRANGLER_ADDRESS", f"host:port at which the proxy reaches {facts.name}"),
    ]
