"""The category tree."""

import pytest

from monolith.products.factories import CategoryFactory, ProductFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree():
    kitchen = CategoryFactory(name="Kitchen")
    pans = CategoryFactory(name="Pans", parent=kitchen)
    iron = CategoryFactory(name="Iron", parent=pans)
    books = CategoryFactory(name="Books")
    ProductFactory(category=kitchen)
    ProductFactory.create_batch(2, category=iron)
    ProductFactory(category=iron, is_active=False)
    return {"kitchen": kitchen, "pans": pans, "iron": iron, "books": books}


def expected(category, count, *children):
    return {
        "id": category.pk,
        "name": category.name,
        "slug": category.slug,
        "product_count": count,
        "children": list(children),
    }


def test_the_tree_counts_whole_subtrees_in_one_query(api, tree, django_assert_num_queries):
    with django_assert_num_queries(1):
        response = api.get("/api/categories/")
    iron = expected(tree["iron"], 2)
    assert response.status_code == 200
    assert response.json() == [
        expected(tree["books"], 0),
        expected(tree["kitchen"], 3, expected(tree["pans"], 2, iron)),
    ]


def test_one_category_comes_with_its_subtree(api, tree, django_assert_num_queries):
    with django_assert_num_queries(1):
        response = api.get(f"/api/categories/{tree['pans'].pk}/")
    assert response.json() == expected(tree["pans"], 2, expected(tree["iron"], 2))


def test_an_unknown_category_is_not_found(api):
    response = api.get("/api/categories/999/")
    assert response.status_code == 404
    assert response.json() == {"error": {"code": "not_found", "message": "Not found."}}
