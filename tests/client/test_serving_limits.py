"""No rows are ever cut short: too many are refused, going in and coming out."""

import json
import sys
from types import ModuleType
from typing import List  # noqa: UP035 - as generated code spells it

import pytest

from strangler.client.operations import Asked, Operations

NAME = "provider_of_numbers"


def numbers(*, below: int) -> List[int]:  # noqa: UP006
    return list(range(below))


def pages(*, offset: int = 0, limit: int = 9) -> List[int]:  # noqa: UP006
    return list(range(9))[offset : offset + limit]


def total(*, ids: List[int]) -> int:  # noqa: UP006
    return sum(ids)


@pytest.fixture
def operations(monkeypatch):
    module = ModuleType(NAME)
    vars(module).update(
        READS=("numbers", "pages", "total"), WRITES=(), numbers=numbers, pages=pages, total=total
    )
    monkeypatch.setitem(sys.modules, NAME, module)
    monkeypatch.setenv("SERVICE_MAX_ROWS", "3")
    return Operations(NAME)


def ask(operations, name, **arguments):
    body = json.dumps(arguments).encode()
    answer = operations.answer(
        Asked(method="POST", operation=name, query="", body=body, content_type="application/json")
    )
    return answer.status, json.loads(answer.body)


@pytest.mark.django_db
def test_as_many_as_allowed_are_given(operations):
    assert ask(operations, "numbers", below=3) == (200, [0, 1, 2])
    assert ask(operations, "total", ids=[1, 2, 3]) == (200, 6)


@pytest.mark.django_db
def test_one_more_is_refused_with_the_next_step(operations):
    status, told = ask(operations, "numbers", below=4)
    assert (status, told["error"]["code"]) == (422, "too_many_rows")
    assert "4 rows, at most 3" in told["error"]["message"]
    assert "narrow" in told["error"]["message"]
    assert "offset and limit" in ask(operations, "pages")[1]["error"]["message"]
    assert ask(operations, "pages", offset=6, limit=3) == (200, [6, 7, 8])


@pytest.mark.django_db
def test_a_batch_has_the_same_limit(operations):
    status, told = ask(operations, "total", ids=[1, 2, 3, 4])
    assert (status, told["error"]["code"]) == (400, "invalid_argument")
    assert "in batches" in told["error"]["message"]


@pytest.mark.parametrize("given", ["0", "-1", "many"])
def test_a_limit_that_is_none_never_starts(operations, monkeypatch, given):
    monkeypatch.setenv("SERVICE_MAX_ROWS", given)
    with pytest.raises(ValueError, match="SERVICE_MAX_ROWS"):
        Operations(NAME)
