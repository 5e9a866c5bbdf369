"""The project as a whole: declarations, templates, migrations, and what processes share."""

import pytest

from codemods.crossings import discover
from codemods.crossings.rounds import Readers
from codemods.crossings.survey import survey_typed
from codemods.project import sources
from tests.codemods.conftest import read_all, write


def of(whole, path):
    return [c for c in whole.crossings if c.path == path]


def test_relation_fields_and_inheritance_are_schema(whole):
    found = {(c.kind, c.model, c.access) for c in of(whole, "shop/models.py")}
    assert ("relation-field", "people.Person", "schema") in found
    assert ("relation-field", "goods.Product", "schema") in found
    assert any(kind == "inheritance" and access == "schema" for kind, _, access in found)


def test_methods_of_models_are_read(whole):
    assert any(
        c.function == "Order.label" and c.kind == "relation" for c in of(whole, "shop/models.py")
    )


def test_forms_over_foreign_models_and_choices_are_found(whole):
    found = {(c.kind, c.model, c.function) for c in of(whole, "shop/forms.py")}
    assert ("form", "goods.Product", "ProductForm.Meta") in found
    assert ("form", "goods.Product", "LineForm.Meta") in found


def test_generic_views_are_found(whole):
    found = {(c.kind, c.model) for c in of(whole, "shop/views.py")}
    assert ("view", "goods.Product") in found
    assert ("relation", "people.Person") in found


def test_templates_walk_relations_from_what_views_give(whole):
    found = of(whole, "shop/templates/shop/order_detail.html")
    assert {c.expression for c in found} == {
        "order.person.nickname",
        "customer.badge.colour",
        "line.product.name",
    }
    assert {c.confidence for c in found} == {"high"}
    assert {c.expression for c in of(whole, "shop/templates/shop/summary.html")} == {
        "one.person",
        "who.nickname",
    }


def test_migrations_depend_on_other_contexts_only(whole):
    found = of(whole, "shop/migrations/0001_initial.py")
    assert {(c.kind, c.target) for c in found} == {("migration", "goods"), ("migration", "people")}


def test_the_owner_of_data_crosses_nothing(whole):
    assert of(whole, "goods/models.py") == []
    assert of(whole, "people/services.py") == []


def test_two_processes_find_what_one_finds(project, graph, contexts, whole, monkeypatch):
    monkeypatch.setattr("codemods.crossings.rounds.FILES_WORTH_A_PROCESS", 2)
    assert read_all(project, graph, contexts, processes=2).crossings == whole.crossings


def test_readers_that_are_kept_find_what_new_ones_find(project, graph, contexts, monkeypatch):
    monkeypatch.setattr("codemods.crossings.rounds.FILES_WORTH_A_PROCESS", 2)
    digests = sources.digest_files(project, sources.walk(project, (".py",)))
    pages = sources.digest_files(project, sources.walk(project, discover.TEMPLATE_SUFFIXES))
    views = (project / "shop/views.py").read_text()
    changed = {"shop/views.py": f"\n{views}", "shop/forms.py": None, "shop/more.py": views}

    def stop(step, _done, _total):
        if step == "round 2":
            raise KeyboardInterrupt

    def found(overlay, processes, **options):
        typed = survey_typed(
            project, graph, contexts, digests, pages, overlay=overlay, processes=processes,
            wanted=lambda _: {"shop/views.py"}, **options,
        )  # fmt: skip
        types = {path: file.types for path, file in typed.files.items()}
        return typed.survey, types, typed.reads, typed.walks, typed.definitions

    with Readers(project) as readers:
        before, after = found({}, 2, readers=readers), found(changed, 2, readers=readers)
        assert before == found({}, 1)
        assert after == found(changed, 1) != before
        with pytest.raises(KeyboardInterrupt):
            found({}, 2, readers=readers, progress=stop)
        assert found({}, 2, readers=readers) == before
        assert found({}, 1, readers=readers) == before


def test_a_file_that_cannot_be_parsed_is_reported_and_the_rest_goes_on(
    project, graph, contexts, whole
):
    write(project, "shop/broken.py", "def f(:\n")
    write(project, "shop/binary.py", "")
    (project / "shop/binary.py").write_bytes(b"# -*- coding: utf-8 -*-\nx = '\xff'\n")
    try:
        found = read_all(project, graph, contexts)
    finally:
        (project / "shop/broken.py").unlink()
        (project / "shop/binary.py").unlink()
    assert [path for path, _ in found.problems] == ["shop/binary.py", "shop/broken.py"]
    assert found.crossings == whole.crossings
