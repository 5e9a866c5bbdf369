"""A real project's suite, run by a real subprocess: which lines are sites, and of what."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.codemods.trace import teamshop
from tests.codemods.trace.runs import Run, trace

if TYPE_CHECKING:
    from pathlib import Path

INSTALLED = [
    "people", "shop", "rest_framework", "django.contrib.auth", "django.contrib.contenttypes",
    "django.contrib.sessions", "django.contrib.admin", "django.contrib.messages",
]  # fmt: skip
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]


def test_the_suite_passes_under_the_recorder_and_its_output_is_shown(by_pytest: Run) -> None:
    assert by_pytest.status == 0, by_pytest.stdout + by_pytest.stderr
    assert "17 passed" in by_pytest.stderr
    assert by_pytest.json["problems"] == []
    assert by_pytest.json["processes"] == 1


@pytest.mark.parametrize(
    ("name", "function", "access", "verb"),
    [
        ("lazy", "Cart.name", "read", "select"),
        ("prefetch", "ahead", "read", "select"),
        ("join", "joined", "read", "select"),
        ("aggregate", "counted", "read", "select"),
        ("raw", "raw", "read", "select"),
        ("evaluate", "built_elsewhere", "read", "select"),
        ("library", "page", "read", "select"),
        ("form", "checked", "read", "select"),
        ("write", "moved", "write", "update"),
        ("delete", "dropped", "write", "delete"),
        ("async", "awaited", "read", "select"),
    ],
)
def test_each_way_to_reach_a_table_is_a_site_at_its_line(
    by_pytest: Run, name: str, function: str, access: str, verb: str
) -> None:
    found = [site for site in by_pytest.at(name) if site["table"] == "people_person"]
    assert len(found) == 1
    assert (found[0]["source"], found[0]["target"]) == ("shop", "people")
    assert (found[0]["function"], found[0]["access"]) == (function, access)
    assert verb in found[0]["verbs"]


def test_a_statement_of_several_lines_is_known_as_one(by_pytest: Run) -> None:
    start = teamshop.line_of(by_pytest.root, "start")
    found = [site for site in by_pytest.accesses if site["function"] == "many_lines"]
    assert [(site["start"], site["end"]) for site in found] == [(start, start + 4)]


def test_own_tables_calls_to_the_owner_tests_and_migrations_are_no_sites(by_pytest: Run) -> None:
    assert by_pytest.at("own") == []
    assert by_pytest.at("own write") == []
    assert by_pytest.at("call") == []
    paths = {site["path"] for site in by_pytest.accesses}
    assert paths == {
        "shop/code.py",
        "shop/views.py",
        "shop/templates/shop/order.html",
        "shop/jinja2/shop/order.jinja",
    }


def test_templates_are_sites_at_the_node_that_ran_sql(by_pytest: Run) -> None:
    found = {
        (site["path"].rsplit("/", 1)[-1], site["line"], site["node"])
        for site in by_pytest.accesses
        if not site["path"].endswith(".py")
    }
    assert found == {
        ("order.html", 2, "VariableNode"),
        ("order.html", 3, "ForNode"),
        ("order.jinja", 2, "jinja"),
    }


def test_a_library_that_acts_for_a_class_makes_the_class_the_site(by_pytest: Run) -> None:
    found = by_pytest.at("view", "shop/views.py")
    assert [(site["node"], site["function"]) for site in found] == [
        ("class PersonPage", "PersonPage")
    ]
    assert (found[0]["start"], found[0]["end"]) == (found[0]["line"], found[0]["line"] + 2)
    assert found[0]["via"] == ["django.views.generic.detail:get_object"]


def test_what_a_view_runs_is_not_laid_on_the_middleware_around_it(by_pytest: Run) -> None:
    assert by_pytest.at("middleware", "shop/middleware.py") == []


def test_a_queryset_that_runs_elsewhere_names_the_statement_that_shaped_it(by_pytest: Run) -> None:
    shaped = teamshop.line_of(by_pytest.root, "shaped", "shop/views.py")
    found = by_pytest.at("evaluated", "shop/views.py")
    assert [site["origins"] for site in found] == [[f"shop/views.py:{shaped}-{shaped}"]]
    assert by_pytest.at("lazy")[0]["origins"] == []
    built = by_pytest.at("evaluate")[0]["origins"]
    assert len(built) == 1
    assert built[0].startswith("people/selectors.py:")


def test_what_a_library_ran_for_a_line_names_the_library(by_pytest: Run) -> None:
    assert any(
        "django.core.paginator:" in via for site in by_pytest.at("library") for via in site["via"]
    )
    assert any(
        "django.forms.models:" in via for site in by_pytest.at("form") for via in site["via"]
    )
    assert by_pytest.at("lazy")[0]["via"] == [""]


def test_transactions_that_write_two_contexts_are_told_by_where_they_open(by_pytest: Run) -> None:
    found = {block["line"]: block["contexts"] for block in by_pytest.json["spanning"]}
    assert found == {
        teamshop.line_of(by_pytest.root, "block"): ["people", "shop"],
        teamshop.line_of(by_pytest.root, "decorated"): ["people", "shop"],
    }


def test_the_transaction_around_each_test_is_not_the_projects(by_pytest: Run) -> None:
    assert by_pytest.at("lazy")[0]["in_atomic"] is False
    assert by_pytest.at("write")[0]["in_atomic"] is True
    assert by_pytest.at("lock")[0]["in_atomic"] is True


def test_the_file_is_sorted_and_names_nothing_of_the_machine(by_pytest: Run) -> None:
    text = by_pytest.out.read_text()
    sites = json.loads(text)["sites"]
    assert sites == sorted(sites, key=lambda site: list(site.values()))
    assert str(by_pytest.root) not in text


@pytest.mark.parametrize(
    ("words", "processes"),
    [
        (("python", "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider"), 2),
        (("python", "manage.py", "test", "--parallel", "2"), 3),
        (("python", "manage.py", "test"), 1),
    ],
    ids=["xdist", "parallel", "manage"],
)
def test_other_runners_and_many_processes_find_the_same(
    by_pytest: Run, words: tuple[str, ...], processes: int
) -> None:
    by_other = trace(by_pytest.root, *words)
    assert by_other.status == 0, by_other.stderr
    assert by_other.json["processes"] == processes
    assert by_other.places() == by_pytest.places()


def test_a_view_is_the_site_not_its_pages_nor_the_asking_who_the_caller_is(tmp_path: Path) -> None:
    root = teamshop.write(
        tmp_path,
        **{
            "site_settings.py": teamshop.FILES["site_settings.py"]
            .replace('["people", "shop"]', repr(INSTALLED))
            .replace('["shop.middleware.passing"]', repr(MIDDLEWARE)),
            "shop/urls.py": """
                from django.urls import path
                from shop.api import PeopleApi, PersonApi
                urlpatterns = [
                    path("people/", PeopleApi.as_view()),
                    path("people/<int:pk>/", PersonApi.as_view()),
                ]
                """,
            "shop/api.py": """
                from rest_framework import generics, pagination, serializers
                from people.models import Person

                class PersonSerializer(serializers.ModelSerializer):
                    class Meta:
                        model = Person
                        fields = ["name"]

                class PersonApi(generics.RetrieveAPIView):  # at: api
                    queryset = Person.objects.all()
                    serializer_class = PersonSerializer

                class Pages(pagination.PageNumberPagination):  # at: pages
                    page_size = 2

                class PeopleApi(generics.ListAPIView):  # at: list
                    queryset = Person.objects.order_by("name")
                    serializer_class = PersonSerializer
                    pagination_class = Pages
                """,
            "contexts.toml": """
                [contexts.people]
                apps = ["people", "auth"]
                [contexts.shop]
                apps = ["shop"]
                """,
            "tests/test_code.py": """
                from django.contrib.auth.models import User
                from django.test import TestCase
                from people.models import Person

                class ApiTest(TestCase):
                    def test_api(self):
                        ada = Person.objects.create(name="Ada")
                        self.client.force_login(User.objects.create(username="ada"))
                        answer = self.client.get(f"/people/{ada.pk}/")
                        self.assertEqual(answer.json(), {"name": "Ada"})
                        self.assertEqual(self.client.get("/people/").json()["count"], 2)
                """,
        },
    )
    run = trace(root, "python", "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert run.status == 0, run.stderr
    found = [(site["table"], site["via"]) for site in run.at("api", "shop/api.py")]
    assert found == [("people_person", ["rest_framework.generics:get_object"])]
    listed = run.at("list", "shop/api.py")
    assert [(site["node"], site["table"]) for site in listed] == [
        ("class PeopleApi", "people_person")
    ]
    assert run.at("pages", "shop/api.py") == []
