"""Random lookups through diverted relations find the same rows once ids stand for the joins.

Conditions over relations that are null or not, beyond which columns are null or not, are put
together by filter(), exclude(), get(), Q, `|`, `&`, `~` and chaining, and run on a real database.
"""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from codemods.transforms import relations
from monolith.orders.factories import OrderFactory, OrderLineFactory
from monolith.orders.models import OrderStatusChange
from monolith.payments.factories import PaymentFactory
from monolith.users.factories import AddressFactory, UserFactory
from monolith.users.models import Profile
from tests.codemods.transforms.test_equivalence import Bench, answers

HEADER = """\
import datetime
from django.db.models import Count, F, Q
from django.shortcuts import get_object_or_404
from monolith.orders.models import Order, OrderLine, OrderStatusChange
from monolith.payments.models import Payment


"""
CONDITIONS = {
    "OrderStatusChange": (
        "changed_by__email='ada@shop.test'", "changed_by__email__icontains='O@'",
        "changed_by__first_name__in=['Ada', 'Cyd']", "changed_by__profile__birth_date=born",
        "changed_by__last_login=moment", "changed_by__last_login__in=[moment]",
        "changed_by__profile__phone__startswith=text", "changed_by__email__iexact=text",
        "order__user__email__iexact='BO@shop.test'", "order__shipping_address__city=text",
        "order__shipping_address__user__first_name='Ada'", "note=text", "to_status='paid'",
        "order__total__gt=15", "changed_by=None", "changed_by__isnull=True",
        "changed_by__pk=second", "changed_by__id__lt=second", "changed_by__in=[second, 1]",
    ),
    "Order": (
        "user__email__startswith='a'", "user__profile__birth_date__year=1815", "total__gt=15",
        "shipping_address__city__in=('Rome', 'Oslo')", "shipping_address__user__last_login=moment",
        "user__pk=second", "user__id__in=(second, 1)", "status='paid'", "lines__quantity__gt=1",
        "status_changes__note=text",
        "status_changes__changed_by__email='bo@shop.test'",
        "status_changes__changed_by__first_name__istartswith='a'",
    ),
    "OrderLine": (
        "order__user__email__contains='a'", "order__shipping_address__city=text", "quantity__gt=1",
        "order__user__first_name='Bo'",
        "order__status_changes__changed_by__profile__phone__in=['1', '2']",
    ),
    "Payment": (
        "order__user__in=[second]", "order__user__pk__gte=second",
        "order__user__email='ada@shop.test'", "order__shipping_address__postcode__in=['1', '2']",
        "captured_at=None", "order__total__gt=15",
    ),
}  # fmt: skip


@st.composite
def formulas(draw, model):
    """Give `Q(a) | ~(Q(b) & Q(c))`, not deeper than three."""
    one = st.sampled_from(CONDITIONS[model]).map("Q({})".format)
    return draw(
        st.recursive(
            one,
            lambda inner: st.one_of(
                st.tuples(inner, st.sampled_from("|&"), inner).map("({0[0]} {0[1]} {0[2]})".format),
                inner.map("~{}".format),
            ),
            max_leaves=3,
        )
    )


@st.composite
def bodies(draw):
    """Give a function's body that looks rows up."""
    model = draw(st.sampled_from(sorted(CONDITIONS)))
    query = f"{model}.objects"
    for _ in range(draw(st.integers(1, 3))):
        verb = draw(st.sampled_from(("filter", "exclude")))
        plain = st.lists(
            st.sampled_from(CONDITIONS[model]), min_size=1, max_size=3 if verb == "filter" else 1,
            unique_by=lambda text: text.partition("=")[0],
        ).map(", ".join)  # fmt: skip
        query += f".{verb}({draw(st.one_of(plain, formulas(model)))})"
    condition = draw(st.sampled_from(CONDITIONS[model]))
    return draw(
        st.sampled_from(
            (
                f"return list({query}.order_by('pk').values_list('pk', flat=True))",
                f"return sorted({query}.distinct().values_list('pk', flat=True))",
                f"return {query}.count(), {query}.exists()",
                (
                    "rows = OrderStatusChange.objects.annotate("
                    "by=F('changed_by'), buyers=Count('order__user__pk')).order_by('pk')\n"
                    "    return list(rows.values_list('by', 'buyers'))"
                ),
                f"return [row.pk for row in {query}.select_related().order_by('-pk')[:3]]",
                f"return {model}.objects.get({condition}).pk",
                f"return get_object_or_404({query}, {condition}).pk",
                f"return get_object_or_404({model}, {condition}, pk__gt=0).pk",
                f"return {query}.order_by().delete()[0] if {query}.exists() else 0",
            )
        )
    )


@st.composite
def modules(draw):
    arguments = "second: int, moment: datetime.datetime, born: datetime.date, text: str"
    some = draw(st.lists(bodies(), min_size=60, max_size=80))
    return HEADER + "\n\n".join(
        f"def answer_{number:02}({arguments}):\n    {body}\n" for number, body in enumerate(some)
    )


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    folder = tmp_path_factory.mktemp("joined")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        yield Bench(folder)


@pytest.fixture
def shop(db):
    moment = datetime(2024, 5, 1, tzinfo=UTC)
    ada = UserFactory(first_name="Ada", email="ada@shop.test", last_login=moment)
    bo = UserFactory(first_name="Bo", email="bo@shop.test")
    cyd = UserFactory(first_name="Cyd", email="cyd@shop.test", last_login=moment)
    Profile.objects.filter(user=ada).update(birth_date=date(1815, 12, 10), phone="Rome 1")
    Profile.objects.filter(user=bo).update(phone="2")
    Profile.objects.filter(user=cyd).delete()
    addresses = [AddressFactory(user=user, city=city) for user, city in
                 ((ada, "Rome"), (bo, "Oslo"), (cyd, "Rome"))]  # fmt: skip
    orders = [
        OrderFactory(
            user=user, shipping_address=address, total=total, placed_at=moment, status=status
        )
        for user, address, total, status in (
            (ada, addresses[0], 10, "paid"), (ada, addresses[1], 20, "pending"),
            (bo, addresses[1], 30, "paid"), (cyd, addresses[2], 40, "shipped"),
        )
    ]  # fmt: skip
    for order, quantity in ((orders[0], 1), (orders[0], 2), (orders[2], 2)):
        OrderLineFactory(order=order, quantity=quantity)
    for order, user, note in (
        (orders[0], ada, "Rome"), (orders[0], None, ""), (orders[1], bo, "Rome"),
        (orders[1], ada, ""), (orders[2], None, "Rome"), (orders[3], cyd, ""),
    ):  # fmt: skip
        OrderStatusChange.objects.create(
            order=order, changed_by=user, note=note, to_status=order.status
        )
    PaymentFactory(order=orders[0], captured_at=moment)
    PaymentFactory(order=orders[3], captured_at=None)
    return {
        "second": bo.pk, "moment": moment, "born": date(1815, 12, 10) + timedelta(0),
        "text": "Rome",
    }  # fmt: skip


@settings(
    max_examples=1,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # each example reads a project
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(text=modules())
def test_ids_in_place_of_joins_find_the_same_rows(text, bench, shop):
    decided = dict.fromkeys(relations.candidates(bench.graph, bench.contexts, "users"), "")
    before = answers(text, shop)

    after = bench.rewritten(text, "users", ["joins", "key"], decided)

    assert "users_client.find_" in after
    assert answers(after, shop) == before
