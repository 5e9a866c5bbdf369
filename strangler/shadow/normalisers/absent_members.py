"""A member that is absent where the other side has null, for clients that take both alike.

Off unless the route's rules say `missing_is_null`: to many clients they differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from strangler.shadow.observation import Difference
    from strangler.shadow.rules import Rules


def excuses(difference: Difference, rules: Rules) -> bool:
    """Whether one side has null where the other has nothing."""
    if not rules.missing_is_null or difference.path.endswith("]"):
        return False
    present = difference.control if difference.kind == "missing" else difference.candidate
    return difference.kind in ("missing", "extra") and present is None
