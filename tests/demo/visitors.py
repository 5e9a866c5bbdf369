"""Who visits the shop and what they do: browsers without an account, sessions, token users."""

from __future__ import annotations

import random
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import requests
from requests.adapters import HTTPAdapter

from tests.servers.shop import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Sequence

READ = frozenset({200, 304})
CREATED = frozenset({201})


@dataclass(frozen=True)
class Visit:
    """One request to make. `json` is the body; `expected` are the statuses that are no failure."""

    kind: str
    path: str
    method: str = "GET"
    expected: frozenset[int] = READ
    moved: bool = False
    json: dict[str, object] | None = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Goods:
    """What the shop has: products to look at, others to buy, and paths to filter the list by.

    The two are kept apart because a purchase changes the stock in the monolith's database, and
    keeping a service's copy fresh is another subject than moving its traffic.
    """

    to_look_at: Sequence[int]
    to_buy: Sequence[int]
    slugs: Sequence[str]
    filters: Sequence[str]


def read_goods(url: str) -> Goods:
    """Ask the shop's own list what there is; the ten with most in stock are for sale here."""
    found = requests.get(f"{url}/api/products/?page_size=200", timeout=10).json()["results"]
    by_stock = sorted(found, key=lambda product: -product["available"])
    return Goods(
        to_look_at=[product["id"] for product in by_stock[10:]],
        to_buy=[product["id"] for product in by_stock[:10]],
        slugs=[product["slug"] for product in by_stock[10:40]],
        filters=[
            "", "page=2", "in_stock=true", "ordering=-price", "q=a", "min_price=20&max_price=200",
            *{f"category={product['category']['slug']}" for product in found[:5]},
        ],
    )  # fmt: skip


class Visitor:
    """One browser or program: its own cookies, its own random choices, one request at a time."""

    def __init__(self, number: int, goods: Goods, adapter: HTTPAdapter) -> None:
        self.number = number
        self.goods = goods
        self.http = requests.Session()
        self.http.mount("http://", adapter)
        self.random = random.Random(number)
        self.etags: dict[int, str] = {}
        self._todo: list[Visit] = []

    def next_visit(self) -> Visit:
        """Return the next request: what was begun is finished first."""
        if not self._todo:
            self._todo = self.plan()
        return self._todo.pop(0)

    def plan(self) -> list[Visit]:
        """Return one or more requests that belong together."""
        pick = self.random.random()
        if pick < 0.65:
            return [self.look_at_product()]
        if pick < 0.80:
            chosen = self.random.choice(self.goods.filters)
            return [Visit("list", f"/api/products/?{chosen}")]
        if pick < 0.86:
            return [Visit("categories", "/api/categories/")]
        if pick < 0.94:
            slug = self.random.choice(self.goods.slugs)
            page = self.random.choice(("/", "/products/", f"/products/{slug}/"))
            return [Visit("page", page)]
        return [Visit("static", "/static/shop/shop.css")]

    def look_at_product(self) -> Visit:
        """Look at one product; sometimes with the ETag of the last look."""
        key = self.random.choice(self.goods.to_look_at)
        known = self.etags.get(key)
        headers = {"If-None-Match": known} if known and self.random.random() < 0.5 else {}
        return Visit("detail", f"/api/products/{key}/", moved=True, headers=headers)

    def learn(self, visit: Visit, answer: requests.Response) -> None:
        """Keep what a browser would keep of an answer."""
        if visit.moved and "ETag" in answer.headers:
            self.etags[int(visit.path.split("/")[3])] = answer.headers["ETag"]


class SessionVisitor(Visitor):
    """Signed in by session cookie: reads its pages, fills its cart with the CSRF token."""

    def sign_in(self, url: str, email: str) -> None:
        form = {"email": email, "password": PASSWORD}
        self.http.post(f"{url}/api/auth/login/", json=form, timeout=60).raise_for_status()

    def plan(self) -> list[Visit]:
        pick = self.random.random()
        if pick < 0.5:
            return super().plan()
        if pick < 0.75:
            return [Visit("page", self.random.choice(("/account/", "/orders/")))]
        if pick < 0.9:
            return [Visit("cart", "/api/cart/")]
        line = {"product": self.random.choice(self.goods.to_buy), "quantity": 1}
        token = self.http.cookies.get("csrftoken") or ""
        return [
            Visit("cart", "/api/cart/lines/", "POST", CREATED, json=line,
                  headers={"X-CSRFToken": token}),
        ]  # fmt: skip


class TokenVisitor(Visitor):
    """A program with a token: browses, reads its orders, buys."""

    def sign_in(self, url: str, email: str) -> None:
        form = {"email": email, "password": PASSWORD}
        answer = self.http.post(f"{url}/api/auth/token/", json=form, timeout=60)
        answer.raise_for_status()
        self.http.headers["Authorization"] = f"Token {answer.json()['token']}"
        self.address = self._first(f"{url}/api/users/me/addresses/")
        self.method = self._first(f"{url}/api/payment-methods/")

    def _first(self, url: str) -> int:
        found = self.http.get(url, timeout=10).json()
        rows = found["results"] if isinstance(found, dict) else found
        return int(rows[0]["id"])

    def plan(self) -> list[Visit]:
        pick = self.random.random()
        if pick < 0.6:
            return super().plan()
        if pick < 0.85:
            return [Visit("orders", "/api/orders/")]
        line = {"product": self.random.choice(self.goods.to_buy), "quantity": 1}
        order: dict[str, object] = {
            "shipping_address": self.address, "payment_method": self.method,
        }  # fmt: skip
        once = {"Idempotency-Key": uuid.uuid4().hex}
        return [
            Visit("cart", "/api/cart/lines/", "POST", CREATED, json=line),
            Visit("checkout", "/api/checkout/", "POST", CREATED, json=order, headers=once),
        ]


def make_guests(goods: Goods, *, first: int, count: int, connections: int) -> list[Visitor]:
    """Return visitors without an account, numbered from `first`."""
    adapter = HTTPAdapter(pool_connections=1, pool_maxsize=connections)
    return [Visitor(number, goods, adapter) for number in range(first, first + count)]


def make_members(
    url: str, goods: Goods, *, sessions: int, tokens: int, connections: int
) -> list[Visitor]:
    """Return visitors with an account, signed in; they are user2, user3 and so on."""
    adapter = HTTPAdapter(pool_connections=1, pool_maxsize=connections)
    kinds = [*[SessionVisitor] * sessions, *[TokenVisitor] * tokens]
    members = [kind(number, goods, adapter) for number, kind in enumerate(kinds, start=2)]
    with ThreadPoolExecutor(max_workers=2) as pool:
        for signed_in in [
            pool.submit(member.sign_in, url, f"user{member.number}@shop.test") for member in members
        ]:
            signed_in.result()
    return [*members]
