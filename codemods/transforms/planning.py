"""All changes to the queries of one file, planned together: some only make sense with others.

A value has no manager of related rows, so `user = get(...)` changes only when
`user.addresses.all()` does too. Changes that need each other share a group; one that misses
another is refused.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import libcst as cst

from codemods.transforms import asking, finding, folding, handlers, listing, peers, reads, writing
from codemods.transforms.change import Change, Proposal, Refusal
from codemods.transforms.links import Unsupported, unroll
from codemods.transforms.sites import sites

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from codemods.transforms.reads import Draft
    from codemods.transforms.sites import Site
    from codemods.transforms.source import SourceFile

RAISING = frozenset({"get", "earliest", "latest"})
IN_PLACE = "ask for them by its id, in place"
DRAFTS: Mapping[str, Callable[[SourceFile, Site], Draft]] = {
    "get": reads.row,
    "first": reads.row,
    "last": reads.row,
    "earliest": reads.row,
    "latest": reads.row,
    "exists": reads.scalar,
    "count": reads.scalar,
    "len": reads.scalar,
    "list": listing.rows,
    "index": listing.rows,
    "values": listing.values,
    "in_bulk": listing.in_bulk,
    "create": writing.create,
    "update": writing.update,
    "ask": asking.row,
    "get_or_create": finding.or_created,
    "update_or_create": finding.or_created,
}


@dataclass
class Plan:
    """What is proposed for a file: drafts by site, in file order, and refusals by transform.

    `further` are changes that come with those of the drafts, in their groups.
    """

    drafts: dict[Site, Draft] = field(default_factory=dict)
    further: list[Change] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)

    def refuse(self, site: Site, node: cst.CSTNode, reason: str, suggestion: str) -> None:
        """Leave a site as it is."""
        self.drafts.pop(site, None)
        self.refusals.append(Refusal(node, site.transform, reason, suggestion))


Decided = tuple[dict[tuple[str, str], str], "frozenset[str] | None", dict[str, str]]
_KNOWN: weakref.WeakKeyDictionary[SourceFile, tuple[Decided, Plan]] = weakref.WeakKeyDictionary()


def proposal(file: SourceFile, name: str) -> Proposal:
    """Return what one transform proposes for a file, as relations and queries are decided now."""
    decided = (dict(file.relations), file.trusted, dict(file.distrusted))
    known = _KNOWN.get(file)
    if known is None or known[0] != decided:
        known = _KNOWN[file] = (decided, _plan(file))
    plan = known[1]
    return Proposal(
        [
            *(draft.change for site, draft in plan.drafts.items() if site.transform == name),
            *(change for change in plan.further if change.transform == name),
        ],
        [refusal for refusal in plan.refusals if refusal.transform == name],
    )


def _plan(file: SourceFile) -> Plan:
    found = sites(file)
    plan = Plan(refusals=list(found.refusals))
    for site in found.found:
        draft_of = DRAFTS.get(site.verb)
        if draft_of is None or not _is_asked(file, site.transform):
            continue
        try:
            plan.drafts[site] = draft_of(file, site)
        except Unsupported as refused:
            plan.refuse(site, refused.node, refused.reason, refused.suggestion)
    while _drop_incomplete(plan):
        pass
    _drop_repeated(plan)
    while _drop_incomplete(plan):
        pass
    _group(file, plan)
    return plan


def _is_asked(file: SourceFile, transform: str) -> bool:
    return file.chosen is None or transform in file.chosen


def _drop_incomplete(plan: Plan) -> bool:
    """Refuse the first draft that needs a change nobody makes; False when there is none."""
    begins = {site.chain.begin.node for site in plan.drafts}
    roots = {id(load) for site in plan.drafts for load in _loads_inside(site)}
    for site, draft in plan.drafts.items():
        for related in draft.related:
            if related not in begins:
                reason = f"its related rows {related.attr.value} are asked for"
                plan.refuse(site, related, reason, IN_PLACE)
                return True
        for other in site.alike:
            if other not in begins:
                reason = f"{other.attr.value} is changed, or needed as a row, in the same function"
                plan.refuse(site, other, reason, IN_PLACE)
                return True
        for load in site.definition.loads if site.definition else ():
            if id(load) not in roots:
                reason = f"its queryset {load.value} is used otherwise too"
                plan.refuse(site, load, reason, folding.IN_PLACE)
                return True
    return False


def _drop_repeated(plan: Plan) -> None:
    """Refuse reads of one row's peer that are several: its cache would make them one."""
    for site in [site for site in plan.drafts if site.alike]:
        if sum(other.deep_equals(site.node) for other in site.alike) > 1:
            reason = f"{site.alike[0].attr.value} is read more than once here"
            plan.refuse(site, site.node, reason, peers.IN_A_NAME)


def _loads_inside(site: Site) -> list[cst.BaseExpression]:
    """Return where the name that holds a site's queryset is read for it."""
    if site.definition is None:
        return []
    roots = [unroll(reads.bare(site))[0]]
    return roots + [unroll(folding.assigned(each))[0] for each in site.definition.statements]


def _group(file: SourceFile, plan: Plan) -> None:
    """Give drafts that need each other one group, and remove what only built their queries."""
    groups = _Groups()
    by_begin = {site.chain.begin.node: site for site in plan.drafts}
    caught: dict[cst.Attribute, Site] = {}
    for site, draft in plan.drafts.items():
        for handler in handlers.handled(file, site) if site.verb in RAISING else ():
            caught[handler] = site
            groups.join(handler, site)
        for related in draft.related:
            groups.join(by_begin[related], site)
        if site.definition is not None:
            groups.join(site.definition.key, site)
    removed: set[int] = set()
    for site, draft in list(plan.drafts.items()):
        group = groups.written(site, plan.drafts) or groups.name(file, site, plan.drafts)
        plan.drafts[site] = replace(draft, change=replace(draft.change, group=group))
        for statement in site.definition.statements if site.definition else ():
            if id(statement) not in removed:
                removed.add(id(statement))
                plan.further.append(Change(statement, _removed, site.transform, group=group))

    for handler, site in caught.items() if _is_asked(file, handlers.NAME) else ():
        group = plan.drafts[site].change.group
        plan.further.append(handlers.change_of(file, handler, site.chain.label, group))


def _removed(_node: cst.CSTNode) -> object:
    return cst.RemoveFromParent()


class _Groups:
    """Which things belong together: disjoint sets."""

    def __init__(self) -> None:
        self._leader: dict[object, object] = {}

    def _lead(self, thing: object) -> object:
        while (leader := self._leader.get(thing, thing)) is not thing:
            thing = leader
        return thing

    def join(self, one: object, other: object) -> None:
        """Put two things, and all that belong to them, into one group."""
        first, second = self._lead(one), self._lead(other)
        if first is not second:
            self._leader[first] = second

    def written(self, site: Site, drafts: Mapping[Site, Draft]) -> str:
        """Return the group of writes that a site, or another of its group, needs; "" for none."""
        lead = self._lead(site)
        found = [draft.written for each, draft in drafts.items() if self._lead(each) is lead]
        return max(found, default="")

    def name(self, file: SourceFile, site: Site, among: Iterable[Site]) -> str:
        """Return the name of a site's group, after the first place in it; "" when it is alone."""
        lead = self._lead(site)
        if lead is site and site not in self._leader.values():
            return ""
        places = [file.span(each.node)[:2] for each in among if self._lead(each) is lead]
        line, column = min(places)
        return f"{file.path}:{line}:{column}"
