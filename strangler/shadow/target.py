"""Where a route's pairs are made: the two sides' addresses and the route's rules."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from strangler.errors import Problem, StranglerError
from strangler.shadow.rules import Rules

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class ShadowTarget:
    """One shadowed route.

    URLs are `scheme://host:port` of one instance of each side. `ignore` and `unordered` are path
    patterns; `timeout_s` bounds each replayed call as a whole. `control` is the upstream that a
    control's response must name, where it names one; empty for any.
    """

    route: str
    control_url: str
    candidate_url: str
    ignore: tuple[str, ...] = ()
    unordered: tuple[str, ...] = ()
    timeout_s: float = DEFAULT_TIMEOUT_S
    missing_is_null: bool = False
    control: str = ""

    def rules(self, host: str) -> Rules:
        """Return the rules of the comparison, for a request that named `host`."""
        urls = (self.control_url, self.candidate_url)
        hosts = frozenset({host.lower(), *(urlsplit(url).netloc.lower() for url in urls)} - {""})
        return Rules(self.ignore, self.unordered, hosts, self.missing_is_null)


class TargetsError(StranglerError):
    """A targets file that cannot be used; the message lists every problem."""


def dump_targets(targets: tuple[ShadowTarget, ...]) -> str:
    """Return the text of a targets file: a JSON list of objects with ShadowTarget's fields."""
    fields = ShadowTarget.__dataclass_fields__
    rows = [{name: getattr(target, name) for name in fields} for target in targets]
    return json.dumps(rows, indent=1) + "\n"


def load_targets(path: Path) -> dict[str, ShadowTarget]:
    """Read a targets file, by route.

    Raises:
        TargetsError: when it is missing, no JSON list, or an entry is wrong; all at once.
    """
    try:
        rows = json.loads(path.read_text())
    except OSError as error:
        raise TargetsError(f"targets file {path}: {error.strerror}") from None
    except ValueError as error:
        raise TargetsError(f"targets file {path} is no JSON: {error}") from None
    if not isinstance(rows, list):
        raise TargetsError(f"targets file {path}: expected a list, got {type(rows).__name__}")
    problems: list[Problem] = []
    targets: dict[str, ShadowTarget] = {}
    for number, row in enumerate(rows, start=1):
        faults = _faults(row)
        problems += [Problem(str(path), 0, f"entry {number}: {fault}") for fault in faults]
        if not faults:
            lists = {name: tuple(row.get(name, ())) for name in ("ignore", "unordered")}
            targets[row["route"]] = ShadowTarget(**(row | lists))
    if problems:
        raise TargetsError("\n".join(str(problem) for problem in problems))
    return targets


def _faults(row: object) -> list[str]:
    if not isinstance(row, dict):
        return [f"expected an object, got {row!r:.60}"]
    faults = [f"unknown key {key!r}" for key in row if key not in ShadowTarget.__dataclass_fields__]
    if not isinstance(row.get("route"), str) or not row["route"]:
        faults.append("`route` must be the name of a route")
    for name in ("control_url", "candidate_url"):
        url = row.get(name)
        if not isinstance(url, str) or urlsplit(url).scheme not in ("http", "https"):
            faults.append(f"`{name}` must be an http URL, got {url!r:.60}")
    for name in ("ignore", "unordered"):
        patterns = row.get(name, [])
        if not isinstance(patterns, list) or not all(isinstance(p, str) for p in patterns):
            faults.append(f"`{name}` must be a list of path patterns, got {patterns!r:.60}")
    timeout_s = row.get("timeout_s", DEFAULT_TIMEOUT_S)
    if not isinstance(timeout_s, int | float) or isinstance(timeout_s, bool) or timeout_s <= 0:
        faults.append(f"`timeout_s` must be a number of seconds above 0, got {timeout_s!r:.60}")
    if not isinstance(row.get("control", ""), str):
        faults.append(f"`control` must be the name of an upstream, got {row['control']!r:.60}")
    if not isinstance(row.get("missing_is_null", False), bool):
        faults.append("`missing_is_null` must be true or false")
    return faults
