"""Which methods may travel with a row: those that read its columns, and whether they may fail."""

import ast
import textwrap

import pytest

from codemods.contract.members import Sources, cost_of, cost_of_text
from codemods.contract.purity import Reading
from tests.codemods.contract.conftest import ROOT

USERS, ORDERS = "monolith/users/models.py", "monolith/orders/models.py"
CHEAP = [
    "return self.email",
    "return self.pk",
    "'''Say it.'''\nname = self.email.split('@')\nreturn ', '.join(part.title() for part in name)",
    "return f'{self.first_name} {self.get_short_name()}'.strip()",
    "if self.is_staff:\n    return 'staff'\nreturn self.full_name",
    "return self.first_name if self.is_active else ''",
    "return len(self.email) + 1 > 5 and not self.is_staff",
    "return {'name': self.full_name, 'parts': [self.email[:3], (1, 2)]}",
    "return settings.SITE + self.email",
    "return str(self)",
]
COSTLY = [
    "return self.orders.count()",
    "return self.profile.phone",
    "return self.groups.all()",
    "return User.objects.filter(pk=self.pk).exists()",
    "return timezone.now()",
    "return anything(self.email)",
    "self.email = ''\nreturn 1",
    "self.save()",
    "for order in self.orders.all():\n    return order",
    "import os\nreturn os.getcwd()",
    "return self.check_password('x')",
    "return self.nonsense",
    "raise ValueError(self.email)",
    "return unknown",
    "return [order.pk for order in self.orders.all()]",
    "return str(self.profile.user.orders)",
]
MAY_FAIL = [
    "return self.last_login",
    "return self.email[0]",
    "return int(self.first_name)",
    "return 1 / len(self.email)",
    "return reverse('user', args=[self.pk])",
    "return self.public_name",
]


def read(shop, code, label="users.User", path=USERS):
    graph, _ = shop
    function = ast.parse("def member(self):\n" + textwrap.indent(code, "    ")).body[0]
    reading = Reading(graph, Sources(ROOT), label, path)
    return reading.is_pure(function) and not reading.loads, reading


@pytest.mark.parametrize("code", CHEAP)
def test_reading_columns_is_cheap_and_cannot_fail(shop, code):
    is_cheap, reading = read(shop, code)
    assert is_cheap
    assert not reading.may_fail


@pytest.mark.parametrize("code", COSTLY)
def test_anything_that_may_query_or_change_is_costly(shop, code):
    assert not read(shop, code)[0]


@pytest.mark.parametrize("code", MAY_FAIL)
def test_computing_that_depends_on_the_row_may_fail(shop, code):
    is_cheap, reading = read(shop, code)
    assert is_cheap
    assert reading.may_fail


def test_constants_of_classes_are_cheap(shop):
    for code in ("return self.status == Order.Status.PAID", "return self.Status.PAID",
                 "return NUMBER_ALPHABET + self.number"):  # fmt: skip
        assert read(shop, code, "orders.Order", ORDERS)[0]
    assert not read(shop, "return Order.objects", "orders.Order", ORDERS)[0]
    assert not read(shop, "return secrets", "orders.Order", ORDERS)[0]


def test_relations_walked_for_a_text_are_told(shop):
    graph, _ = shop
    cost = cost_of_text(graph, Sources(ROOT), "users.Profile")
    assert (cost.is_pure, cost.loads) == (True, ("user",))


def test_members_are_told_by_kind_type_and_arguments(shop):
    graph, _ = shop
    sources = Sources(ROOT)
    full_name = cost_of(graph, sources, "users.User", "full_name")
    assert (full_name.is_cheap, full_name.is_method, full_name.type) == (True, False, "str")
    display = cost_of(graph, sources, "orders.Order", "get_status_display")
    assert (display.is_cheap, display.is_method, display.type) == (True, True, "str")
    assert cost_of(graph, sources, "users.User", "check_password").needs == 1
    assert cost_of(graph, sources, "users.User", "is_authenticated").type == "bool"
    refunded = cost_of(graph, sources, "payments.Payment", "refunded_amount")
    assert (refunded.is_cheap, refunded.type) == (False, "Decimal")
    assert cost_of(graph, sources, "users.User", "nothing_such") is None


def test_source_that_cannot_be_read_is_costly(shop, tmp_path):
    graph, _ = shop
    assert not cost_of(graph, Sources(tmp_path), "users.User", "full_name").is_cheap
