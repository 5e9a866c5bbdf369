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
    paths = sorted({key[0] for key in counts})
    within = {path: _statements(root, path) for path in paths}
    trace = Trace(
        python=head["version"],
        django=head["django"],
        settings=head["settings"] or "",
        command=command,
        files=digest_files(root, paths),
        sites=tuple(sorted(_site(key, count, within[key[0]]) for key, count in counts.items())),
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
    path, line, node, via = entry["site"]
    verb, reads, writes = entry["sql"]
    atomics = tuple(site for site in entry["atomics"] if site)
    return (
        path,
        line,
        node or "",
        "" if node else via or "",
        verb,
        tuple(reads),
        tuple(writes),
        atomics,
    )


def _statements(root: Path, path: str) -> dict[int, Statement]:
    try:
        text = (root / path).read_text(errors="replace")
    except OSError:
        return {}
    return statements.of_python(text) if path.endswith(".py") else statements.of_template(text)


def _site(key: Key, count: int, within: dict[int, Statement]) -> Site:
    path, line, node, via, verb, reads, writes, atomics = key
    nowhere = Statement(line, line, statements.MODULE if not node else "")
    is_plain_node = node and not node.startswith("BlockTrans")
    found = nowhere if is_plain_node else within.get(line, nowhere)
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
        # A process that was killed saw the statement at least once, whatever it could write down.
        count=max(count, 1),
    )
