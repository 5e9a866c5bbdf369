"""A link to the answering host itself: the same path under the name of the other side.

Pagination links, hyperlinked fields and Location carry the host that answered. Only hosts that
the route's rules name for either side are taken for one another.
https://www.django-rest-framework.org/api-guide/pagination/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from strangler.shadow.observation import Difference
    from strangler.shadow.rules import Rules

_ORIGIN = re.compile(r"\bhttps?://([^/?#\s\"'<>;]+)", re.IGNORECASE)


def excuses(difference: Difference, rules: Rules) -> bool:
    """Whether both values are equal once the sides' own origins are taken out."""
    control, candidate = difference.control, difference.candidate
    if difference.kind not in ("value", "header"):
        return False
    if not isinstance(control, str) or not isinstance(candidate, str):
        return False
    return _relative(control, rules.hosts) == _relative(candidate, rules.hosts)


def _relative(text: str, hosts: frozenset[str]) -> str:
    return _ORIGIN.sub(lambda found: "" if found[1].lower() in hosts else found[0], text)
