"""Constants of a model's class: told from its source when all of it stands there."""

import ast

import pytest

from codemods.contract import constants, openapi, value_classes
from codemods.contract.operations import Choice, Column, Constant, Contract, ValueType

STATUS = Constant("Status", "TextChoices", (Choice("OPEN", "open", "Open"), Choice("SHUT", "shut")))

DOCUMENTED = """
class Status(models.TextChoices):
    '''What an order may be.'''
    OPEN = "open", "Open"
    SHUT = "shut"
"""


def told(text: str) -> Constant | None:
    (statement,) = ast.parse(text).body
    if isinstance(statement, ast.ClassDef):
        return constants._choices(statement)
    name, value = constants._target(statement) or ("", None)
    return constants._plain(name, value) if value is not None else None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            DOCUMENTED,
            STATUS,
        ),
        (
            "class Level(IntegerChoices):\n  LOW = 1",
            Constant("Level", "IntegerChoices", (Choice("LOW", 1),)),
        ),
        ("LIMIT = 5", Constant("LIMIT", value=5)),
        ("KINDS: tuple = ('a', 'b')", Constant("KINDS", value=("a", "b"))),
    ],
)
def test_what_stands_there_in_full_is_told(text, wanted):
    assert told(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        'class Status(models.TextChoices):\n  OPEN = "open", _("Open")',  # translated by its owner
        'class Status(models.TextChoices):\n  OPEN = "open"\n  def x(self): ...',
        "class Status(Base, models.TextChoices):\n  OPEN = 'open'",
        "class Status(models.TextChoices):\n  OPEN = 1",
        "class Status(models.IntegerChoices):\n  ON = True",
        "class Status(enum.Enum):\n  OPEN = 'open'",
        "LIMIT = compute()",
        "LIMITS = {'a': 1}",
        "a = b = 1",
    ],
)
def test_what_depends_on_anything_else_is_not_told(text):
    assert told(text) is None


def test_the_document_and_the_class_hold_them():
    value = ValueType(
        "shop.Order",
        "Order",
        "id",
        (Column("id", "int"),),
        constants=(STATUS, Constant("KINDS", value=("a", 1))),
    )
    contract = Contract("orders", (value,), ())

    assert openapi.load(openapi.render(contract)) == contract
    text = value_classes.render(contract)
    space: dict = {"__name__": "values"}
    exec(
        compile(text.replace("@dataclass(frozen=True, eq=False, repr=False)", ""), "v", "exec"),
        space,
    )
    order = space["Order"]
    assert order.Status.OPEN == "open"
    assert order.Status.OPEN.label == "Open"
    assert order.Status.SHUT.label == "Shut"
    assert order.KINDS == ("a", 1)
