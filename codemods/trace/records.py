"""A trace: the project's lines that ran SQL, as `codemods trace` keeps them in one JSON file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from codemods.errors import CodemodsError

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 1


@dataclass(frozen=True, slots=True, order=True)
class Site:
    """A line of the project that ran one shape of statement.

    `start` and `end` are the statement of code that the line is part of; `node` is the template
    node, "class NAME" where a library acted for a class, else empty; `via` the library function
    that ran the SQL for the line, as "module:function", empty when the line asked the ORM itself.
    `verb` is select, lock, insert, update or delete. `atomics` are the sites ("path:line") of the
    open transaction blocks, outermost first; blocks of the test case itself are left out.
    `origin` is the statement ("path:start-end") that last shaped the queryset, where that is
    another one.
    """

    path: str
    line: int
    start: int
    end: int
    function: str
    node: str
    via: str
    verb: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    atomics: tuple[str, ...]
    origin: str
    count: int


@dataclass(frozen=True)
class Trace:
    """All sites of one run. `files` maps each path to the digest it had then."""

    python: str
    django: str
    settings: str
    command: tuple[str, ...]
    files: dict[str, str]
    sites: tuple[Site, ...]

    def dump(self) -> str:
        """Return the trace as JSON, one site per line, sorted, with nothing of the machine."""
        head = {
            "format": FORMAT,
            "python": self.python,
            "django": self.django,
            "settings": self.settings,
            "command": list(self.command),
        }
        rows = ",\n  ".join(json.dumps(asdict(site)) for site in sorted(self.sites))
        start = json.dumps(head)[:-1]
        files = json.dumps(self.files, sort_keys=True)
        return f'{start},\n "files": {files},\n "sites": [\n  {rows}\n ]}}\n'


def load(path: Path) -> Trace:
    """Read a trace.

    Raises:
        CodemodsError: there is none, or it is not one.
    """
    remedy = "Make one: `codemods trace -- pytest` (or `-- python manage.py test`)."
    try:
        raw = json.loads(path.read_text())
    except OSError as error:
        raise CodemodsError(f"{path}: {error.strerror or error}. {remedy}") from error
    except ValueError as error:
        raise CodemodsError(f"{path}: not a trace: {error}. {remedy}") from error
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        raise CodemodsError(f"{path}: not a trace of format {FORMAT}. {remedy}")
    try:
        return Trace(
            python=raw["python"],
            django=raw["django"],
            settings=raw["settings"],
            command=tuple(raw["command"]),
            files=dict(raw["files"]),
            sites=tuple(_site(row) for row in raw["sites"]),
        )
    except (KeyError, TypeError) as error:
        raise CodemodsError(f"{path}: not a whole trace: {error!r}. {remedy}") from error


def _site(row: dict[str, Any]) -> Site:
    lists = ("reads", "writes", "atomics")
    values: dict[str, Any] = {k: tuple(v) if k in lists else v for k, v in row.items()}
    return Site(**values)
