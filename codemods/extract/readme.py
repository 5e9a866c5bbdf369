"""The README of a service: each question that its team and its neighbours ask, answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.extract.texts import filled
from codemods.extract.variables import variables

if TYPE_CHECKING:
    from codemods.extract.facts import ServiceFacts

SAGAS = """
`python manage.py resume_sagas` goes on with what spans several services and was left: run it every
minute, as `compose.yaml` and `k8s/sagas.yaml` do.
"""


def render(facts: ServiceFacts) -> str:
    """Return the text of the service's README.md."""
    tables = facts.has_models
    return filled(
        "README.md",
        facts,
        intro=_intro(facts),
        addresses="\n".join(_addresses(facts)),
        with_database=", with PostgreSQL" if tables else "",
        left_tests=_left(facts),
        variables="\n".join(f"| `{v.name}` | {v.meaning} |" for v in variables(facts)),
        use=_use(facts),
        security=_security(facts),
        state=" but its database" if tables else "",
        scale_database=" Each process\nholds up to 8 connections to PostgreSQL." if tables else "",
        depends=_depends(facts),
        failure=_failure(facts),
        upgrade_database=(
            "`python manage.py migrate`, before the processes are exchanged: a migration must "
            "leave\n   the version that still runs working."
            if tables
            else "Nothing is to be migrated: the service has no tables."
        ),
        readyz=" (its database answers)" if tables else "",
        fill=_fill(facts),
    )


def _fill(facts: ServiceFacts) -> str:
    if not facts.has_models:
        return ""
    copied = (
        "\n`--replicas` copies only the rows of others anew: as often as they have to be fresh."
        if facts.replicas
        else ""
    )
    return (
        "\n`MONOLITH_DATABASE_URL=... python manage.py copy_tables` fills its tables from the"
        " monolith's\ndatabase, all or nothing; a second run changes nothing."
        + copied
        + "\n"
        + (SAGAS if facts.runs_sagas else "")
    )


def _intro(facts: ServiceFacts) -> str:
    apps = ", ".join(f"`{app.label}`" for app in facts.own_apps if app.kind == "moved")
    kept = (
        "with a database of its own, whose tables have the names they had there"
        if facts.has_models
        else "without a database: it composes what other services answer"
    )
    what = apps or facts.name
    return f"What was {what} in the monolith, as a Django project that runs alone, {kept}."


def _addresses(facts: ServiceFacts) -> list[str]:
    rows = []
    for route in facts.routes:
        address = "".join([*(above.route for above in route.above), route.route])
        what = route.include or route.view.replace(":", ".").removesuffix("()")
        rows.append(f"| `/{address}` | `{what}` |")
    if facts.provider:
        rows.append("| `/internal/v1/<operation>` | its operations, for other services |")
    if facts.owns_accounts:
        rows.append(
            "| `/internal/accounts/v1/whoami` | whose credentials are these, for services |"
        )
    return [*rows, "| `/healthz`, `/readyz`, `/metrics` | probes and measures |"]


def _left(facts: ServiceFacts) -> str:
    if not facts.left_tests:
        return ""
    lines = "\n".join(f"- `{path}`: {reason}" for path, reason in facts.left_tests)
    return f"\nThese tests of the monolith cannot run alone and stayed there:\n\n{lines}\n"


def _use(facts: ServiceFacts) -> str:
    pages = (
        "People and applications use its addresses through the proxy, as they used the monolith's."
    )
    if not facts.provider:
        return f"{pages}\nNo other service calls it."
    names = ", ".join(f"`{name}`" for name in facts.operations)
    contract = (
        f" The contract is [{facts.contract}]({facts.contract}) (OpenAPI 3.1)."
        if facts.contract
        else ""
    )
    return (
        f"{pages}\n\nOther services call named operations through the generated client "
        f"`{facts.word}_client`, with\n`{facts.word.upper()}_CLIENT_URL` set to "
        f"`http://HOST:PORT/internal`.{contract}\nOperations: {names or 'none'}."
    )


def _security(facts: ServiceFacts) -> str:
    if facts.owns_accounts:
        who = (
            "It keeps the accounts: sessions, tokens and CSRF work as in the monolith. Other"
            " services ask\n`/internal/accounts/` whose credentials a request carries."
        )
    else:
        owner = f"the {facts.accounts} service" if facts.accounts else "the monolith"
        who = (
            f"It keeps no accounts: sessions and tokens are those of {owner}, which is asked whose"
            " they are\n(`strangler.client.accounts`); the answer is kept for 5 seconds. Nothing"
            " that a request says\nof its user is believed. Writes by session pass Django's CSRF"
            " check, with the cookie users have."
        )
    return (
        f"{who}\n\n`/internal/` is for services: it wants `SERVICE_TOKEN` as a bearer token, or a"
        " caller on the same\nmachine. Do not route it from outside. The container runs as user"
        " 10001 with a read-only file system."
    )


def _depends(facts: ServiceFacts) -> str:
    rows = []
    if facts.has_models:
        rows.append("- its own database; nobody else reads or writes it")
    if facts.replicas:
        names = ", ".join(f"`{label}`" for label in facts.replicas)
        rows.append(
            f"- rows of others, copied to be read and joined, as of the last copying: {names}"
        )
    for client in facts.clients:
        names = ", ".join(f"`{name}`" for name in client.operations)
        rows.append(f"- {client.service}" + (f": {names}" if names else ""))
    if not facts.owns_accounts:
        rows.append(f"- {facts.accounts or 'the monolith'}, for whose credentials are whose")
    return "\n".join(rows) or "On nothing."


def _failure(facts: ServiceFacts) -> str:
    proxy = (
        "The proxy notices an instance that is down or slow and asks another, or the monolith where"
        " its policy\nallows it (`fallback`); reads are tried again, writes only where nothing was"
        " sent."
    )
    if not facts.provider:
        return proxy
    return (
        f"{proxy}\n\nCallers of its operations get `UnavailableError` after their own deadline at"
        " the latest. Their client\nretries reads and writes with an idempotency key within a"
        " budget, then opens a circuit so that a\nslow service costs its callers nothing; one probe"
        " closes it again."
    )
