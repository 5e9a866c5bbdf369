"""A small catalogue, and a stand-in monolith that tells who a credential belongs to."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from products_service.products.models import Category, PriceChange, Product, Review, Tag
from products_service.replicas.models import UnitsSold, UserName


@pytest.fixture
def client() -> APIClient:
    return APIClient()


@pytest.fixture
def catalogue(db) -> dict[str, Product]:
    tools = Category.objects.create(name="Tools", slug="tools")
    saws = Category.objects.create(name="Saws", slug="saws", parent=tools)
    sharp = Tag.objects.create(name="Sharp", slug="sharp")
    saw = Product.objects.create(
        sku="S-1", name="Saw", slug="saw", category=saws, price=Decimal("12.50"), created_by_id=7
    )
    hammer = Product.objects.create(
        sku="H-1", name="Hammer", slug="hammer", category=tools, price=Decimal("9.99")
    )
    hidden = Product.objects.create(
        sku="X-1", name="Hidden", slug="hidden", category=tools, price=1, is_active=False
    )
    saw.tags.add(sharp)
    saw.stock.quantity = 5
    saw.stock.reserved = 2
    saw.stock.save()
    for author in range(1, 8):
        Review.objects.create(product=saw, author_id=author, rating=1 + author % 5, text="Fine.")
    PriceChange.objects.create(product=saw, price=saw.price, changed_by_id=7)
    UserName.objects.create(user_id=7, public_name="Ada L.")
    UnitsSold.objects.create(product_id=saw.pk, units=41)
    return {"saw": saw, "hammer": hammer, "hidden": hidden}


@dataclass
class Accounts:
    """The stand-in: credentials it knows, and how often it was asked."""

    url: str = ""
    users: dict[str, dict] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def accounts(settings) -> Iterator[Accounts]:
    known = Accounts()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            credential = self.headers.get("Authorization") or self.headers.get("Cookie", "")
            known.asked.append(credential)
            user = known.users.get(credential)
            refusal = {"error": {"code": "authentication_failed", "message": "Invalid token."}}
            content = json.dumps(user or refusal).encode()
            self.send_response(200 if user else 401)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    settings.IDENTITY_URL = known.url = f"http://127.0.0.1:{server.server_port}"
    cache.clear()
    yield known
    server.shutdown()
    server.server_close()
