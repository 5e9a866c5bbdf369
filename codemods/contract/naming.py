"""Name operations after their shape: the same shape always alike, two shapes never.

    get_user, get_users_by_ids, get_user_by_email       first_address_by_user_id_and_is_default
    list_products_by_is_active_ordered_by_name_limited  values_email_of_users_by_id_in
    count_orders_excluding_status, has_users_by_email_iexact, find_user_ids_by_email_iexact
    create_address_with_city_and_user_id                update_profile_setting_phone
    user_get_full_name                                      save_user_only_setting_email
    list_products_among_available_by_price_gt               ask_users_for_key_with_key
    add_channel_checks                                      get_or_create_tag_by_name

A name is a grammar of words. Where a shape's own words are those of the grammar, or the name is
too long, a digest of the shape takes part: nothing is numbered, so order of meeting is no matter.
"""

from __future__ import annotations

import hashlib
import keyword
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from codemods.contract.nouns import Noun, noun
from codemods.contract.operations import ASK, CALL, LINKS, MEMBER, Operation, Parameter
from codemods.contract.types import LOOKUPS, split_lookup

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MAX_LENGTH = 72
_PREFIX = {
    "get": "get", "get_by_ids": "get", "first": "first", "last": "last", "earliest": "earliest",
    "latest": "latest", "list": "list", "count": "count", "exists": "has", "create": "create",
    "update": "update", "ids": "find", "save": "save", "delete": "delete", "delete_row": "delete",
    "get_or_create": "get_or_create", "update_or_create": "update_or_create",
}  # fmt: skip
_OF_MANY = ("get_by_ids", "list", "count", "exists", "values", "delete")
_SETTING = ("update", "save", "get_or_create", "update_or_create")
_OF_ONE = ("get", "save", "delete_row")
_VERBS = frozenset({*_PREFIX.values(), *LINKS, "values", "rows", "dicts", "ask", "or", CALL})
_TAKEN = frozenset({"apps", "ids", "limit", "list", "offset", "row", "rows", "values"})
_SECTIONS = frozenset(
    {
        "and", "desc", "distinct", "excluding", "limited", "of", "ordered", "random", "setting",
        "through", "unfiltered", "with",
    }
)  # fmt: skip
_DIGEST = re.compile(r"^x[0-9a-f]{8}$")


def named(operation: Operation, nouns: Mapping[str, Noun] | None = None) -> Operation:
    """Return the operation in its one canonical form, with its name and those of its arguments.

    Filters, exclusions and writes are sorted, for their order means nothing; "id" is "pk", and
    "email__exact" is "email". `nouns` are those of the service (`nouns.nouns_of_service`).
    """
    shape = _canonical_call(operation) if operation.verb == CALL else _canonical(operation)
    its = (nouns or {}).get(shape.model) or noun(shape.model)
    name, is_clear = _spelled(shape, its, nouns or {})
    if not is_clear or len(name) > MAX_LENGTH or not name.isidentifier():
        name = _cut(name, _digest(shape))
    return replace(shape, name=name)


def by_ids(model: str, type_: str, nouns: Mapping[str, Noun]) -> Operation:
    """Return the operation that gets many rows by their keys: what a relation is read by."""
    ids = Parameter("ids", "pk__in", type_, many=True)
    return named(Operation(model, "get_by_ids", "", filters=(ids,)), nouns)


def by_id(model: str, type_: str, nouns: Mapping[str, Noun]) -> Operation:
    """Return the operation that gets one row by its key."""
    return named(Operation(model, "get", "", filters=(Parameter("id", "pk", type_),)), nouns)


def argument(lookup: str) -> str:
    """Return how the client spells a lookup: no two lookups are spelt alike."""
    path, operator = split_lookup(lookup)
    if (path, operator) == ("pk", "in"):
        return "ids"
    spelled = re.sub(r"(?:(?<=__)|^)pk(?=__|$)", "id", path)
    if operator != "exact":
        return f"{spelled}_{operator}"
    is_taken = spelled in _TAKEN or keyword.iskeyword(spelled)
    is_ambiguous = spelled.rpartition("_")[2] in LOOKUPS
    return f"{spelled}_exact" if is_taken or is_ambiguous else spelled


def _canonical(operation: Operation) -> Operation:
    filters = _parameters(operation.filters, operation.verb)
    taken = {parameter.name for parameter in filters}
    exclude = _apart(_parameters(operation.exclude, ""), taken, "not_")
    taken |= {parameter.name for parameter in exclude} | _TAKEN
    writes = [replace(each, name=each.lookup) for each in sorted(operation.writes)]
    clashing = [each for each in writes if each.name in taken]
    kept = [each for each in writes if each.name not in taken]
    return replace(
        operation,
        filters=filters,
        exclude=exclude,
        writes=tuple(sorted((*kept, *_apart(clashing, taken, "set_")))),
        order_by=tuple(_plain(path) for path in operation.order_by),
        given=_apart(_of_scopes(operation), taken | {each.name for each in writes}),
    )


def _canonical_call(operation: Operation) -> Operation:
    filters = _apart(_of_function(operation.filters), set())
    given = _apart(_of_function(operation.given), {each.name for each in filters})
    return replace(operation, filters=filters, given=given)


def _of_function(parameters: Iterable[Parameter]) -> list[Parameter]:
    """Return a function's arguments as callers spell them: `order_id`, `order_total`, `reason`."""
    found = []
    for each in sorted(parameters, key=lambda each: each.lookup):
        path, at, _ = each.lookup.partition("@")
        name, _, column = path.partition(".")
        column = "id" if column in {"", "pk"} else column
        found.append(replace(each, name=f"{name}_{column}" if at else name))
    return found


def _of_scopes(operation: Operation) -> list[Parameter]:
    """Return the arguments of scopes by the names that the scopes themselves give them."""
    given = sorted(operation.given, key=lambda each: each.lookup)
    return [replace(each, name=each.lookup.rpartition(".")[2]) for each in given]


def _parameters(given: Iterable[Parameter], verb: str) -> tuple[Parameter, ...]:
    """Return parameters sorted and spelt; those of a method keep their names beside the row's."""
    if verb in (MEMBER, ASK, *LINKS):
        plain = sorted(given, key=lambda each: each.lookup)
        return _apart((replace(each, name=_own_name(each.lookup)) for each in plain), {"id"})
    plain = [replace(each, lookup=_plain(each.lookup)) for each in given]
    spelled = [replace(each, name=argument(each.lookup)) for each in plain]
    return _apart(sorted(spelled, key=lambda each: (each.name, each.type)), set())


def _own_name(argument: str) -> str:
    """Return how callers give a method's argument: a row, as "user@users.User", by its key."""
    name, at, _ = argument.partition("@")
    return f"{name}_id" if at else name


def _apart(given: Iterable[Parameter], taken: set[str], prefix: str = "") -> tuple[Parameter, ...]:
    """Return the parameters with names that differ from each other and from those taken."""
    found: list[Parameter] = []
    for each in given:
        name = prefix + each.name
        while name in taken or any(name == other.name for other in found):
            name += "_"
        found.append(replace(each, name=name))
    return tuple(found)


def _plain(lookup: str) -> str:
    """Return the one spelling of a lookup: "pk" for "id", and no "exact"."""
    path = re.sub(r"(?:(?<=__)|(?<=^-)|^)id(?=__|$)", "pk", lookup)
    return path.removesuffix("__exact")


def _spelled(shape: Operation, its: Noun, nouns: Mapping[str, Noun]) -> tuple[str, bool]:
    """Return the name as words, and whether it can only be read in one way."""
    if shape.verb == CALL:
        return _spelled_call(shape, nouns)
    if shape.verb in (MEMBER, ASK, *LINKS):
        return _spelled_member(shape, its, nouns)
    filters = [argument(each.lookup) for each in shape.filters]
    exclude = [argument(each.lookup) for each in shape.exclude]
    writes = [each.lookup for each in shape.writes]
    order = [_ordering(path) for path in shape.order_by]
    text, own = _head(shape, its)
    text += _section("_among_", list(shape.scopes))
    text += _section("_given_", [each.lookup.rpartition(".")[2] for each in shape.given])
    if shape.verb == "create":
        text += _section("_with_", writes)
    elif shape.verb not in _OF_ONE or filters != ["id"] or exclude:
        may_be_all = shape.verb not in ("get", "delete")
        text += _section("_by_", filters) or ("" if may_be_all else "_unfiltered")
    text += _section("_excluding_", exclude) + _section("_ordered_by_", order)
    text += "_distinct" * shape.is_distinct + "_limited" * shape.is_limited
    text += "_only" * shape.is_partial
    text += _section("_setting_", writes if shape.verb in _SETTING else [])
    text += _section("_through_", [shape.manager] if shape.manager else [])
    words = [*own, *filters, *exclude, *writes, shape.manager]
    further = [*shape.scopes, *(each.lookup.rpartition(".")[2] for each in shape.given)]
    if any(_has(each, _SECTIONS | {"by", "given"}) for each in further):
        return text, False
    words += [_ordering(path).removesuffix("_desc") for path in shape.order_by if path != "?"]
    return text, _is_clear(its) and not any(_has(each, _SECTIONS) for each in words)


def _head(shape: Operation, its: Noun) -> tuple[str, list[str]]:
    """Return verb and noun, and the words of the shape's own among them."""
    if shape.verb == "ids" and shape.columns == ("pk",):
        return f"find_{its.one}_ids", []
    if shape.verb == "ids":
        return f"find_{'_and_'.join(shape.columns)}s_of_{its.many}", list(shape.columns)
    if shape.verb == "values":
        verb = "values" if shape.is_flat else "dicts" if shape.is_mapping else "rows"
        return f"{verb}{_section('_', list(shape.columns))}_of_{its.many}", list(shape.columns)
    return f"{_PREFIX[shape.verb]}_{its.many if shape.verb in _OF_MANY else its.one}", []


def _spelled_member(shape: Operation, its: Noun, nouns: Mapping[str, Noun]) -> tuple[str, bool]:
    arguments = [_own_name(each.lookup) for each in shape.filters]
    is_asked = shape.verb == ASK
    stem = its.many if is_asked else its.one
    text = f"{stem}_{shape.member}"
    others = [each.many if is_asked else each.one for each in nouns.values()]
    longer = [other for other in others if other.startswith(f"{stem}_")]
    whole = text if shape.verb in LINKS else f"{text}_"
    is_clear = _is_clear(its) and not any(whole.startswith(f"{one}_") for one in longer)
    is_clear = is_clear and not any(_has(each, _SECTIONS) for each in (shape.member, *arguments))
    if shape.verb in LINKS:
        return f"{shape.verb}_{text}", is_clear
    text += _section("_with_", arguments)
    if not is_asked:
        return text, is_clear
    through = [shape.manager] if shape.manager != "objects" else []
    is_clear = is_clear and not _has(shape.manager, _SECTIONS)
    return f"ask_{text}" + _section("_through_", through), is_clear


def _spelled_call(shape: Operation, nouns: Mapping[str, Noun]) -> tuple[str, bool]:
    """Return a function's own name, the verb first: `payment_void` is `void_payment`."""
    own = shape.member.rpartition(":")[2].replace(".", "_").strip("_").lower()
    ones = [its.one for its in nouns.values()]
    before = max((word for word in ones if own.startswith(f"{word}_")), key=len, default="")
    text = f"{own[len(before) + 1 :]}_{before}" if before else own
    if text.split("_")[0] in _VERBS or any(text.startswith(f"{word}_") for word in ones):
        text = f"{CALL}_{own}"
    optional = sorted({each.argument for each in shape.given})
    is_clear = not any(_has(each, _SECTIONS) for each in (own, *optional))
    return text + _section("_with_", optional), is_clear


def _section(word: str, parts: list[str]) -> str:
    return word + "_and_".join(parts) if parts else ""


def _ordering(path: str) -> str:
    if path == "?":
        return "random"
    return argument(path.lstrip("-")) + "_desc" * path.startswith("-")


def _is_clear(its: Noun) -> bool:
    words = its.one.split("_")
    return words[0] not in _VERBS and not _has(its.one, _SECTIONS | {"among", "by", "only"})


def _has(text: str, reserved: frozenset[str]) -> bool:
    words = text.split("_")
    return any(word in reserved or _DIGEST.match(word) for word in words)


def _digest(shape: Operation) -> str:
    parts: tuple[object, ...] = (
        shape.model, shape.verb, shape.is_distinct, shape.is_limited, shape.is_flat,
        shape.is_mapping, shape.manager, shape.member,
        shape.order_by, shape.columns,
        *(tuple(each.lookup for each in group) for group in (
            shape.filters, shape.exclude, shape.writes
        )),
    )  # fmt: skip
    if shape.scopes or shape.is_partial or shape.verb == CALL:
        parts += (shape.scopes, tuple(each.lookup for each in shape.given), shape.is_partial)
    return hashlib.blake2b(repr(parts).encode(), digest_size=4).hexdigest()


def _cut(name: str, digest: str) -> str:
    kept = re.sub(r"\W", "_", name)
    if len(kept) > MAX_LENGTH - len(digest) - 2:
        kept = kept[: MAX_LENGTH - len(digest) - 2].rpartition("_")[0].rstrip("_")
    return f"{kept}_x{digest}"
