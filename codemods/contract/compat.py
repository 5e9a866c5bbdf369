"""Compare what a service promised with what it promises now: which change breaks whom, and why.

    Offer before ─┐
    Offer after ──┴> compare ─> Change (rule, operations, what, who used it) ─> sites ─> verdict

A caller breaks when it sends what is taken no more, or gets what it was not made for. What is only
added breaks nobody. Answers of success follow the order of `compat_fit.misfits`, so comparing
step by step finds all that comparing the ends would.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from codemods.contract.compat_fit import Misfit, Side, misfits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from codemods.contract.compat_offer import Answer, Call, Offer, Use

    Readers = dict[tuple[str, str], tuple[Use, ...]]

TEXT = "__str__"
RULES = {
    "operation-removed": "an operation is gone",
    "method-changed": "an operation is called by another method, or at another path",
    "argument-removed": "an argument is taken no more",
    "argument-required": "an argument must be given that need not be before",
    "argument-moved": "an argument travels elsewhere",
    "argument-narrowed": "an argument takes less than before",
    "argument-limit": "an argument has a tighter limit",
    "answer-removed": "a field or a whole answer is gone",
    "answer-type": "an answer is of another type",
    "answer-nullable": "an answer may be null",
    "answer-values": "an answer may have a value that was not among those allowed",
    "answer-limit": "an answer may go beyond a limit that was promised",
    "error-removed": "an error that callers can tell apart is told no more",
    "error-changed": "an error has another body",
    "operation-added": "an operation is new",
    "error-added": "an operation may fail in a new way",
}
ADDITIVE = frozenset({"operation-added", "error-added"})
_OF_ANSWER = {
    "removed": "answer-removed", "required": "answer-removed", "type": "answer-type",
    "nullable": "answer-nullable", "values": "answer-values", "limit": "answer-limit",
}  # fmt: skip
_OF_REQUEST = {
    "removed": "argument-removed", "required": "argument-required", "type": "argument-narrowed",
    "nullable": "argument-narrowed", "values": "argument-narrowed", "limit": "argument-limit",
}  # fmt: skip


class Verdict(Enum):
    """What a change means for those who use the service, the worst first."""

    BREAKS = "breaks"
    UNUSED = "unused"
    ADDED = "added"


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """One difference between two offers.

    `rule` is a key of RULES. `what` is where: an operation, or a component's property such as
    "User.email", and then `operations` are all that carry it. `uses` are recorded places that the
    change would break; with `attribute` they read it, else they call.
    """

    rule: str
    what: str
    told: str
    operations: tuple[str, ...]
    attribute: str = ""
    uses: tuple[Use, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """Tell whether somebody who is recorded breaks."""
        if self.rule in ADDITIVE:
            return Verdict.ADDED
        return Verdict.BREAKS if self.uses else Verdict.UNUSED


def compare(before: Offer, after: Offer) -> tuple[Change, ...]:
    """Return every change from one offer to the other, sorted; none between equal ones.

    Uses are those that either records: what runs today was made for `before`, and a file that moved
    is in `after` only.
    """
    later = {call.name: call for call in after.calls}
    former = {call.name: call for call in before.calls}
    readers: Readers = {}
    for owner, attribute, uses in (*before.readers, *after.readers):
        places = (*uses, *readers.get((owner, attribute), ()))
        readers[owner, attribute] = tuple(sorted(set(places)))
    found: list[Change] = []
    for name, call in former.items():
        if name in later:
            uses = tuple(sorted({*call.uses, *later[name].uses}))
            found += _of_call(replace(call, uses=uses), later[name], readers)
        else:
            found.append(Change("operation-removed", name, "is offered no more", (name,),
                                uses=call.uses))  # fmt: skip
    found += [
        Change("operation-added", name, "is new", (name,)) for name in later.keys() - former.keys()
    ]
    return tuple(sorted(_merged(found)))


def is_compatible(before: Offer, after: Offer) -> bool:
    """Tell whether everybody whose use `before` records can go on."""
    return all(change.verdict is not Verdict.BREAKS for change in compare(before, after))


def _of_call(before: Call, after: Call, readers: Readers) -> Iterator[Change]:
    def change(rule: str, told: str, what: str = "", /) -> Change:
        where = f"{before.name} {what}".rstrip()
        return Change(rule, where, told, (before.name,), uses=before.uses)

    methods = {after.method} | after.methods
    if before.path != after.path or not ({before.method} | before.methods) <= methods:
        told = f"is {after.method.upper()} {after.path}, was {before.method.upper()} {before.path}"
        yield change("method-changed", told)
    elif before.method == after.method:
        moved = dict(after.places)
        for name, place in before.places:
            if moved.get(name, place) != place:
                yield change("argument-moved", f"goes by {moved[name]}, went by {place}", name)
    for each in misfits(before.request, after.request, Side.REQUEST):
        yield change(_OF_REQUEST[each.rule], each.told, each.path)
    yield from _of_success(before, after, readers)
    yield from _of_errors(before, after, change)


def _of_success(before: Call, after: Call, readers: Readers) -> Iterator[Change]:
    """Compare the answers that are no errors; a field of a component is told by its own name."""
    later = {answer.status: answer for answer in after.answers}
    for answer in before.answers:
        if not _is_success(answer):
            continue
        its = later.get(answer.status)
        if its is None or (answer.shape and not its.shape):
            yield Change("answer-removed", f"{before.name} {answer.status}", "is answered no more",
                         (before.name,), uses=before.uses)  # fmt: skip
        elif answer.shape and its.shape:
            for each in misfits(its.shape, answer.shape, Side.ANSWER):
                yield _of_answer(each, before, readers)


def _of_answer(misfit: Misfit, call: Call, readers: Readers) -> Change:
    rule = _OF_ANSWER[misfit.rule]
    if not misfit.owner:
        what = f"{call.name} answer {misfit.path}".rstrip()
        return Change(rule, what, misfit.told, (call.name,), uses=call.uses)
    attribute = attribute_of(misfit.attribute)
    what = f"{misfit.owner}.{attribute}"
    if reading := readers.get((misfit.owner, attribute), ()):
        return Change(rule, what, misfit.told, (call.name,), attribute, reading)
    # A client that was generated before cannot make a value of what is gone, read or not.
    is_fatal = rule in ("answer-removed", "answer-type")
    is_recorded = any(owner == misfit.owner for owner, _ in readers)
    uses = () if is_recorded and not is_fatal else call.uses
    return Change(rule, what, misfit.told, (call.name,), uses=uses)


def attribute_of(name: str) -> str:
    """Return how callers spell a property that a value carries under a private name."""
    return TEXT if name == "_text" else name.lstrip("_")


def _of_errors(
    before: Call, after: Call, change: Callable[[str, str, str], Change]
) -> Iterator[Change]:
    later = {answer.status: answer for answer in after.answers}
    former = {answer.status: answer for answer in before.answers}
    for status, answer in former.items():
        if _is_success(answer):
            continue
        its = later.get(status)
        if its is None:
            yield change("error-removed", "is told no more", f"error {status}")
            continue
        for code in sorted(answer.codes - its.codes):
            yield change("error-removed", "is told no more", f"error {status} {code}")
        if answer.shape and (its.shape is None or misfits(its.shape, answer.shape, Side.ANSWER)):
            yield change("error-changed", "has another body", f"error {status}")
    for status, answer in later.items():
        if _is_success(answer):
            continue
        if status not in former:
            yield change("error-added", "is new", f"error {status}")
            continue
        for code in sorted(answer.codes - former[status].codes):
            yield change("error-added", "is new", f"error {status} {code}")


def _is_success(answer: Answer) -> bool:
    return answer.status.startswith("2")


def _merged(changes: Iterable[Change]) -> Iterator[Change]:
    """Join what several operations carry: the same property changed in the same way."""
    found: dict[tuple[str, str, str], Change] = {}
    for each in changes:
        key = (each.rule, each.what, each.told)
        other = found.get(key)
        found[key] = each if other is None else Change(
            each.rule, each.what, each.told,
            tuple(sorted({*each.operations, *other.operations})),
            each.attribute or other.attribute,
            tuple(sorted({*each.uses, *other.uses})),
        )  # fmt: skip
    yield from found.values()
