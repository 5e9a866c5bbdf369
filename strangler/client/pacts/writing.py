"""Write a pact file with pact's own library (https://docs.pact.io), specification V4.

Interactions ─> pact-python ─> contracts/pacts/<consumer>-<service>.json
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from strangler.client.pacts.examples import EACH, INTEGER, NUMBER, REGEX, TYPE, Expected

if TYPE_CHECKING:
    from pathlib import Path

    from strangler.client.pacts.interactions import Interactions

JSON = "application/json"


def write(consumer: str, its: Interactions, folder: Path) -> Path:
    """Write the pact between a consumer and a service anew, and return its path.

    Raises:
        ImportError: pact-python is not installed, or older than 3.0.
        OSError: the folder cannot be written.
    """
    from pact import Pact  # noqa: PLC0415 - only where pacts are written

    folder.mkdir(parents=True, exist_ok=True)
    pact = Pact(consumer, its.service).with_specification("V4")
    for each in its.found:
        made = pact.upon_receiving(each.description).given(each.state, each.parameters)
        made = made.with_request(each.method, each.path)
        if each.query:
            made = made.with_query_parameters(each.query)
        if each.body is not None:
            made = made.with_body(each.body, JSON)
        made = made.will_respond_with(each.status)
        content = None if each.answer is None else _matcher(each.answer)
        if content is not None:
            made.with_body(content, JSON)
        elif each.answer is not None:  # pact takes a body of null for one that must be empty
            made.with_header("Content-Type", JSON)
    pact.write_file(folder, overwrite=True)
    return folder / f"{consumer}-{its.service}.json"


def _matcher(its: Expected) -> Any:
    from pact import match  # noqa: PLC0415

    if its.rule == INTEGER:
        return match.integer(its.example)
    if its.rule == NUMBER:
        return match.number(its.example)
    if its.rule == REGEX:
        return match.regex(its.example, regex=its.regex)
    if its.rule == TYPE:
        return match.like(its.example)
    if its.rule == EACH:
        return match.each_like(_matcher(its.example), min=1)
    return _exact(its.example)


def _exact(example: Any) -> Any:
    if isinstance(example, dict):
        return {name: _matcher(part) for name, part in example.items()}
    if isinstance(example, list):
        return [_matcher(part) for part in example]
    return example
