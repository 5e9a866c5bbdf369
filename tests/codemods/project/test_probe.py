"""The model graph, as a real project's own interpreter tells it."""

import ast
import shutil
import sys
import textwrap
import venv

import pytest

from codemods.errors import CodemodsError, ProbeError
from codemods.project import load, sources


def test_relations_have_both_ends(graph):
    person = graph.models["shop.Order"].fields["person"]
    assert (person.to_field, person.service) == ("id", None)
    assert (person.target, person.attname, person.column, person.on_delete) == (
        "people.Person", "person_id", "person_id", "CASCADE",
    )  # fmt: skip
    assert graph.models["people.Person"].accessors["orders"].model == "shop.Order"
    assert graph.models["people.Person"].accessors["badge"].many is False


def test_fields_tell_which_of_djangos_own_they_store_like(graph):
    person = graph.models["people.Person"].fields
    assert person["email"].internal_type == "CharField"
    assert person["id"].internal_type == "AutoField"
    assert graph.models["shop.Order"].fields["person"].internal_type == "ForeignKey"


def test_members_from_libraries_are_known_apart_from_the_projects_own(graph):
    person = graph.models["people.Person"]
    assert person.library_members["is_authenticated"].kind == "property"
    assert person.library_members["get_full_name"].needs == 0
    assert person.library_members["check_password"].needs == 1
    assert "shown_name" not in person.library_members
    assert "save" not in graph.models["goods.Tag"].library_members


def test_abstract_bases_are_known_by_the_models_that_use_them(graph):
    assert graph.concrete_of["people.models:Stamped"] == {"shop.Line"}
    assert graph.models["shop.Line"].fields["stamped_by"].declared_in == "people.models:Stamped"
    assert "line_stamped_by" not in graph.models["people.Person"].accessors


def test_names_are_what_modules_hold_at_run_time(graph):
    assert graph.modules["shop.forms"].names["Product"] == ("model", "goods.Product")
    assert graph.modules["people.services"].names["badge_of"][0] == "function"
    assert graph.classes["shop.forms:LineForm"].names["field:product"] == (
        "manager",
        "goods.Product",
    )


def test_custom_querysets_and_members_are_known(graph):
    assert "goods.models:ProductQuerySet" in graph.manager_models
    assert graph.models["people.Person"].members["shown_name"].kind == "property"
    assert graph.tables["people_person"] == "people.Person"


def test_only_the_projects_own_apps_have_a_path(graph):
    paths = {app.label: app.path for app in graph.apps}
    assert paths["shop"] == "shop"
    assert paths["auth"] is None


def test_the_answer_is_kept_until_a_source_changes(project, tmp_path, monkeypatch):
    digests = {"a.py": "1"}
    options = {"settings": "config.settings", "python": sys.executable, "cache": tmp_path}
    first = load.load_graph(project, digests=digests, **options)
    monkeypatch.setattr(load, "_run_probe", lambda *_args, **_named: pytest.fail("asked again"))
    assert load.load_graph(project, digests=digests, **options).digest == first.digest
    with pytest.raises(pytest.fail.Exception):
        load.load_graph(project, digests={"a.py": "2"}, **options)


@pytest.fixture
def ask(project, tmp_path, monkeypatch):
    """Read a copy of the project; return its graph and whether the monolith was started for it."""
    root = shutil.copytree(project, tmp_path / "copy")
    asked = []
    run_probe = load._run_probe
    monkeypatch.setattr(
        load, "_run_probe", lambda *args, **named: asked.append(1) or run_probe(*args, **named)
    )

    def read(python=sys.executable):
        asked.clear()
        named = {"settings": "config.settings", "python": str(python), "cache": tmp_path / "kept"}
        kept = load.kept_digest(root, digests={}, **named)
        graph = load.load_graph(root, digests={}, **named)
        assert kept == (None if asked else graph.digest)
        return graph, bool(asked)

    read.root = root
    return read


def test_another_pythonpath_is_another_answer(ask, tmp_path, monkeypatch):
    other = tmp_path / "lib/other"
    other.mkdir(parents=True)
    (other / "__init__.py").touch()
    (other / "models.py").write_text(
        "from django.db import models\nclass Extra(models.Model):\n    pass\n"
    )
    settings = ask.root / "config/settings.py"
    settings.write_text(
        settings.read_text()
        + "import importlib.util\n"
        + "INSTALLED_APPS += ['other'] if importlib.util.find_spec('other') else []\n"
    )
    assert "other.Extra" not in ask()[0].models
    assert ask()[1] is False
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "lib"))
    graph, was_asked = ask()
    assert (was_asked, "other.Extra" in graph.models) == (True, True)
    assert ask()[1] is False
    (other / "models.py").write_text("")
    graph, was_asked = ask()
    assert (was_asked, "other.Extra" in graph.models) == (True, False)
    monkeypatch.delenv("PYTHONPATH")
    assert ask()[1] is True


def test_another_interpreter_behind_the_same_path_is_another_answer(ask, tmp_path):
    first, second = tmp_path / "one", tmp_path / "two"
    for folder in (first, second):
        venv.create(folder, symlinks=True)
        site = next(folder.glob("lib/python*/site-packages"))
        (site / "shared.pth").write_text("\n".join(path for path in sys.path if path))
    current = tmp_path / "current"
    current.symlink_to(first)
    assert ask(current / "bin/python")[1] is True
    assert ask(current / "bin/python")[1] is False
    current.unlink()
    current.symlink_to(second)
    assert ask(current / "bin/python")[1] is True
    (next(second.glob("lib/python*/site-packages")) / "added-1.0.dist-info").mkdir()
    assert ask(current / "bin/python")[1] is True


def test_variables_and_files_that_settings_read_are_part_of_the_answer(ask, monkeypatch):
    settings = ask.root / "config/settings.py"
    settings.write_text(
        settings.read_text()
        + "import os, pathlib\n"
        + "os.environ.copy()\n"
        + "if os.environ.get('WITH_SITES'): INSTALLED_APPS += ['django.contrib.sites']\n"
        + "SECRET_KEY = pathlib.Path(__file__).with_name('secret').read_text()\n"
    )
    (ask.root / "config/secret").write_text("one")
    monkeypatch.delenv("WITH_SITES", raising=False)
    monkeypatch.setenv("UNRELATED", "1")
    assert (ask()[1], ask()[1]) == (True, False)
    monkeypatch.setenv("UNRELATED", "2")
    assert ask()[1] is False
    monkeypatch.setenv("WITH_SITES", "a value to keep to oneself")
    graph, was_asked = ask()
    assert (was_asked, "sites.Site" in graph.models) == (True, True)
    (ask.root / "config/secret").write_text("two")
    assert (ask()[1], ask()[1]) == (True, False)
    kept = next((ask.root.parent / "kept").glob("graph-*.json")).read_text()
    assert "a value to keep to oneself" not in kept


def test_a_kept_answer_that_is_broken_is_asked_for_again(ask):
    assert ask()[1] is True
    kept = next((ask.root.parent / "kept").glob("graph-*.json"))
    kept.write_text(kept.read_text()[:50])
    assert (ask()[1], ask()[1]) == (True, False)


def test_a_monolith_that_does_not_start_shows_why(project):
    with pytest.raises(ProbeError, match=r"No module named 'config\.nothing'"):
        load.load_graph(
            project, settings="config.nothing", python=sys.executable, digests={}, cache=None
        )


def test_the_probe_is_valid_python_3_6():
    for path in (load.PROBE, *load.INSIDE.glob("*.py")):
        ast.parse(path.read_text(), feature_version=(3, 6))


def test_settings_are_found_in_manage_py(project, tmp_path, monkeypatch):
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    assert sources.find_settings(project, None) == "config.settings"
    with pytest.raises(CodemodsError, match="--settings"):
        sources.find_settings(tmp_path, None)


def test_an_unknown_interpreter_is_refused(tmp_path):
    with pytest.raises(CodemodsError, match="no such interpreter"):
        sources.find_interpreter(tmp_path, "python9.9")


def test_a_diverted_relation_names_its_service(tmp_path):
    (tmp_path / "till").mkdir()
    (tmp_path / "till/__init__.py").touch()
    (tmp_path / "till/models.py").write_text(
        textwrap.dedent("""
            from django.db import models

            class Diverted(models.ForeignKey):
                strangler_service = "people"

            class Slip(models.Model):
                payer = Diverted("contenttypes.ContentType", models.CASCADE)
                other = models.ForeignKey(
                    "contenttypes.ContentType", models.CASCADE, related_name="+"
                )
        """)
    )
    (tmp_path / "slip_settings.py").write_text(
        "INSTALLED_APPS = ['django.contrib.contenttypes', 'till']\n"
        "DEFAULT_AUTO_FIELD = 'django.db.models.AutoField'\n"
    )
    found = load.load_graph(
        tmp_path, settings="slip_settings", python=sys.executable, digests={}, cache=None
    )
    fields = found.models["till.Slip"].fields
    assert (fields["payer"].service, fields["payer"].module) == ("people", "till.models")
    assert (fields["other"].service, fields["other"].module) == (
        None,
        "django.db.models.fields.related",
    )


@pytest.mark.parametrize(
    ("printed", "told"),
    [
        ("ModuleNotFoundError: No module named 'strangler'", "install strangler"),
        ("ImproperlyConfigured: SECRET_KEY", "--settings"),
    ],
)
def test_a_monolith_that_does_not_start_is_told_with_a_remedy(tmp_path, printed, told):
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\necho "{printed}" >&2\nexit 1\n')
    python.chmod(0o755)
    with pytest.raises(ProbeError, match=told):
        load.load_graph(tmp_path, settings="x", python=str(python), digests={}, cache=None)


def test_requests_that_are_transactions_are_told(ask):
    settings = ask.root / "config/settings.py"
    engine = "'ENGINE': 'django.db.backends.sqlite3', 'NAME': ':memory:'"
    settings.write_text(
        settings.read_text() + f"DATABASES = {{'default': {{{engine}, 'ATOMIC_REQUESTS': True}}}}\n"
    )
    assert ask()[0].atomic_requests is True
