"""A run does its steps once, undoes them where one fails, and goes on where it was left."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from strangler.client.idempotency import keys
from strangler.client.saga.definition import Saga, Step
from strangler.client.saga.failures import SagaBusyError, SagaUndoneError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defined")]


class DeclinedError(Exception):
    pass


class World:
    """What the steps of a test have done."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.failing: set[str] = set()

    def step(self, name: str, **options) -> Step:
        def do(data):
            self.told.append(f"do {name}")
            if name in self.failing:
                raise DeclinedError(f"no {name}")
            return {name: data["cart"]}

        def undo(data):
            self.told.append(f"undo {name}")
            if f"undo {name}" in self.failing:
                raise DeclinedError(f"cannot undo {name}")

        return Step(name, do, undo, **options)

    def checkout(self) -> Saga:
        return Saga(
            "checkout",
            [
                self.step("stock"),
                self.step("payment"),
                self.step("order", pivot=True, is_local=True),
                self.step("points"),
            ],
        )


@pytest.fixture
def world() -> World:
    return World()


def resume() -> None:
    """Run the command, found by its module: Django has listed its commands already."""
    from strangler.client.saga.management.commands import resume_sagas  # noqa: PLC0415 - same

    call_command(resume_sagas.Command())


def row():
    from strangler.client.saga.models import SagaRun  # noqa: PLC0415 - once its app is there

    return SagaRun.objects.get()


def test_each_step_adds_to_the_data(world):
    answer = world.checkout().run(key="cart-1", data={"cart": 1})

    assert answer == {"cart": 1, "stock": 1, "payment": 1, "order": 1, "points": 1}
    assert world.told == ["do stock", "do payment", "do order", "do points"]


def test_the_same_key_does_nothing_twice(world):
    saga = world.checkout()

    assert saga.run(key="cart-1", data={"cart": 1}) == saga.run(key="cart-1", data={"cart": 1})
    assert world.told.count("do payment") == 1


def test_a_failing_step_and_those_before_it_are_undone_in_reverse(world):
    world.failing = {"payment"}
    saga = world.checkout()

    with pytest.raises(SagaUndoneError, match="payment: DeclinedError: no payment") as caught:
        saga.run(key="cart-1", data={"cart": 1})

    assert isinstance(caught.value.__cause__, DeclinedError)
    assert world.told == ["do stock", "do payment", "undo payment", "undo stock"]
    with pytest.raises(SagaUndoneError):  # and it stays so
        saga.run(key="cart-1", data={"cart": 1})
    assert world.told.count("do stock") == 1


def test_after_the_pivot_a_failing_step_is_tried_again_later(world):
    world.failing = {"points"}
    saga = world.checkout()

    with pytest.raises(SagaBusyError, match="no points; it is tried again"):
        saga.run(key="cart-1", data={"cart": 1})
    assert not any(told.startswith("undo") for told in world.told)

    world.failing = set()
    type(row()).objects.update(retry_at=timezone.now())
    resume()
    assert row().way == "done"
    assert world.told == ["do stock", "do payment", "do order", "do points", "do points"]


def test_an_undoing_step_that_fails_is_tried_again_until_it_succeeds(world):
    world.failing = {"payment", "undo stock"}
    saga = world.checkout()

    with pytest.raises(SagaBusyError, match="cannot undo stock"):
        saga.run(key="cart-1", data={"cart": 1})

    world.failing = set()
    type(row()).objects.update(retry_at=timezone.now())
    resume()
    assert row().way == "undone"
    assert world.told[-1] == "undo stock"


def test_a_run_that_another_process_is_at_is_left_alone(world):
    saga = world.checkout()
    saga.run(key="cart-1", data={"cart": 1})
    type(row()).objects.update(
        way="forward",
        step=3,
        leased_by="another",
        leased_until=timezone.now() + timedelta(minutes=1),
    )

    with pytest.raises(SagaBusyError, match="another process is at it"):
        saga.run(key="cart-1", data={"cart": 1})


def test_what_a_process_left_is_taken_up_with_the_keys_of_before(world):
    sent = []

    def call_out(_data):
        sent.append(keys.next_key("payments", "charge"))
        if len(sent) == 1:
            raise KeyboardInterrupt  # as if the process died here

    saga = Saga("charge", [Step("charge", call_out)])
    with pytest.raises(KeyboardInterrupt):
        saga.run(key="order-1", data={})
    assert row().is_begun

    type(row()).objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    resume()

    assert row().way == "done"
    assert sent[0] == sent[1]


def test_a_local_step_that_fails_leaves_nothing_in_the_database(world):
    def write_and_fail(_data):
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE left_over (id integer)")
        raise DeclinedError("after all, no")

    saga = Saga("local", [Step("write", write_and_fail, is_local=True)])
    with pytest.raises(SagaUndoneError):
        saga.run(key="x", data={})

    assert "left_over" not in connection.introspection.table_names()


def test_a_saga_that_is_not_defined_here_waits_for_a_process_that_has_it(world, caplog):
    world.failing = {"points"}
    with pytest.raises(SagaBusyError):
        world.checkout().run(key="cart-1", data={"cart": 1})
    type(row()).objects.update(retry_at=timezone.now(), saga="somebody-elses")

    resume()

    assert row().way == "forward"
    assert "there is no saga 'somebody-elses' here, only checkout" in caplog.text
