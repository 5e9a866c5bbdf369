"""The transforms that a command's --only and --skip leave, and how they are told."""

from __future__ import annotations

import difflib
import json
import sys
from typing import TYPE_CHECKING

from codemods.errors import CodemodsError
from codemods.transforms import transforms

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from codemods.transforms import Transform


def chosen(only: Sequence[str], skip: Sequence[str]) -> dict[str, Transform]:
    """Return the transforms to use: those of `only`, or all, without those of `skip`.

    Raises:
        CodemodsError: a name is none of a transform.
    """
    known = transforms()
    for option, names in (("--only", only), ("--skip", skip)):
        for name in names:
            check_known(name, known, option)
    return {
        name: transform
        for name, transform in known.items()
        if (not only or name in only) and name not in skip
    }


def check_known(given: str, known: Iterable[str], option: str) -> None:
    """Refuse a name that is not known, with the one that was meant.

    Raises:
        CodemodsError: `given` is not among `known`.
    """
    names = sorted(known)
    if given not in names:
        close = difflib.get_close_matches(given, names, n=1)
        hint = f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(names)}."
        raise CodemodsError(f"{option} {given!r}: there is none of that name. {hint}")


def show(transforms: Mapping[str, Transform], *, is_json: bool) -> None:
    """Print each transform's name and the first line of what it says of itself."""
    told = {name: (one.__doc__ or "").splitlines()[0] for name, one in transforms.items()}
    if is_json:
        json.dump(told, sys.stdout, indent=1)
        print()
        return
    width = max(map(len, told), default=0)
    for name, line in told.items():
        print(f"{name:<{width}}  {line}")
