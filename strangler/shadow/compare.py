"""Two observations compared: every path at which they differ, by kind. Pure, and never raises."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from strangler.shadow.align import align_by_content, align_by_id, shared_id
from strangler.shadow.bodies import Body, read_body
from strangler.shadow.bodies.html_body import Element
from strangler.shadow.bodies.json_body import json_type
from strangler.shadow.compare_html import compare_elements
from strangler.shadow.fingerprint import fingerprint
from strangler.shadow.headers import meaningful_headers
from strangler.shadow.observation import Difference
from strangler.shadow.paths import ROOT, key_path, matches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from strangler.shadow.align import Pair
    from strangler.shadow.observation import Observation
    from strangler.shadow.rules import Rules

MAX_DIFFERENCES = 200
"""Of one pair; more tell nothing new, and a page that is another page has thousands."""


def compare(control: Observation, candidate: Observation, rules: Rules) -> tuple[Difference, ...]:
    """Return the differences between two outcomes of one request, at most 200.

    Only the status is compared when a side has no response. Where the forms of the bodies differ
    (JSON here, HTML there) that is one difference, at `body`.
    """
    found: list[Difference] = []
    for difference in _differences(control, candidate, rules):
        found.append(difference)
        if len(found) == MAX_DIFFERENCES:
            break
    return tuple(found)


def compare_values(control: object, candidate: object, rules: Rules) -> Iterator[Difference]:
    """Yield the differences between two parsed documents, in the control's order."""
    yield from _values(ROOT, control, candidate, rules)


def _differences(
    control: Observation, candidate: Observation, rules: Rules
) -> Iterator[Difference]:
    if control.error or candidate.error or control.status != candidate.status:
        yield from _status(control, candidate)
    if control.error or candidate.error:
        return
    yield from _headers(control, candidate)
    if control.body != candidate.body or control.headers != candidate.headers:
        yield from _bodies(read_body(control), read_body(candidate), rules)


def _status(control: Observation, candidate: Observation) -> Iterator[Difference]:
    left = control.error or control.status
    right = candidate.error or candidate.status
    if left != right:
        yield Difference("status", "status", left, right)


def _headers(control: Observation, candidate: Observation) -> Iterator[Difference]:
    if control.headers == candidate.headers:
        return
    left, right = meaningful_headers(control.headers), meaningful_headers(candidate.headers)
    for name in sorted({*left, *right}):
        if left.get(name) != right.get(name):
            yield Difference(f"header.{name}", "header", left.get(name), right.get(name))


def _bodies(control: Body, candidate: Body, rules: Rules) -> Iterator[Difference]:
    if control.form != candidate.form or control.problem != candidate.problem:
        if control.form == "empty" and not control.problem:
            yield Difference(ROOT, "extra", None, _described(candidate))
        elif candidate.form == "empty" and not candidate.problem:
            yield Difference(ROOT, "missing", _described(control), None)
        else:
            yield Difference(ROOT, "type", _described(control), _described(candidate))
        return
    yield from _values(ROOT, control.content, candidate.content, rules)


def _described(body: Body) -> str:
    return f"{body.form}, {body.problem}" if body.problem else body.form


def _values(path: str, control: object, candidate: object, rules: Rules) -> Iterator[Difference]:
    if type(control) is type(candidate) and isinstance(control, str | int):
        if control != candidate:
            yield Difference(path, "value", control, candidate)
    elif isinstance(control, dict) and isinstance(candidate, dict):
        yield from _objects(path, control, candidate, rules)
    elif isinstance(control, list) and isinstance(candidate, list):
        yield from _lists(path, control, candidate, rules)
    elif isinstance(control, Element) and isinstance(candidate, Element):
        yield from compare_elements(path, control, candidate)
    elif json_type(control) != json_type(candidate):
        yield Difference(path, "type", control, candidate)
    elif control != candidate:
        yield Difference(path, "value", control, candidate)


def _objects(
    path: str, control: dict[str, object], candidate: dict[str, object], rules: Rules
) -> Iterator[Difference]:
    for key, value in control.items():
        if key in candidate:
            yield from _values(key_path(path, key), value, candidate[key], rules)
        else:
            yield Difference(key_path(path, key), "missing", value, None)
    for key, value in candidate.items():
        if key not in control:
            yield Difference(key_path(path, key), "extra", None, value)


def _lists(
    path: str, control: list[object], candidate: list[object], rules: Rules
) -> Iterator[Difference]:
    member = shared_id(control, candidate)
    if member and _ids(control, member) == _ids(candidate, member):
        pairs: list[Pair] = [(index, index) for index in range(len(control))]
        yield from _items(path, control, candidate, pairs, rules)
        return
    left = [fingerprint(item) for item in control]
    right = [fingerprint(item) for item in candidate]
    if left == right:
        return
    is_unordered = matches(rules.unordered, path) is not None
    if Counter(left) == Counter(right):
        if not is_unordered:
            yield Difference(path, "order", control, candidate)
        return
    if member:
        left_ids, right_ids = _ids(control, member), _ids(candidate, member)
        pairs = align_by_id(left_ids, right_ids)
        common = [b for a, b in pairs if a is not None and b is not None]
        if common != sorted(common) and not is_unordered:
            yield Difference(path, "order", left_ids, right_ids)
    else:
        pairs = _without_equals(left, right) if is_unordered else align_by_content(left, right)
    yield from _items(path, control, candidate, pairs, rules)


def _items(
    path: str,
    control: list[object],
    candidate: list[object],
    pairs: list[Pair],
    rules: Rules,
) -> Iterator[Difference]:
    for a, b in pairs:
        if a is None and b is not None:
            yield Difference(f"{path}[{b}]", "extra", None, candidate[b])
        elif a is not None and b is None:
            yield Difference(f"{path}[{a}]", "missing", control[a], None)
        elif a is not None and b is not None and repr(control[a]) != repr(candidate[b]):
            yield from _values(f"{path}[{a}]", control[a], candidate[b], rules)


def _ids(items: list[object], member: str) -> list[str | int]:
    return [item[member] for item in items if isinstance(item, dict)]


def _without_equals(left: list[object], right: list[object]) -> list[Pair]:
    """Pair what is left of two multisets once equal items are taken out, in order."""
    spare_left, spare_right = Counter(left) - Counter(right), Counter(right) - Counter(left)
    rest_left = [i for i in reversed(range(len(left))) if _take(spare_left, left[i])][::-1]
    rest_right = [i for i in reversed(range(len(right))) if _take(spare_right, right[i])][::-1]
    both = min(len(rest_left), len(rest_right))
    pairs: list[Pair] = list(zip(rest_left[:both], rest_right[:both], strict=True))
    pairs += [(index, None) for index in rest_left[both:]]
    return pairs + [(None, index) for index in rest_right[both:]]


def _take(spare: Counter[object], item: object) -> bool:
    spare[item] -= 1
    return spare[item] >= 0
