"""Every query on the service in a file: what is replaced, by which transform, and what is not."""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import libcst as cst

from codemods.transforms import chains, folding, peers, row_writes
from codemods.transforms.change import Refusal
from codemods.transforms.links import Unsupported, called, continues, is_builtin, unroll
from codemods.transforms.shapes import ASYNC
from codemods.transforms.tree import within
from codemods.transforms.uses import ELSEWHERE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codemods.transforms.chains import Chain
    from codemods.transforms.folding import Definition
    from codemods.transforms.source import SourceFile

NOT_FOUND = {
    "django.shortcuts.get_object_or_404": "get",
    "django.shortcuts.aget_object_or_404": "",
    "django.shortcuts.get_list_or_404": "",
}
CHAINS = frozenset({cst.Name, cst.Attribute, cst.Call, cst.Subscript})
EVALUATES = (
    "list", "tuple", "set", "frozenset", "sorted", "iter", "any", "all", "enumerate", "reversed",
    "sum", "min", "max", "dict",
)  # fmt: skip
TRANSFORMS = {
    "get": "get", "exists": "exists", "count": "count", "len": "count", "first": "first-last",
    "last": "first-last", "earliest": "first-last", "latest": "first-last", "list": "list",
    "index": "list", "values": "values", "in_bulk": "in-bulk", "create": "create",
    "update": "update-one", "bulk_create": "create", "get_or_create": "create",
    "update_or_create": "create", "bulk_update": "update-one", "delete": "update-one",
    "ask": "ask",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Site:
    """A query that an operation can answer: `node` is replaced.

    `verb` says how its answer is used: an operation's verb, or "len" (of a list), "index" (one row
    of a list). `query` is the chain inside `node`. `is_404` keeps the 404 of get_object_or_404,
    and `is_model` tells that it was given a model. `definition` is what a name that holds the
    queryset stands for; `query` then begins with it. `is_inside` tells that `node` is a call of
    len() or list() around the query. `alike` are the reads that share one cached row. `is_lazy`
    tells a queryset that is returned before anything is asked of it.
    """

    node: cst.BaseExpression
    query: cst.BaseExpression
    chain: Chain
    verb: str
    is_404: bool = False
    is_model: bool = False
    definition: Definition | None = None
    is_inside: bool = False
    alike: tuple[cst.Attribute, ...] = ()
    is_lazy: bool = False

    @property
    def transform(self) -> str:
        """Return the name of the transform whose place it is."""
        return TRANSFORMS[self.verb]


@dataclass
class Sites:
    """What was found in a file."""

    found: list[Site] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


_KNOWN: weakref.WeakKeyDictionary[SourceFile, Sites] = weakref.WeakKeyDictionary()


def sites(file: SourceFile) -> Sites:
    """Return the queries on the service in a file, in file order."""
    if file not in _KNOWN:
        _KNOWN[file] = _found(file)
    return _KNOWN[file]


def _found(file: SourceFile) -> Sites:
    """Look at each chain once, at its last link."""
    found = Sites()
    for node in within(file.module):
        if type(node) not in CHAINS:
            continue
        if isinstance(node, cst.Attribute):
            _look(node, _peers(file, node), found)
        if not continues(file.parent(node), node):
            _look(node, _sites(file, node), found)  # type: ignore[arg-type]
    return found


def _look(node: cst.CSTNode, sites: Iterator[Site], found: Sites) -> None:
    try:
        for site in sites:
            found.found.append(site)
    except Unsupported as refused:
        name = _transform_of(node) if not isinstance(refused, peers.NotOnce) else "get"
        found.refusals.append(Refusal(refused.node, name, refused.reason, refused.suggestion))


def _peers(file: SourceFile, node: cst.Attribute) -> Iterator[Site]:
    if (chain := peers.peer_of(file, node)) is not None:
        yield Site(node, node, chain, "get", alike=peers.alike(file, node))


def _transform_of(node: cst.CSTNode) -> str:
    """Return the transform that a refused place would have been a matter of."""
    _, links = unroll(node) if isinstance(node, cst.BaseExpression) else (node, ())
    names = [link.name[1:] if link.name in ASYNC else link.name for link in links]
    return next((TRANSFORMS[name] for name in names if name in TRANSFORMS), "list")


def _sites(file: SourceFile, top: cst.BaseExpression) -> Iterator[Site]:
    """Give the queries of one chain: its rows' related rows are a further one."""
    if isinstance(top, cst.Call) and (verb := _asked_or_404(file, top)) is not None:
        if (site := _or_404(file, top, verb)) is not None:
            yield site
        return
    if isinstance(top, cst.Call) and row_writes.is_write(file, top):
        return
    _, links = unroll(top)
    if folding.is_built_here(file, top) or _is_read_with_404(file, top):
        return
    after = 0
    while (begin := chains.begin_of(file, top, after=after)) is not None:
        if begin.variable is not None:
            if folding.is_load(file, begin.variable):
                yield _folded(file, top, begin.variable)
            return
        chain = chains.chain_of(file, begin, top, links[begin.skip :])
        yield used(file, chain, chain.shape.end)
        after = begin.skip + chain.length


def _is_read_with_404(file: SourceFile, top: cst.BaseExpression) -> bool:
    """Tell whether a chain is the rows that get_object_or_404 is given: read with its call."""
    argument = file.parent(top)
    call = file.parent(argument) if isinstance(argument, cst.Arg) else None
    if not isinstance(call, cst.Call) or call.args[0] is not argument:
        return False
    return _asked_or_404(file, call) is not None


def _asked_or_404(file: SourceFile, call: cst.Call) -> str | None:
    """Return the verb of a call of one of Django's shortcuts; None for any other.

    Whoever calls one has its name in the file: names are only looked up where it is.
    """
    return NOT_FOUND.get(called(file, call)) if "_or_404" in file.text else None


def _folded(file: SourceFile, top: cst.BaseExpression, variable: cst.Name) -> Site:
    """Read a chain on a name that holds a queryset."""
    definition = folding.definition_of(file, variable)
    chain = _read(file, folding.graft(top, definition.value), definition.value, top)
    own = (variable, *(link.node for link in unroll(top)[1]))
    built = len(unroll(definition.value)[1])
    site = used(file, chain, own[chain.begin.skip + chain.length - built])
    return replace(site, query=chain.shape.end, definition=definition)


def _read(
    file: SourceFile, query: cst.BaseExpression, built: cst.BaseExpression, top: cst.CSTNode
) -> Chain:
    """Read a chain of which only the beginning, `built`, stands in the file as it is.

    Raises:
        Unsupported: no operation stands for it, or what it is built on is not certain.
    """
    links, known = unroll(query)[1], len(unroll(built)[1])
    begin = chains.begin_of(file, query, known=known)
    if begin is None or begin.variable is not None:
        reason = f"what {file.code(built)} is built on is not certain"
        raise Unsupported(top, reason, folding.IN_PLACE)
    try:
        return chains.chain_of(file, begin, query, links[begin.skip :])
    except Unsupported as found:
        if any(found.node is link.node for link in links[known:]):
            found.node = top
        raise


def _or_404(file: SourceFile, top: cst.Call, verb: str) -> Site | None:
    """Read `get_object_or_404(rows, **lookups)` as `rows.get(**lookups)`."""
    first = top.args[0] if top.args and not top.args[0].star and not top.args[0].keyword else None
    value = file.certain(first.value) if first else None
    if first is None or value is None or value[0] not in "MGRQ" or not file.is_served(value[1]):
        return None
    if not verb:
        name = file.code(top.func)
        raise Unsupported(top, f"{name}() is not known to the client", "write it out")
    is_model = value[0] == "M"
    query: cst.BaseExpression = as_get(top, is_model=is_model)
    built, definition = first.value, None
    root = unroll(built)[0]
    if isinstance(root, cst.Name) and (rooted := file.certain(root)) and rooted[0] == "Q":
        definition = folding.definition_of(file, root)
        query, built = (
            folding.graft(query, definition.value),
            folding.graft(built, definition.value),
        )
    chain = _read(file, query, built, top)
    return Site(top, query, chain, "get", is_404=True, is_model=is_model, definition=definition)


def as_get(call: cst.Call, *, is_model: bool) -> cst.Call:
    """Return the chain that `get_object_or_404` makes of its arguments."""
    rows = call.args[0].value
    if is_model:
        rows = cst.Attribute(rows, cst.Name("_default_manager"))
    return cst.Call(cst.Attribute(rows, cst.Name("get")), call.args[1:])


def used(file: SourceFile, chain: Chain, end: cst.BaseExpression) -> Site:
    """Say what becomes of a query, which stands in the file as `end`, by what is done with it.

    Raises:
        Unsupported: it is passed on as a queryset.
    """
    shape = chain.shape
    if chain.is_asked or shape.terminal is not None:
        name = shape.terminal.name if shape.terminal is not None else "ask"
        if shape.is_rows and name not in ("count", "exists"):
            raise Unsupported(end, f"{name}() of rows of values", "read the columns of the row")
        return Site(end, end, chain, name)
    if shape.index is not None:
        return Site(end, end, chain, "index")
    verb = "values" if shape.is_rows else "list"
    parent = file.parent(end)
    around = file.parent(parent) if isinstance(parent, cst.Arg) else None
    if isinstance(around, cst.Call):
        if is_builtin(file, around, "len") and shape.window is None:
            return Site(around, end, chain, "len", is_inside=True)
        if is_builtin(file, around, "list"):
            return Site(around, end, chain, verb, is_inside=True)
    if _is_iterated(end, parent) or _evaluates(file, around, parent):
        return Site(end, end, chain, verb)
    if isinstance(parent, cst.Return) and verb == "list":
        return Site(end, end, chain, verb, is_lazy=True)
    raise Unsupported(end, "a queryset is passed on and evaluated elsewhere", ELSEWHERE)


def _is_iterated(end: cst.BaseExpression, parent: cst.CSTNode | None) -> bool:
    if isinstance(parent, (cst.For, cst.CompFor)):
        return parent.iter is end
    return isinstance(parent, cst.ComparisonTarget) and isinstance(
        parent.operator, (cst.In, cst.NotIn)
    )


def _evaluates(file: SourceFile, call: cst.CSTNode | None, argument: cst.CSTNode | None) -> bool:
    """Tell whether a call reads its first argument as an iterable, there and then."""
    if (
        not isinstance(call, cst.Call)
        or call.args[0] is not argument
        or call.args[0].star not in ("", "*")
    ):
        return False
    if call.args[0].star:
        return True
    name = called(file, call).removeprefix("builtins.")
    is_join = isinstance(call.func, cst.Attribute) and call.func.attr.value == "join"
    return name in EVALUATES or (is_join and call.args[0].keyword is None)
