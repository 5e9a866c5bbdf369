"""Tasks of another service that are only sent: they are by their pinned names."""

import pytest

from codemods.extract.sent_tasks import only_sent, pinned
from codemods.extract.stand_ins import render
from tests.codemods.extract.test_closure import GRAPH

LETTERS = """
from celery import shared_task
from shop.celery import app

@shared_task(name="orders.mail_paid", bind=True)
def mail_paid(self, order_id): ...

@app.task(name="orders.mail_fans")
def mail_fans(product_id): ...

@shared_task
def unnamed(): ...
"""


def test_only_tasks_with_a_name_of_their_own_are_pinned():
    assert pinned(LETTERS) == {"mail_paid": "orders.mail_paid", "mail_fans": "orders.mail_fans"}


@pytest.mark.parametrize(
    ("text", "is_sent"),
    [
        ("on_commit(partial(mail_paid.delay, order.pk))", True),
        ("mail_paid.apply_async((1,), countdown=3); mail_paid.s(1)", True),
        ("mail_paid.delay(1); mail_paid(1)", False),
        ("mail_paid.run(1)", False),
        ("register(mail_paid)", False),
    ],
)
def test_what_is_more_than_sending(text, is_sent):
    assert only_sent(text, "mail_paid") == is_sent


def test_a_task_stands_in_by_its_name_unless_more_is_done_with_it():
    text = render(
        "shop.orders.letters", ["mail_paid", "mail_fans", "unnamed"], owner="orders", graph=GRAPH,
        values={}, blocked={"shop.orders.letters.mail_fans"}, source=LETTERS,
    )  # fmt: skip
    assert "from strangler.client.tasks import task\n" in text
    assert 'mail_paid = task("orders.mail_paid")' in text
    for other in ("mail_fans", "unnamed"):
        assert f'{other} = function_elsewhere("shop.orders.letters.{other}")' in text or (
            f'{other} = class_elsewhere("shop.orders.letters.{other}")' in text
        )
