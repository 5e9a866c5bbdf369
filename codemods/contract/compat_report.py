"""What comparing contracts found: as text, as JSON, as GitHub annotations and as SARIF 2.1.0."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codemods.contract.compat import RULES, Verdict
from codemods.crossings.report import github as on_github
from codemods.crossings.report import sarif as in_sarif

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from codemods.contract.compat_sites import Located, Site
    from codemods.contract.conventions import Departure

MAX_SITES = 12
MAX_OPERATIONS = 4
LEVELS = {Verdict.BREAKS: "error", Verdict.UNUSED: "warning", Verdict.ADDED: "notice"}
_SARIF_LEVELS = {"error": "error", "warning": "warning", "notice": "note"}


@dataclass(frozen=True, slots=True)
class Compared:
    """One contract: its path, what it was compared with, what changed, what is not as agreed."""

    path: str
    service: str
    base: str
    changes: tuple[Located, ...]
    departures: tuple[Departure, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Tell whether nobody breaks and the document is as the conventions have it."""
        return not self.departures and all(
            each.verdict is not Verdict.BREAKS for each in self.changes
        )


def reason(found: Located) -> str:
    """Say in one sentence what changed, for whom it matters, and what to do."""
    change = found.change
    told = f"{change.what} {change.told}"
    if found.verdict is Verdict.BREAKS:
        return f"{told}. Offer the former beside it until these call sites are moved."
    if found.verdict is Verdict.UNUSED:
        why = "accepted" if found.is_accepted else "nothing recorded uses it any more"
        return f"{told}: {why}. Let callers that still run be deployed first."
    return told


def text(compared: Sequence[Compared]) -> str:
    """Return what people read."""
    lines: list[str] = []
    for each in compared:
        lines.append(f"{each.path} against {each.base}")
        for found in each.changes:
            lines += _told(found)
        lines += [
            f"  departs  {departure.where}: {departure.told}" for departure in each.departures
        ]
    counted = Counter(found.verdict for each in compared for found in each.changes)
    departures = sum(len(each.departures) for each in compared)
    breaks = counted[Verdict.BREAKS]
    summary = [
        f"{breaks} {'change breaks' if breaks == 1 else 'changes break'} recorded callers",
        f"{counted[Verdict.UNUSED]} that nobody recorded would notice",
        f"{counted[Verdict.ADDED]} added",
    ]
    if departures:
        summary.append(f"{departures} not as docs/contracts.md has it")
    return "\n".join([*lines, "", ", ".join(summary), ""])


def _told(found: Located) -> Iterator[str]:
    change = found.change
    yield f"  {found.verdict.value:<7}  {change.rule}: {change.what} {change.told}"
    others = [name for name in change.operations if name not in change.what.split()]
    if others:
        more = len(others) - MAX_OPERATIONS
        yield (
            f"             of {', '.join(others[:MAX_OPERATIONS])}"
            f"{f' and {more} more' if more > 0 else ''}"
        )
    if found.is_accepted:
        yield "             accepted"
    for site in found.sites[:MAX_SITES]:
        away = "" if site.is_here else ", not in this project"
        yield f"             {site}{away}"
    if len(found.sites) > MAX_SITES:
        yield f"             and {len(found.sites) - MAX_SITES} more"


def to_json(compared: Iterable[Compared]) -> dict[str, Any]:
    """Return JSON-ready values."""
    return {
        "version": 1,
        "contracts": [
            {
                "path": each.path,
                "service": each.service,
                "base": each.base,
                "is_clean": each.is_clean,
                "changes": [_change_to_json(found) for found in each.changes],
                "departures": [
                    {"where": departure.where, "told": departure.told}
                    for departure in each.departures
                ],
            }
            for each in compared
        ],
    }


def _change_to_json(found: Located) -> dict[str, Any]:
    change = found.change
    return {
        "rule": change.rule,
        "what": change.what,
        "told": change.told,
        "verdict": found.verdict.value,
        "is_accepted": found.is_accepted,
        "operations": list(change.operations),
        "sites": [site_to_json(site) for site in found.sites],
    }


def site_to_json(site: Site) -> dict[str, Any]:
    """Return one site as JSON-ready values."""
    return {
        "context": site.use.context,
        "path": site.use.path,
        "function": site.use.function,
        "lines": list(site.lines),
        "is_here": site.is_here,
    }


def github(compared: Iterable[Compared], *, folder: str = "") -> str:
    """Return annotations: at each call site that breaks, else on the contract's file.

    `folder` is the project's in its repository, such as "backend/".
    """
    lines = []
    for each in compared:
        for level, rule, told, site in _findings(each):
            path, line = _place(each, site)
            place = {"file": folder + path, "line": str(line), "title": f"contract: {rule}"}
            lines.append(on_github.annotation(level, place, told))
    return "".join(lines)


def sarif(compared: Iterable[Compared], *, folder: str = "") -> str:
    """Return a SARIF log with one result per call site that breaks, or per other change."""
    results: list[dict[str, Any]] = []
    for each in compared:
        for level, rule, told, site in _findings(each):
            path, line = _place(each, site)
            key = f"{each.service} {rule} {told} {path}"
            results.append(
                {
                    "ruleId": rule,
                    "level": _SARIF_LEVELS[level],
                    "message": {"text": told},
                    "locations": [in_sarif.location(folder + path, startLine=line)],
                    "partialFingerprints": {
                        "codemodsKey/v1": hashlib.blake2b(key.encode(), digest_size=16).hexdigest()
                    },
                }
            )
    told_of = {**RULES, CONVENTION: "a contract is not of the one shape that all services share"}
    used = sorted({str(result["ruleId"]) for result in results})
    rules = [{"id": rule, "shortDescription": {"text": told_of[rule]}} for rule in used]
    return in_sarif.log(rules, results)


CONVENTION = "convention"


def _findings(each: Compared) -> Iterator[tuple[str, str, str, Site | None]]:
    """Give (level, rule, message, site) of everything found in one contract."""
    for found in each.changes:
        level, told = LEVELS[found.verdict], reason(found)
        for site in found.sites if found.verdict is Verdict.BREAKS else (None,):
            yield level, found.change.rule, told, site
    for departure in each.departures:
        yield "error", CONVENTION, f"{departure.where}: {departure.told}", None


def _place(each: Compared, site: Site | None) -> tuple[str, int]:
    if site is None or not site.is_here:
        return each.path, 1
    return site.use.path, site.lines[0] if site.lines else 1
