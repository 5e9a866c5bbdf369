"""Join the files that the recorder left, one per process, into one trace."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codemods.project.sources import digest_files
from codemods.trace import statements
from codemods.trace.records import Site, Trace
from codemods.trace.statements import Statement

if TYPE_CHECKING:
    from pathlib import Path

CLASS = "class "
BLOCK_TRANSLATE = "BlockTrans"

Key = tuple[Any, ...]


@dataclass(frozen=True)
class Collected:
    """A trace, and how it was come by.

    `interpreter` is the path of the Python that ran the project; `problems` what the recorder
    could not record.
    """

    trace: Trace
    interpreter: str
    processes: int
    problems: tuple[str, ...]


def collect(folder: Path, root: Path, command: tuple[str, ...]) -> Collected | None:
    """Return what all processes recorded; None when none of them ran SQL from a line of `root`."""
    counts: Counter[Key] = Counter()
    heads: list[dict[str, Any]] = []
    problems: set[str] = set()
    for path in sorted(folder.glob("*.jsonl")):
        keys: dict[int, Key] = {}
        for entry in _entries(path):
            if "site" in entry:
                keys[entry["n"]] = key = _key(entry)
                counts.setdefault(key, 0)
            elif "counts" in entry:
                for number, count in entry["counts"]:
                    counts[keys[number]] += count
            elif "error" in entry:
                problems.add(entry["error"])
            else:
                heads.append(entry)
    if not counts:
        return None
    head = sorted(heads, key=lambda head: not head["settings"])[0]
    sources = Sources(root)
    sites = tuple(sorted(_site(key, count, sources) for key, count in counts.items()))
    trace = Trace(
        python=head["version"],
        django=head["django"],
        settings=head["settings"] or "",
        command=command,
        files=digest_files(root, sorted({site.path for site in sites})),
        sites=sites,
    )
    return Collected(trace, head["python"], len(heads), tuple(sorted(problems)))


def _entries(path: Path) -> list[dict[str, Any]]:
    """Read a recorder's file; a killed process may have left its last line half-written."""
    found = []
    for line in path.read_text().splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            break
    return found


def _key(entry: dict[str, Any]) -> Key:
    path, line, node, via, origin = entry["site"]
    verb, reads, writes = entry["sql"]
    atomics = tuple(site for site in entry["atomics"] if site)
    is_template = node and not node.startswith(CLASS)
    return (
        path, line, node or "", "" if is_template else via or "",
        verb, tuple(reads), tuple(writes), atomics, origin or "",
    )  # fmt: skip


class Sources:
    """The statements of the project's files, each file read once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lines: dict[str, dict[int, Statement]] = {}
        self._classes: dict[str, dict[str, Statement]] = {}

    def statement(self, path: str, line: int) -> Statement:
        """Return the statement that a line is part of, or the line alone."""
        if path not in self._lines:
            of_file = statements.of_python if path.endswith(".py") else statements.of_template
            self._lines[path] = of_file(self._text(path))
        module = statements.MODULE if path.endswith(".py") else ""
        return self._lines[path].get(line) or Statement(line, line, module)

    def class_lines(self, path: str, name: str) -> Statement:
        """Return all lines of a class, or the file's first for one that no statement makes."""
        if path not in self._classes:
            self._classes[path] = statements.classes(self._text(path))
        return self._classes[path].get(name) or Statement(1, 1, statements.MODULE)

    def _text(self, path: str) -> str:
        try:
            return (self._root / path).read_text(errors="replace")
        except OSError:
            return ""


def _site(key: Key, count: int, sources: Sources) -> Site:
    path, line, node, via, verb, reads, writes, atomics, origin = key
    if node.startswith(CLASS):
        name = node[len(CLASS) :]
        lines = sources.class_lines(path, name)
        line, found = lines.start, Statement(lines.start, lines.end, name)
    elif node and not node.startswith(BLOCK_TRANSLATE):
        found = Statement(line, line, "")
    else:
        found = sources.statement(path, line)
    return Site(
        path=path,
        line=line,
        start=found.start,
        end=found.end,
        function=found.function,
        node=node,
        via=via,
        verb=verb,
        reads=reads,
        writes=writes,
        atomics=atomics,
        origin=_elsewhere(origin, path, found, sources),
        # A process that was killed saw the statement at least once, whatever it could write down.
        count=max(count, 1),
    )


def _elsewhere(origin: str, path: str, here: Statement, sources: Sources) -> str:
    """Return the statement that shaped the queryset as "path:start-end", empty when it is here."""
    if not origin:
        return ""
    origin_path, _, line = origin.rpartition(":")
    found = sources.statement(origin_path, int(line))
    is_here = origin_path == path and here.start <= found.start <= here.end
    return "" if is_here else f"{origin_path}:{found.start}-{found.end}"
