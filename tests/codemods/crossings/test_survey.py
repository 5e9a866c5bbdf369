"""The project as a whole: declarations, templates, migrations, and what processes share."""

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
