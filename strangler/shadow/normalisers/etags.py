"""Entity tags are opaque: two servers may tag one answer differently, equally strongly.

https://www.rfc-editor.org/rfc/rfc9110#name-etag
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from strangler.shadow.observation import Difference
    from strangler.shadow.rules import Rules


def excuses(difference: Difference, rules: Rules) -> bool:  # noqa: ARG001
    """Whether both sides sent a tag, both weak or both strong."""
    control, candidate = difference.control, difference.candidate
    if difference.path != "header.etag":
        return False
    if not isinstance(control, str) or not isinstance(candidate, str):
        return False
    return control.startswith("W/") == candidate.startswith("W/")
