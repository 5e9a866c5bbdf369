"""All changes to the queries of one file, planned together: some only make sense with others.

A value has no manager of related rows, so `user = get(...)` changes only when
`user.addresses.all()` does too. Changes that need each other share a group; one that misses
another is refused.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from codemods.transforms import listing, reads
from codemods.transforms.change import Proposal, Refusal
from codemods.transforms.links import Unsupported
from codemods.transforms.sites import sites

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import libcst as cst

    from codemods.transforms.reads import Draft
    from codemods.transforms.sites import Site
    from codemods.transforms.source import SourceFile

IN_PLACE = "ask for them by its id, in place"
DRAFTS: Mapping[str, Callable[[SourceFile, Site], Draft]] = {
    "get": reads.row,
    "first": reads.row,
    "last": reads.row,
    "earliest": reads.raising,
    "latest": reads.raising,
    "exists": reads.scalar,
    "count": reads.scalar,
    "len": reads.scalar,
    "list": listing.rows,
    "index": listing.rows,
    "values": listing.values,
    "in_bulk": listing.in_bulk,
}


@dataclass
class Plan:
    """What is proposed for a file: drafts by site, in file order, and refusals by transform."""

    drafts: dict[Site, Draft] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)

    def refuse(self, site: Site, node: cst.CSTNode, reason: str, suggestion: str) -> None:
        """Leave a site as it is."""
        self.drafts.pop(site, None)
        self.refusals.append(Refusal(node, site.transform, reason, suggestion))


_KNOWN: weakref.WeakKeyDictionary[SourceFile, Plan] = weakref.WeakKeyDictionary()


def proposal(file: SourceFile, name: str) -> Proposal:
    """Return what one transform proposes for a file."""
    if file not in _KNOWN:
        _KNOWN[file] = _plan(file)
    plan = _KNOWN[file]
    return Proposal(
        [draft.change for site, draft in plan.drafts.items() if site.transform == name],
        [refusal for refusal in plan.refusals if refusal.transform == name],
    )


def _plan(file: SourceFile) -> Plan:
    found = sites(file)
    plan = Plan(refusals=list(found.refusals))
    for site in found.found:
        draft_of = DRAFTS.get(site.verb)
        if draft_of is None or not _is_chosen(file, site):
            continue
        try:
            plan.drafts[site] = draft_of(file, site)
        except Unsupported as refused:
            plan.refuse(site, refused.node, refused.reason, refused.suggestion)
    while _drop_incomplete(plan):
        pass
    _group(file, plan)
    return plan


def _is_chosen(file: SourceFile, site: Site) -> bool:
    return file.chosen is None or site.transform in file.chosen


def _drop_incomplete(plan: Plan) -> bool:
    """Refuse the first draft that needs a change nobody makes; False when there is none."""
    begins = {site.chain.begin.node for site in plan.drafts}
    for site, draft in plan.drafts.items():
        for related in draft.related:
            if related not in begins:
                reason = f"its related rows {related.attr.value} are asked for"
                plan.refuse(site, related, reason, IN_PLACE)
                return True
    return False


def _group(file: SourceFile, plan: Plan) -> None:
    """Give drafts that need each other one group."""
    by_begin = {site.chain.begin.node: site for site in plan.drafts}
    leader: dict[Site, Site] = {}

    def lead(site: Site) -> Site:
        while leader.get(site, site) is not site:
            site = leader[site]
        return site

    for site, draft in plan.drafts.items():
        for related in draft.related:
            leader[lead(by_begin[related])] = lead(site)
    for site, draft in plan.drafts.items():
        first = lead(site)
        if first is not site or any(lead(other) is site for other in leader):
            line, column, *_ = file.span(first.node)
            group = f"{file.path}:{line}:{column}"
            plan.drafts[site] = replace(draft, change=replace(draft.change, group=group))
