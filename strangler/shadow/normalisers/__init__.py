"""Normalisers: differences in how a value is written, not in what it says.

Each is a module of this package with `excuses(difference, rules) -> bool`; the module's name is
the reason shown beside the differences it excused. To add one, add a module and its test: the
package is walked.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from strangler.shadow.observation import Difference
    from strangler.shadow.rules import Rules

    Excuse = Callable[[Difference, Rules], bool]


@cache
def normalisers() -> tuple[tuple[str, Excuse], ...]:
    """Return every normaliser as (name, excuse), in alphabetical order."""
    names = sorted(info.name for info in pkgutil.iter_modules(__path__))
    return tuple((name, importlib.import_module(f"{__name__}.{name}").excuses) for name in names)


def excused_by(difference: Difference, rules: Rules) -> str | None:
    """Return the name of the first normaliser that excuses a difference, or None."""
    return next((name for name, excuses in normalisers() if excuses(difference, rules)), None)
