"""The files around a service: well-formed, of one mind, and without what does not apply."""

import ast
import os
import tomllib
from dataclasses import replace
from pathlib import PurePosixPath

import pytest
import yaml

from codemods.extract import glue, wiring
from codemods.extract import settings as settings_of
from codemods.extract.facts import AppFact, ClientFact, PageElsewhere, RouteFact, ServiceFacts

ORDERS = ServiceFacts(
    name="order-history",
    word="order_history",
    package="order_history_service",
    project="shop",
    source="",
    settings="shop.config.settings",
    urlconf="shop.config.urls",
    installed=(
        AppFact("auth", "django.contrib.auth", "library", has_models=True),
        AppFact("orders", "shop.orders.apps.OrdersConfig", "moved", has_models=True),
    ),
    dropped=("shop.users",),
    middleware=(
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ),
    authentication=("rest_framework.authentication.TokenAuthentication",),
    cuts=(),
    routes=(RouteFact("orders/", "path", include="shop.orders.urls"),),
    elsewhere=(PageElsewhere("account", (), "path", "account/"),),
    has_models=True,
    is_admin_used=False,
    has_templates=True,
    has_static=False,
    user_model="users.User",
    accounts="users",
    owns_accounts=False,
    session_cookie="sessionid",
    csrf_cookie="csrftoken",
    python="3.12",
    django="5.2",
    uses_rest=True,
    uses_whitenoise=False,
    clients=(ClientFact("users", "shop.clients.users_client", "USERS_CLIENT", ("get_user",)),),
    provider="shop.orders.provider",
    operations=("get_order",),
    contract="contracts/order-history.json",
    variables=("PAYMENT_KEY",),
    left_tests=(("shop/orders/tests/test_all.py", "uses shop.payments.models"),),
)
PAGES = replace(
    ORDERS, name="pages", word="pages", package="pages_service", has_models=False, provider=""
)
ACCOUNTS = replace(
    ORDERS, name="users", word="users", package="users_service", owns_accounts=True, clients=()
)
SERVICES = pytest.mark.parametrize("facts", [ORDERS, PAGES, ACCOUNTS], ids=lambda facts: facts.name)


def text(facts: ServiceFacts, path: str) -> str:
    return glue.files(facts)[PurePosixPath(path)]


@SERVICES
def test_every_file_is_well_formed(facts):
    for path, content in glue.files(facts).items():
        assert "$" not in content.replace("$(", "").replace("$@", "").replace("${", "").replace(
            "$PATH", ""
        ), f"{path} holds a placeholder"
        if path.suffix == ".py":
            ast.parse(content)
        elif path.suffix in {".yaml", ".yml"}:
            assert list(yaml.safe_load_all(content))
        elif path.suffix == ".toml":
            tomllib.loads(content)
        assert content == "" or content.endswith("\n")


@SERVICES
def test_manifests_name_each_other(facts):
    listed = yaml.safe_load(text(facts, "k8s/kustomization.yaml"))["resources"]
    made = {path.name for path in glue.files(facts) if path.parts[0] == "k8s"}
    assert set(listed) == made - {"kustomization.yaml"}

    deployment = yaml.safe_load(text(facts, "k8s/deployment.yaml"))
    service = yaml.safe_load(text(facts, "k8s/service.yaml"))
    pod = deployment["spec"]["template"]
    assert service["spec"]["selector"].items() <= pod["metadata"]["labels"].items()
    (container,) = pod["spec"]["containers"]
    assert service["spec"]["ports"][0]["targetPort"] in {
        port["name"] for port in container["ports"]
    }


@SERVICES
def test_no_secret_has_a_value_in_a_manifest_that_is_no_secret(facts):
    config = yaml.safe_load(text(facts, "k8s/config.yaml"))["data"]
    assert not any("TOKEN" in name or "SECRET" in name or "KEY" in name for name in config)
    assert "DATABASE_URL" not in config


def test_a_service_with_tables_brings_its_database():
    compose = yaml.safe_load(text(ORDERS, "compose.yaml"))
    assert compose["services"]["migrate"]["depends_on"] == {
        "database": {"condition": "service_healthy"}
    }
    assert compose["services"]["order-history"]["deploy"]["replicas"] == 2
    assert "DATABASE_URL" in compose["services"]["order-history"]["environment"]
    assert "psycopg" in text(ORDERS, "requirements.txt")


def test_what_spans_services_is_gone_on_with_wherever_a_service_is_deployed():
    sagas = replace(ORDERS, runs_sagas=True)
    compose = yaml.safe_load(text(sagas, "compose.yaml"))
    job = yaml.safe_load(text(sagas, "k8s/sagas.yaml"))
    assert "resume_sagas" in compose["services"]["sagas"]["command"][-1]
    assert "migrate" in compose["services"]["sagas"]["depends_on"]
    assert set(compose["volumes"]) == {"data"}
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert pod["containers"][0]["command"][-1] == "resume_sagas"
    assert "sagas.yaml" in text(sagas, "k8s/kustomization.yaml")
    assert "resume_sagas" in text(sagas, "README.md")
    assert "sagas" not in yaml.safe_load(text(ORDERS, "compose.yaml"))["services"]


def test_a_service_without_tables_needs_no_database():
    compose = yaml.safe_load(text(PAGES, "compose.yaml"))
    assert set(compose["services"]) == {"pages"}
    assert "psycopg" not in text(PAGES, "requirements.txt")
    assert "DATABASE_URL" not in text(PAGES, ".env.example")
    assert "DATABASES = {}" in text(PAGES, "pages_service/settings.py")
    assert PurePosixPath("pages_service/databases.py") not in glue.files(PAGES)


def test_who_asks_is_asked_of_the_owner_of_the_accounts():
    settings = text(ORDERS, "order_history_service/settings.py")
    assert "strangler.client.accounts.middleware.AccountsMiddleware" in settings
    assert "django.contrib.auth.middleware.AuthenticationMiddleware" not in settings
    assert '"model": "users.User"' in settings
    assert 'SESSION_COOKIE_NAME = "order_history_session"' in settings


def test_the_owner_of_the_accounts_keeps_djangos_own_and_answers_the_others():
    settings = text(ACCOUNTS, "users_service/settings.py")
    assert "django.contrib.auth.middleware.AuthenticationMiddleware" in settings
    assert "AUTH_USER_MODEL" not in settings
    assert "strangler.client.accounts.provider" in text(ACCOUNTS, "users_service/urls.py")


def test_the_readme_tells_of_each_variable_and_each_test_that_stayed():
    readme = text(ORDERS, "README.md")
    for name in ("DATABASE_URL", "USERS_CLIENT_URL", "SERVICE_TOKEN", "PAYMENT_KEY"):
        assert f"| `{name}` |" in readme
        assert f"#{name}=" in text(ORDERS, ".env.example")
    assert "`shop/orders/tests/test_all.py`: uses shop.payments.models" in readme


def test_what_each_service_has_of_the_environment_is_read_where_the_monolith_does_not(monkeypatch):
    monkeypatch.setenv("ALLOWED_HOSTS", "orders, 127.0.0.1")
    monkeypatch.setenv("DEBUG", "false")
    monkeypatch.delenv("SECRET_KEY", raising=False)
    made = {"os": os, "DEBUG": True, "SECRET_KEY": "its own", "ALLOWED_HOSTS": ["shop.test"]}
    exec(settings_of._read_here(ORDERS), made)
    assert made["ALLOWED_HOSTS"] == ["orders", "127.0.0.1"]
    assert made["DEBUG"] is False
    assert made["SECRET_KEY"] == "its own"
    reading = replace(ORDERS, variables=("ALLOWED_HOSTS", "DEBUG", "SECRET_KEY"))
    assert "ALLOWED_HOSTS" not in text(reading, "order_history_service/settings.py")


def test_a_variable_of_the_context_map_may_hold_any_text():
    value = 'says "no" \\ {0}'
    shops = replace(ORDERS, environment=(("GREETING", value),))
    told = [
        [each.value for each in node.args]
        for node in ast.walk(ast.parse(text(shops, "order_history_service/settings.py")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "os.environ.setdefault"
        and ast.unparse(node.args[0]) == "'GREETING'"
    ]
    assert told == [["GREETING", value]]


def test_probes_and_operations_do_not_pass_middleware_of_a_project():
    apart = "strangler.client.apart.ApartMiddleware"
    assert apart not in wiring.middleware(ORDERS)
    shops = replace(ORDERS, middleware=(*ORDERS.middleware, "shop.basket.middleware.Basket"))
    assert wiring.middleware(shops)[1] == apart
