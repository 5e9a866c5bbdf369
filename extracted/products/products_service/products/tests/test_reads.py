"""What the catalogue answers, without any other process."""

import pytest

pytestmark = pytest.mark.django_db


def names(response) -> list[str]:
    return [product["name"] for product in response.json()["results"]]


def test_list_shows_active_products_with_their_sales(client, catalogue):
    first, second = client.get("/api/products/").json()["results"]
    assert (first["name"], first["units_sold"], first["rating"]) == ("Hammer", 0, None)
    assert second["name"] == "Saw"
    assert second["price"] == "12.50"
    assert (second["available"], second["units_sold"], second["review_count"]) == (3, 41, 7)
    assert second["tags"] == ["sharp"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("category=tools", ["Hammer", "Saw"]),
        ("category=saws", ["Saw"]),
        ("category=none", []),
        ("q=saw", ["Saw"]),
        ("min_price=10", ["Saw"]),
        ("max_price=10", ["Hammer"]),
        ("in_stock=true", ["Saw"]),
        ("in_stock=false", ["Hammer"]),
        ("tag=sharp", ["Saw"]),
        ("ordering=-name", ["Saw", "Hammer"]),
        ("ordering=-units_sold", ["Saw", "Hammer"]),
        ("page_size=1&page=2", ["Saw"]),
    ],
)
def test_filters_choose_and_order(client, catalogue, query, expected):
    assert names(client.get(f"/api/products/?{query}")) == expected


def test_page_links_keep_the_host_that_was_asked(client, catalogue):
    body = client.get("/api/products/?page_size=1", headers={"host": "localhost:8080"}).json()
    assert body["next"] == "http://localhost:8080/api/products/?page=2&page_size=1"


def test_bad_filter_is_told_in_the_error_shape(client, catalogue):
    response = client.get("/api/products/?min_price=cheap")
    assert response.status_code == 400
    assert response.json()["error"]["fields"] == {"min_price": ["Enter a number."]}


def test_detail_names_people_by_replica(client, catalogue):
    body = client.get(f"/api/products/{catalogue['saw'].pk}/").json()
    assert body["created_by"] == {"id": 7, "name": "Ada L."}
    assert [review["author"]["name"] for review in body["latest_reviews"]] == [
        "Ada L.", *["A customer"] * 4,
    ]  # fmt: skip
    assert client.get(f"/api/products/{catalogue['hammer'].pk}/").json()["created_by"] is None


def test_detail_takes_a_fixed_number_of_queries(client, catalogue, django_assert_num_queries):
    with django_assert_num_queries(4):
        client.get(f"/api/products/{catalogue['saw'].pk}/")


def test_list_takes_a_fixed_number_of_queries(client, catalogue, django_assert_num_queries):
    with django_assert_num_queries(3):
        client.get("/api/products/")


def test_known_answer_is_not_sent_again(client, catalogue):
    path = f"/api/products/{catalogue['saw'].pk}/"
    first = client.get(path)
    again = client.get(path, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(path, headers={"if-none-match": '"other"'}).status_code == 200


def test_inactive_and_unknown_products_are_not_found(client, catalogue):
    for key in (catalogue["hidden"].pk, 999_999):
        response = client.get(f"/api/products/{key}/")
        assert response.status_code == 404
        assert response.json()["error"]["code"] == "not_found"


def test_reviews_come_newest_first(client, catalogue):
    body = client.get(f"/api/products/{catalogue['saw'].pk}/reviews/").json()
    ids = [review["id"] for review in body["results"]]
    assert body["count"] == 7
    assert ids == sorted(ids, reverse=True)


def test_category_counts_its_subtree(client, catalogue):
    [tools] = client.get("/api/categories/").json()
    assert (tools["product_count"], tools["children"][0]["product_count"]) == (2, 1)
    assert client.get(f"/api/categories/{tools['id']}/").json() == tools


def test_unknown_address_is_told_in_the_error_shape(client):
    assert client.get("/api/nothing/").json()["error"]["code"] == "not_found"


def test_probes(client):
    assert client.get("/healthz").content == client.get("/readyz").content == b"ok"
