"""Payment methods: only one's own, and the token never comes out."""

import pytest

from monolith.payments.factories import PaymentFactory, PaymentMethodFactory
from monolith.payments.models import PaymentMethod

pytestmark = pytest.mark.django_db

URL = "/api/payment-methods/"


def body_of(method, **changes):
    return {
        "id": method.pk,
        "kind": "card",
        "last4": "4242",
        "brand": "Visa",
        "is_default": False,
        "created_at": method.created_at.isoformat().replace("+00:00", "Z"),
    } | changes


def test_the_list_holds_ones_own(customer, django_assert_num_queries):
    PaymentMethodFactory()
    second = PaymentMethodFactory(user=customer.user, is_default=True)
    with django_assert_num_queries(3):
        response = customer.api.get(URL)
    assert response.status_code == 200
    assert response.json() == [body_of(customer.method), body_of(second, is_default=True)]


def test_the_first_method_is_the_default(customer, staff):
    wish = {"kind": "paypal", "token": "tok_paypal"}
    first = staff.post(URL, wish)
    assert first.status_code == 201
    method = PaymentMethod.objects.get(pk=first.json()["id"])
    assert first.json() == body_of(method, kind="paypal", last4="", brand="", is_default=True)
    assert method.token == "tok_paypal"
    assert staff.post(URL, wish).json()["is_default"] is False


def test_there_is_one_default(customer):
    PaymentMethod.objects.update(is_default=True)
    wish = {"token": "t", "brand": "Visa", "last4": "1111", "is_default": True}
    other = customer.api.post(URL, wish)
    assert other.json()["is_default"] is True
    assert customer.api.get(f"{URL}{customer.method.pk}/").json()["is_default"] is False
    again = customer.api.patch(f"{URL}{customer.method.pk}/", {"is_default": True})
    assert again.json() == body_of(customer.method, is_default=True)
    assert customer.user.payment_methods.filter(is_default=True).count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "token"),
        ({"token": "t", "kind": "cash"}, "kind"),
        ({"token": "t", "last4": "12a4"}, "last4"),
        ({"token": "t", "last4": "12"}, "last4"),
    ],
)
def test_bad_methods_are_named_by_field(customer, body, field):
    response = customer.api.post(URL, body)
    assert response.status_code == 400
    assert list(response.json()["error"]["fields"]) == [field]


def test_a_default_is_not_simply_taken_away(customer):
    response = customer.api.patch(f"{URL}{customer.method.pk}/", {"is_default": False})
    assert response.status_code == 400
    assert response.json()["error"]["fields"] == {
        "is_default": ["Make another method the default instead."]
    }


def test_a_method_can_be_forgotten_until_something_was_paid_with_it(customer):
    url = f"{URL}{customer.method.pk}/"
    payment = PaymentFactory(method=customer.method, order__user=customer.user)
    response = customer.api.delete(url)
    assert response.status_code == 409
    assert response.json() == {
        "error": {
            "code": "payment_method_in_use",
            "message": "Orders were paid with this method; it cannot be deleted.",
        }
    }
    payment.delete()
    assert customer.api.delete(url).status_code == 204
    assert not PaymentMethod.objects.exists()


def test_methods_of_others_are_not_found(customer):
    url = f"{URL}{PaymentMethodFactory().pk}/"
    for call in (customer.api.get, customer.api.patch, customer.api.delete):
        assert call(url).status_code == 404


def test_methods_need_an_account(anonymous):
    assert anonymous.get(URL).status_code == 401


def test_closing_an_account_forgets_unused_cards(customer):
    used = PaymentMethodFactory(user=customer.user)
    PaymentFactory(method=used, order__user=customer.user)
    customer.user.is_active = False
    customer.user.save()
    assert list(PaymentMethod.objects.all()) == [used]
