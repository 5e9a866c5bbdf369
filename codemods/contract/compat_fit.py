"""Every way in which one shape does not fit another.

    Shape given ─┐
    Shape taken ─┴> misfits ─> what one side may give and the other cannot take

This is the order of subtypes: nothing is a misfit of itself, and what fits what fits, fits. To keep
that so, a property that the giver stops naming is a misfit even where it was optional.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from codemods.contract.compat_shapes import ANY, ARRAY, EVERYTHING, LOWER, NULL, OBJECT, Kind, Shape

if TYPE_CHECKING:
    from collections.abc import Iterator


class Side(Enum):
    """Who is free to add: an answer may carry more than is read, a request need not say all."""

    ANSWER = "answer"
    REQUEST = "request"


@dataclass(frozen=True, slots=True, order=True)
class Misfit:
    """One way in which a value that is given cannot be taken.

    `rule` is one of RULES. `path` leads to it, such as "items.email"; `owner` and `attribute` name
    the component and its property that it is within, both empty outside of any.
    """

    rule: str
    path: str
    told: str
    owner: str = ""
    attribute: str = ""


RULES = ("removed", "required", "type", "nullable", "values", "limit")


def misfits(given: Shape, taken: Shape, side: Side) -> tuple[Misfit, ...]:
    """Return every way in which a value of `given` may be none that `taken` takes, sorted.

    Args:
        given: what one side sends.
        taken: what the other side is made for.
        side: of an ANSWER every property that is taken must be given; of a REQUEST every one
            that is given must be taken.
    """
    return tuple(sorted(set(_of_shape(given, taken, side, Misfit("", "", "")))))


def _of_shape(given: Shape, taken: Shape, side: Side, at: Misfit) -> Iterator[Misfit]:
    for kind in given.kinds:
        tried = [tuple(_of_kind(kind, other, side, at)) for other in taken.kinds]
        if any(not found for found in tried):
            continue
        if kind.type == NULL and taken.kinds:
            yield Misfit("nullable", at.path, "may be null", at.owner, at.attribute)
            continue
        alike = [
            found
            for found, other in zip(tried, taken.kinds, strict=True)
            if _is_within(kind.type, other.type)
        ]
        if alike:
            yield from min(alike, key=len)
        else:
            told = f"is {_spelled(given)} where it was {_spelled(taken)}"
            if side is Side.REQUEST:
                told = f"takes {_spelled(taken)} where it took {_spelled(given)}"
            yield Misfit("type", at.path, told, at.owner, at.attribute)
            return


def _is_within(given: str, taken: str) -> bool:
    return taken in {ANY, given} or (given, taken) == ("integer", "number")


def _of_kind(given: Kind, taken: Kind, side: Side, at: Misfit) -> Iterator[Misfit]:
    def misfit(rule: str, told: str) -> Misfit:
        return Misfit(rule, at.path, told, at.owner, at.attribute)

    if not _is_within(given.type, taken.type):
        yield misfit("type", f"{given.type} is no {taken.type}")
        return
    if taken.allowed is not None:
        extra = None if given.allowed is None else sorted(given.allowed - taken.allowed)
        if extra is None or extra:
            shown, among = ", ".join(extra or ["any value"]), ", ".join(sorted(taken.allowed))
            told = f"may be {shown} besides {among}"
            yield misfit("values", told if side is Side.ANSWER else f"takes only {among}")
    marks = dict(given.marks)
    for keyword, mark in taken.marks:
        if marks.get(keyword) != mark:
            yield misfit("type", _turned(keyword, marks.get(keyword, "none"), mark, side))
    yield from (misfit("limit", told) for told in _beyond(given, taken, side))
    if given.type == taken.type == OBJECT:
        yield from _of_properties(given, taken, side, at)
    if given.type == taken.type == ARRAY:
        yield from _of_items(given, taken, side, at)


def _turned(keyword: str, given: object, taken: object, side: Side) -> str:
    """Say what a keyword is now, and was: an answer is given now, a request was given before."""
    now, former = (given, taken) if side is Side.ANSWER else (taken, given)
    return f"has {keyword} {now}, had {former}"


def _beyond(given: Kind, taken: Kind, side: Side) -> Iterator[str]:
    bounds = dict(given.limits)
    for keyword, bound in taken.limits:
        its = bounds.get(keyword)
        is_within = its is not None and (its >= bound if keyword in LOWER else its <= bound)
        if not is_within:
            yield _turned(keyword, "none" if its is None else its, bound, side)


def _of_properties(given: Kind, taken: Kind, side: Side, at: Misfit) -> Iterator[Misfit]:
    theirs = {each.name: each for each in given.properties}
    ours = {each.name: each for each in taken.properties}
    owner = (given if side is Side.ANSWER else taken).name or taken.name or given.name

    def inside(name: str, rule: str = "", told: str = "") -> Misfit:
        path = f"{at.path}.{name}".lstrip(".")
        named = (owner, name) if owner else (at.owner, at.attribute)
        return Misfit(rule, path, told, *named)

    for name in theirs.keys() & ours.keys():
        if ours[name].is_required and not theirs[name].is_required:
            told = "may be left out" if side is Side.ANSWER else "must be given"
            yield inside(name, "removed" if side is Side.ANSWER else "required", told)
        yield from _of_shape(theirs[name].shape, ours[name].shape, side, inside(name))
    missing, told = ours.keys() - theirs.keys(), "is given no more"
    if side is Side.REQUEST:
        yield from (
            inside(name, "required", "must be given") for name in missing if ours[name].is_required
        )
        missing, told = theirs.keys() - ours.keys(), "is taken no more"
    yield from (inside(name, "removed", told) for name in missing)


def _of_items(given: Kind, taken: Kind, side: Side, at: Misfit) -> Iterator[Misfit]:
    length = max(len(given.prefix), len(taken.prefix))
    for number in range(length):
        path = f"{at.path}.{number}".lstrip(".")
        place = Misfit("", path, "", at.owner, at.attribute)
        yield from _of_shape(_item(given, number), _item(taken, number), side, place)
    path = f"{at.path}.items".lstrip(".")
    rest = Misfit("", path, "", at.owner, at.attribute)
    yield from _of_shape(_item(given, length), _item(taken, length), side, rest)


def _item(kind: Kind, number: int) -> Shape:
    return kind.prefix[number] if number < len(kind.prefix) else kind.items or EVERYTHING


def _spelled(shape: Shape) -> str:
    names = [
        kind.name or " ".join([dict(kind.marks).get("format", ""), kind.type]).strip()
        for kind in shape.kinds
    ]
    return " or ".join(dict.fromkeys(names)) or "nothing"
