"""The files beside a service's code: how it is installed, built, run, tested and deployed."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from codemods.extract.facts import COPIED, MOVED
from codemods.extract.texts import filled
from codemods.extract.variables import variables

if TYPE_CHECKING:
    from codemods.extract.facts import ServiceFacts

REPLICAS = 2
STANDING = ("granian>=2.5,<3", "python-json-logger>=3.2,<5", "requests>=2.31,<3", "strangler")
WITH_TABLES = ("django-environ>=0.11,<1", "psycopg[binary,pool]>=3.2,<4")
TOOLS = ("coverage[toml]>=7", "pytest>=8", "pytest-django>=4.8", "ruff>=0.12")
DATABASE = """\
  database:
    image: postgres:17-alpine
    environment: {POSTGRES_USER: NAME, POSTGRES_PASSWORD: NAME, POSTGRES_DB: NAME}
    volumes: ["data:/var/lib/postgresql/data"]
    healthcheck:
      test: ["CMD", "pg_isready", "--username", "NAME"]
      interval: 2s
      retries: 30

  migrate:
    <<: *service
    command: ["python", "manage.py", "migrate", "--noinput"]
    depends_on:
      database: {condition: service_healthy}

"""
AFTER = """\
    depends_on:
      migrate: {condition: service_completed_successfully}
"""
SAGAS = """
  sagas:
    <<: *service
    command: ["sh", "-c", "while sleep 60; do python manage.py resume_sagas; done"]
"""
VOLUMES = """
volumes:
  data:
"""
DRIFT = "python manage.py makemigrations --check --dry-run"
MANIFESTS = ("config", "migrate", "deployment", "service", "sagas", "scaling")


def files(facts: ServiceFacts) -> dict[PurePosixPath, str]:
    """Return the text of every such file by its path in the service's folder."""
    plain = {
        "Dockerfile": filled("Dockerfile", facts),
        ".dockerignore": filled("dockerignore", facts),
        ".gitignore": filled("gitignore", facts),
        "Makefile": filled("Makefile", facts),
        "compose.yaml": _compose(facts),
        "pyproject.toml": _pyproject(facts),
        "requirements.txt": _requirements(facts),
        "requirements-dev.txt": _tools(facts),
        ".env.example": _example(facts),
        ".github/workflows/ci.yml": filled("ci.yml", facts, migrations=_drift_step(facts)),
        ".pre-commit-config.yaml": filled(
            "pre-commit-config.yaml", facts, migrations=_drift_hook(facts)
        ),
        "vendor/.gitkeep": "",
        **_manifests(facts),
    }
    return {PurePosixPath(path): text for path, text in plain.items()}


def _requirements(facts: ServiceFacts) -> str:
    lines = {
        each.name.lower(): f"{each.name.lower()}=={each.version}" for each in facts.requirements
    }
    for line in (*STANDING, *(WITH_TABLES if facts.has_models else ())):
        lines[line.partition(">")[0].partition("[")[0]] = line
    heading = f"# What the {facts.name} service runs with; versions are the monolith's."
    return "\n".join([heading, *sorted(lines.values(), key=str.lower)]) + "\n"


def _tools(facts: ServiceFacts) -> str:
    heading = f"# What the {facts.name} service is tested with."
    known = {line.partition(">")[0].partition("[")[0] for line in (*TOOLS, *STANDING)}
    tools = [*TOOLS, *(["factory-boy"] if not _requires(facts, "factory-boy") else [])]
    tools += [name for name in facts.tools if name not in {*known, "factory", "pytest"}]
    return "\n".join([heading, "-r requirements.txt", *sorted(tools)]) + "\n"


def _requires(facts: ServiceFacts, name: str) -> bool:
    return any(requirement.name.lower() == name for requirement in facts.requirements)


def _example(facts: ServiceFacts) -> str:
    lines = [f"# Variables of the {facts.name} service: copy to .env and fill in what is needed."]
    for variable in variables(facts):
        lines += [f"# {variable.meaning}", f"#{variable.name}={variable.example}"]
    return "\n".join(lines) + "\n"


def _compose(facts: ServiceFacts) -> str:
    shown = [
        f"    {variable.name}: {_quoted(variable.example)}"
        for variable in variables(facts)
        if variable.example
    ]
    return (
        filled(
            "compose.yaml",
            facts,
            environment="\n".join(shown),
            database=DATABASE.replace("NAME", facts.word) if facts.has_models else "",
            last_port=str(facts.port + REPLICAS - 1),
            after=_after(facts),
        ).rstrip()
        + "\n"
    )


def _after(facts: ServiceFacts) -> str:
    if not facts.has_models:
        return ""
    return AFTER + (SAGAS + AFTER if facts.runs_sagas else "") + VOLUMES


def _manifests(facts: ServiceFacts) -> dict[str, str]:
    read = variables(facts)
    config = [
        f"  {variable.name}: {_quoted(variable.example)}"
        for variable in read
        if variable.example and not variable.is_secret
    ]
    secrets = [variable.name for variable in read if variable.is_secret]
    needed = {"migrate": facts.has_models, "sagas": facts.runs_sagas}
    names = [name for name in MANIFESTS if needed.get(name, True)]
    found = {
        f"k8s/{name}.yaml": filled(
            f"k8s_{name}.yaml", facts, config="\n".join(config), secrets=", ".join(secrets)
        )
        for name in names
    }
    resources = "\n".join(f"  - {name}.yaml" for name in names)
    found["k8s/kustomization.yaml"] = filled("k8s_kustomization.yaml", facts, resources=resources)
    return found


def _pyproject(facts: ServiceFacts) -> str:
    folder = facts.source.rstrip("/")
    paths = ['"."', *([f'"{folder}"'] if folder else [])]
    own = [app.entry for app in facts.own_apps if app.kind in {MOVED, COPIED}]
    packages = sorted({_module(entry) for entry in own} | {facts.package})
    return filled(
        "pyproject.toml",
        facts,
        pythonpath=", ".join(paths),
        testpaths=f'"{folder or facts.project}"',
        sources=", ".join(f'"{package}"' for package in packages),
        fakes=_fakes(facts),
    )


def _fakes(facts: ServiceFacts) -> str:
    """Return what lets tests run without the services that are called."""
    if not facts.clients:
        return ""
    package = facts.clients[0].module.rpartition(".")[0]
    lines = [f'strangler_clients = "{package}"', 'usefixtures = ["strangler_services"]']
    first = facts.authentication[0] if facts.authentication and not facts.owns_accounts else ""
    if first.startswith("rest_framework."):
        lines.append(f'strangler_authentication = "{first}"')
    return "\n".join(lines) + "\n"


def _module(entry: str) -> str:
    """Return the package of an entry of INSTALLED_APPS, which may name an AppConfig in it."""
    head, _, last = entry.rpartition(".")
    return head.removesuffix(".apps") if last[:1].isupper() else entry


def _drift_step(facts: ServiceFacts) -> str:
    return f"      - run: .venv/bin/{DRIFT}\n" if facts.has_models else ""


def _drift_hook(facts: ServiceFacts) -> str:
    if not facts.has_models:
        return ""
    return (
        "      - id: migrations\n        name: every change of a model has its migration\n"
        f"        entry: {DRIFT}\n        language: system\n        pass_filenames: false\n"
        "        files: models\n"
    )


def _quoted(text: str) -> str:
    return f'"{text}"'
