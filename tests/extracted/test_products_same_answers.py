"""Monolith and products service, as real processes, answer the same requests the same way."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
import requests

from tests.extracted.answers import Ask, ask, assert_same
from tests.servers.shop import CUSTOMER, PASSWORD, STAFF

if TYPE_CHECKING:
    from tests.servers.shop import Shop

pytestmark = pytest.mark.timeout(240)

LISTS = [
    f"/api/products/{query}"
    for query in (
        "", "?page=2", "?page=last", "?page=0", "?page=999", "?page=x", "?page_size=5",
        "?page_size=5&page=3", "?page_size=0", "?page_size=1000", "?page_size=-1",
        "?category=none", "?category=", "?q=a", "?q=a+e", "?q=%25", "?q=%C3%A9&page_size=3",
        "?q=nothing-has-this", "?min_price=20", "?max_price=20", "?min_price=10&max_price=50",
        "?min_price=10.005", "?min_price=cheap", "?max_price=1e400", "?min_price=", "?min_price=-1",
        "?in_stock=true", "?in_stock=false", "?in_stock=maybe", "?tag=none", "?ordering=name",
        "?ordering=-name", "?ordering=price", "?ordering=-price", "?ordering=created_at",
        "?ordering=-created_at", "?ordering=units_sold", "?ordering=-units_sold",
        "?ordering=rating", "?ordering=-rating", "?ordering=price,-name", "?ordering=secret",
        "?unknown=1", "?in_stock=true&ordering=-price&page_size=7", "?format=json", "?format=xml",
        "?page=1&page=2", "?q=a&q=zzz", "?%00", "?q=%00", "?q=%FF",
    )
]  # fmt: skip
DETAILS = [
    path.format(id=key)
    for path in ("/api/products/{id}/", "/api/products/{id}/stock/", "/api/products/{id}/reviews/")
    for key in (1, 2, 3, 17, 60, 0, 99999, 99999999999999999999, "x", "-1", "1.0", "01")
]
OTHERS = [
    "/api/products/1/reviews/?page_size=1", "/api/products/1/reviews/?page_size=1&page=2",
    "/api/products/1/reviews/?page=99", "/api/categories/", "/api/categories/?x=1",
    "/api/categories/1/", "/api/categories/2/", "/api/categories/9999/", "/api/categories/x/",
    "/api/products", "/api/products/1", "/api/categories", "/api//products/", "/api/nothing/",
    "/healthz", "/readyz",
]  # fmt: skip
PATHS = ("/api/products/", "/api/products/1/", "/api/products/1/reviews/", "/api/categories/")
METHODS = [
    Ask(path, method, headers={"Content-Type": "application/json"} if body else {}, body=body)
    for path in (*PATHS, "/api/products/1/stock/", "/api/products/99999/")
    for method, body in (
        ("HEAD", None), ("OPTIONS", None), ("POST", "{}"), ("PATCH", "{}"), ("PUT", "{}"),
        ("DELETE", None), ("POST", "{not json"),
    )
]  # fmt: skip
FORMATS = [
    Ask(path, headers={"Accept": accept})
    for path in PATHS
    for accept in (
        "text/html", "application/json", "application/xml", "*/*", "application/json;indent=4",
        "application/json; version=2", "nonsense",
    )
]  # fmt: skip
PEOPLE = [
    Ask(path, who=who)
    for path in (*PATHS, "/api/products/1/stock/")
    for who in ("token", "staff token", "bad token", "empty token", "basic", "session")
] + [
    Ask("/api/products/1/", "PATCH", who="token"),
    *(
        Ask(path, "OPTIONS", who=who)
        for path in PATHS
        for who in ("token", "staff token", "session")
    ),
]
ASKS = [*(Ask(path) for path in LISTS + DETAILS + OTHERS), *METHODS, *FORMATS, *PEOPLE]


@pytest.fixture(scope="module")
def credentials(shop: Shop) -> dict[str, dict[str, str]]:
    """Return headers by name of who asks; the accounts are the monolith's."""
    url = shop.monolith.url

    def token(email: str) -> dict[str, str]:
        form = {"email": email, "password": PASSWORD}
        answer = requests.post(f"{url}/api/auth/token/", json=form, timeout=9).json()
        return {"Authorization": f"Token {answer['token']}"}

    browser = requests.Session()
    assert browser.post(
        f"{url}/api/auth/login/", json={"email": CUSTOMER, "password": PASSWORD}, timeout=9
    ).ok
    return {
        "": {},
        "token": token(CUSTOMER),
        "staff token": token(STAFF),
        "bad token": {"Authorization": "Token 0123456789"},
        "empty token": {"Authorization": "Token"},
        "basic": {"Authorization": "Basic dXNlcjpwYXNz"},
        "session": {"Cookie": "; ".join(f"{c.name}={c.value}" for c in browser.cookies)},
    }


@pytest.mark.parametrize("wanted", ASKS, ids=str)
def test_answers_are_the_same(shop, credentials, wanted):
    assert_same(shop, wanted, credentials)


def test_every_filter_value_of_the_catalogue(shop, credentials):
    categories = requests.get(f"{shop.monolith.url}/api/categories/", timeout=9).json()
    products = requests.get(f"{shop.monolith.url}/api/products/?page_size=200", timeout=9).json()
    slugs = [node["slug"] for tree in categories for node in (tree, *tree["children"])]
    tags = sorted({tag for product in products["results"] for tag in product["tags"]})
    assert slugs
    assert tags
    for query in [f"category={slug}" for slug in slugs] + [f"tag={tag}" for tag in tags]:
        assert_same(shop, Ask(f"/api/products/?page_size=200&{query}"), credentials)


def test_every_product_seen_by_the_public_and_by_staff(shop, credentials):
    statuses = set()
    for key in range(1, 62):
        for who in ("", "staff token"):
            status = assert_same(shop, Ask(f"/api/products/{key}/", who=who), credentials)
            statuses.add((who, status))
    assert ("", 200) in statuses


@pytest.mark.parametrize("weak", [False, True])
def test_conditional_requests_across_the_two(shop, credentials, weak):
    """A client may learn an ETag from one side and send it to the other."""
    first = ask(shop.monolith, Ask("/api/products/1/"), credentials)
    etag = f"W/{first.headers['ETag']}" if weak else first.headers["ETag"]
    for headers in (
        {"If-None-Match": etag},
        {"If-None-Match": '"another"'},
        {"If-None-Match": "*"},
        {"If-Match": '"another"'},
        {"If-Match": etag},
        {"If-Modified-Since": first.headers["Last-Modified"]},
        {"If-Unmodified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"},
        {"If-Modified-Since": "yesterday"},
    ):
        assert_same(shop, Ask("/api/products/1/", headers=headers), credentials)
    assert ask(shop.products, Ask("/api/products/1/", headers={"If-None-Match": etag}),
               credentials).status_code == 304  # fmt: skip


def test_both_run_in_processes_of_their_own(shop):
    assert shop.monolith.database_url != shop.products.database_url
    assert os.environ.get("DATABASE_URL") not in (
        shop.monolith.database_url, shop.products.database_url,
    )  # fmt: skip
