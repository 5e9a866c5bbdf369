"""The audit log points at anything, and tells who did it."""

import pytest
from django.contrib.auth.models import AnonymousUser

from monolith.audit.models import AuditEntry
from monolith.audit.selectors import busiest_actors, entries_about
from monolith.audit.services import record
from monolith.orders.factories import OrderFactory
from monolith.products.factories import ProductFactory
from monolith.users.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_an_entry_points_at_any_model(customer):
    order, product = OrderFactory(), ProductFactory()
    entries = [
        record(actor=customer.user, verb="seen", target=target) for target in (order, product)
    ]
    assert [AuditEntry.objects.get(pk=entry.pk).target for entry in entries] == [order, product]


def test_targets_of_many_kinds_are_read_in_one_query_each(customer, django_assert_num_queries):
    AuditEntry.objects.all().delete()
    for target in (OrderFactory(), OrderFactory(), customer.user):
        record(actor=None, verb="seen", target=target)
    with django_assert_num_queries(3):
        seen = list(AuditEntry.objects.filter(verb="seen").prefetch_related("target"))
        assert all(entry.target for entry in seen)


def test_who_is_not_signed_in_is_nobody():
    entry = record(actor=AnonymousUser(), verb="seen", target=UserFactory())
    assert entry.actor is None
    assert str(entry).startswith("system seen ")


def test_entries_about_one_thing_come_newest_first(customer, django_assert_num_queries):
    order = OrderFactory()
    record(actor=None, verb="other", target=OrderFactory())
    for verb in ("first", "second"):
        record(actor=customer.user, verb=verb, target=order)
    with django_assert_num_queries(1):
        entries = list(entries_about(order))
        assert {entry.actor.profile.loyalty_points for entry in entries} == {0}
    assert [entry.verb for entry in entries] == ["second", "first"]


def test_the_busiest_are_counted(customer, db):
    AuditEntry.objects.all().delete()
    quiet = UserFactory(email="bo@example.com")
    for _ in range(3):
        record(actor=customer.user, verb="seen", target=quiet)
    gone = UserFactory(is_active=False)
    record(actor=gone, verb="seen", target=quiet)
    assert busiest_actors(limit=5) == [("ann@example.com", 3), ("bo@example.com", 1)]


def test_users_and_counted_stock_are_noted_by_themselves():
    user = UserFactory(email="bo@example.com")
    product = ProductFactory(sku="LAMP", stock__quantity=4)
    assert AuditEntry.objects.get(verb="user.registered", actor=user).data == {
        "email": "bo@example.com"
    }
    entry = AuditEntry.objects.filter(verb="stock.counted").first()
    assert (entry.target, entry.data) == (product, {"sku": "LAMP", "quantity": 4})
