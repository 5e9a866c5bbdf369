"""Load what diverted relations give in one batched call per relation, as joins did before.

`select_related("user")` becomes `prefetch_related("user")`, `"order__user"` leaves `"order"`
behind, and paths that go on beyond the relation are cut at it: the value carries what is read of
it. So are `prefetch_related("lines__product__category")`, `Prefetch` objects that pick no rows,
`only` and `defer`. A loop over a queryset of its own that walks a diverted relation gets the same
call. The rows are the same; a relation is read a query after its row instead of along with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import libcst as cst

from codemods.transforms import chain_edits, folding, prefetch_classes, prefetch_loops
from codemods.transforms.change import Change, Proposal, Refusal
from codemods.transforms.links import imports_behind
from codemods.transforms.prefetch_plan import Plan, plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from codemods.transforms.chain_edits import Edit
    from codemods.transforms.relations import Relation
    from codemods.transforms.source import SourceFile

ORDER = 20
NAME = "prefetch"
EAGER_ITERATOR = (4, 1)  # since then iterator(chunk_size=...) loads ahead, and demands the argument
CHUNK_ROWS = 2000
SUGGESTION = "name the diverted relation alone in prefetch_related(), and filter by ids"
COMMENT = "a comment among the arguments would be lost"


def propose(file: SourceFile) -> Proposal:
    """Propose to batch what the file's querysets load of diverted relations."""
    proposal = Proposal()
    if file.context == file.service or "" not in file.relations.values():
        return proposal
    wanted = prefetch_loops.wanted(file)
    for chain in chain_edits.chains(file):
        made = plan(file, chain)
        proposal.refusals += [
            Refusal(call, NAME, reason, SUGGESTION) for call, reason in made.refused
        ]
        paths = [path for call in chain for path in wanted.get(call, ())]
        if made.edits or paths:
            _add(file, chain, made, paths, proposal)
    classes = prefetch_classes.proposed(file, NAME)
    proposal.changes += classes.changes
    proposal.refusals += classes.refusals
    return proposal


def blocks(file: SourceFile) -> dict[Relation, str]:
    """Say which relations must not be diverted, since this file loads rows beyond them.

    Such a `prefetch_related` fails on values, and `propose` cannot rewrite it; in the service's own
    files nothing is rewritten. Ask this of every file of any context, with `relations` as decided
    so far, before proposing; each reason names the place.
    """
    found: dict[Relation, str] = {}
    for chain in chain_edits.chains(file):
        made = plan(file, chain)
        stuck = dict(made.blocked)
        is_kept = file.context == file.service or _obstacle(file, chain, made, [])
        if is_kept:
            for relations in made.met.values():
                stuck |= dict.fromkeys(relations, "prefetch_related goes on beyond it")
        place = f"{file.path}:{file.span(chain[-1])[0]}"
        for relation, reason in stuck.items():
            found.setdefault(relation, f"{reason} at {place}")
    return found


def carried(file: SourceFile) -> set[Relation]:
    """Return the relations to many whose rows are to travel with the service's values.

    Those that the file loads ahead beyond a diverted relation: its author knew that they are few
    and read. The rows are the same and in the same order, for the owner loads them ahead in the
    same way; like all that is loaded ahead they are those of when the value was made.
    """
    found: set[Relation] = set()
    for chain in chain_edits.chains(file):
        found |= plan(file, chain).carried
    return found


def _add(
    file: SourceFile, chain: list[cst.Call], made: Plan, paths: list[str], proposal: Proposal
) -> None:
    """Add the changes of one chain, or the reason why it stays."""
    moved = list(dict.fromkeys([*(path for p in made.moved.values() for path in p), *paths]))
    if obstacle := _obstacle(file, chain, made, moved):
        if made.edits:
            proposal.refusals.append(Refusal(chain[-1], NAME, obstacle, SUGGESTION))
        return
    makes = _makes(chain, made, moved, chain_edits.usual_quote(file))
    line, column, _, _ = file.span(chain[-1])
    is_joined = len(makes) + len(made.unused) > 1
    group = f"{NAME} {file.path}:{line}:{column}" if is_joined else ""
    proposal.changes += [
        Change(call, make, NAME, is_batched=True, group=group) for call, make in makes.items()
    ]
    proposal.changes += [
        Change(
            statement, _removed, NAME, is_batched=True, group=group,
            unused=imports_behind(file, folding.assigned(statement)),
        )
        for statement in made.unused
    ]  # fmt: skip


def _removed(_node: cst.CSTNode) -> object:
    return cst.RemoveFromParent()


def _makes(
    chain: list[cst.Call], made: Plan, moved: list[str], quote: str
) -> dict[cst.Call, Callable[[cst.CSTNode], object]]:
    """Return what to make of each link that changes."""
    edits = dict(made.edits)
    host = next((call for call in chain if chain_edits.method(call) == "prefetch_related"), None)
    if host is not None:
        known = {path for path in map(chain_edits.text, (arg.value for arg in host.args)) if path}
        before = edits.get(host, list(range(len(host.args))))
        known |= {edit[1] for edit in before if isinstance(edit, tuple)}
        after = [*before, *(path for path in moved if path not in known)]
        if after != before:
            edits[host] = after
        moved = []
    first = next(iter(made.moved), None)
    makes = {
        call: _make(edit, moved if call is first else [], is_select=call in made.moved)
        for call, edit in edits.items()
    }
    if moved and first is None:
        makes[chain[-1]] = lambda node: chain_edits.followed(
            cast("cst.Call", node), "prefetch_related", moved, quote
        )
    for call in chain:
        if chain_edits.method(call) == "iterator" and not call.args:
            makes[call] = _chunked
    return makes


def _make(
    edits: list[Edit], moved: list[str], *, is_select: bool
) -> Callable[[cst.CSTNode], object]:
    """Return the edit of one link: its arguments, and the prefetch that follows or replaces it."""

    def make(node: cst.CSTNode) -> object:
        call = cast("cst.Call", node)
        if edits:
            call = chain_edits.with_arguments(call, edits)
            return chain_edits.followed(call, "prefetch_related", moved) if moved else call
        if is_select and moved:
            count = len(call.args)
            placed: list[Edit] = [
                (index, path) if index < count else path for index, path in enumerate(moved)
            ]
            return chain_edits.renamed(chain_edits.with_arguments(call, placed), "prefetch_related")
        return chain_edits.dropped(call)

    return make


def _chunked(node: cst.CSTNode) -> object:
    """Give `iterator()` the chunk that Django then loads ahead for."""
    size = cst.Arg(
        cst.Integer(str(CHUNK_ROWS)),
        keyword=cst.Name("chunk_size"),
        equal=cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace("")),
    )
    return cast("cst.Call", node).with_changes(args=[size])


def _obstacle(file: SourceFile, chain: list[cst.Call], made: Plan, moved: list[str]) -> str:
    """Say why a chain cannot be changed; "" when it can."""
    for call, edits in made.edits.items():
        kept = {edit[0] if isinstance(edit, tuple) else edit for edit in edits}
        if not kept >= set(range(len(call.args))) and chain_edits.has_comment(call):
            return COMMENT
    for call in chain if moved else ():
        name = chain_edits.method(call)
        if name == "prefetch_related" and any(
            isinstance(arg.value, cst.Name) and arg.value.value == "None" for arg in call.args
        ):
            return "prefetch_related(None) forgets what was to be loaded ahead"
        if name == "select_for_update" and _locks(call, moved):
            return "select_for_update(of=...) locks rows of the service"
        version = tuple(int(part) for part in file.graph.django.split(".")[:2] if part.isdigit())
        if name == "iterator" and version < EAGER_ITERATOR:
            return f"iterator() of Django {file.graph.django} loads nothing ahead"
    return ""


def _locks(call: cst.Call, moved: list[str]) -> bool:
    """Tell whether a lock names one of the paths, or what cannot be read."""
    for arg in call.args:
        if arg.keyword is not None and arg.keyword.value == "of":
            if not isinstance(arg.value, (cst.Tuple, cst.List)):
                return True
            named = [chain_edits.text(element.value) for element in arg.value.elements]
            return None in named or bool(set(named) & set(moved))
    return False
