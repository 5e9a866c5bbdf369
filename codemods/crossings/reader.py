"""Read one file at a time, as often as the facts it looked at change."""

from __future__ import annotations

import ast
import sys
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codemods.crossings.facts import Facts, Key
from codemods.crossings.infer import expressions, statements  # noqa: F401  they register handlers
from codemods.crossings.infer.definitions import definitions
from codemods.crossings.infer.supposed import SupposingWalker
from codemods.crossings.infer.typed import FileTypes, TypedWalker
from codemods.crossings.infer.walker import Project, Walker
from codemods.crossings.migrations import read_migration

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from codemods.crossings.crossing import Crossing
    from codemods.crossings.discover import Source
    from codemods.crossings.facts import Definition
    from codemods.crossings.reads import Read
    from codemods.crossings.values import Type
    from codemods.crossings.walks import Walk


AS_PYTHON = f"read as Python {sys.version_info.major}.{sys.version_info.minor}"


@dataclass
class Parsed:
    """A file in memory, with what its last reading looked at and found."""

    source: Source
    text: str
    tree: ast.Module
    read: set[Key] = field(default_factory=set)
    found: list[Crossing] = field(default_factory=list)
    walker: Walker | None = None


@dataclass(frozen=True)
class Text:
    """A text as it was parsed for a source, and what it defines."""

    source: Source
    text: str
    tree: ast.Module
    definitions: dict[str, Definition]


class Reader:
    """Holds some of the project's files, parsed once, and again where a later survey finds another.

    `begin` comes first in each survey: `overlay` maps a path to the text to read instead of the
    file's own.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._texts: dict[str, Text] = {}
        self.begin({})

    def begin(self, overlay: Mapping[str, str]) -> None:
        """Forget what the last survey found, but not what its files parse to."""
        self._overlay = overlay
        self._files: list[Parsed] = []
        self._shared: dict[Key, Type] = {}
        self._project: Project | None = None

    def parse(self, sources: list[Source]) -> tuple[dict[str, Definition], list[tuple[str, str]]]:
        """Parse files; return what they define, and (path, problem) of each that cannot be read."""
        defined: dict[str, Definition] = {}
        problems: list[tuple[str, str]] = []
        for source in sources:
            try:
                parsed = self._parsed(source, self._text(source.path))
            except (SyntaxError, ValueError, OSError, RecursionError) as error:
                problems.append((source.path, describe(error)))
                continue
            self._files.append(Parsed(source, parsed.text, parsed.tree))
            defined |= parsed.definitions
        return defined, problems

    def _parsed(self, source: Source, text: str) -> Text:
        """Return what a text parses to; nobody changes a tree, so one serves all surveys."""
        known = self._texts.get(source.path)
        if known is not None and (known.source, known.text) == (source, text):
            return known
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
        is_python = source.kind == "python"
        found = definitions(tree, source.name, source.path) if is_python else {}
        known = self._texts[source.path] = Text(source, text, tree, found)
        return known

    def _text(self, path: str) -> str:
        given = self._overlay.get(path)
        return decode((self._root / path).read_bytes()) if given is None else normalised(given)

    def know(self, project: Project) -> None:
        """Take what is known of the whole project."""
        self._project = project

    def round(self, changed: dict[Key, Type], *, is_first: bool) -> dict[str, dict[Key, Type]]:
        """Read each file that looked at a changed fact; return what each told."""
        assert self._project is not None  # noqa: S101  `know` comes first
        self._shared.update(changed)
        told: dict[str, dict[Key, Type]] = {}
        keys = changed.keys()
        for file in self._files:
            if not is_first and (file.source.kind != "python" or file.read.isdisjoint(keys)):
                continue
            if file.source.kind == "migration":
                file.found = read_migration(
                    self._project.graph, self._project.contexts, file.source, file.text, file.tree
                )
                continue
            facts = Facts(self._shared)
            kind = SupposingWalker if self._project.supposed else Walker
            walker = kind(self._project, file.source, facts)
            walker.read(file.tree)
            file.walker, file.read = walker, facts.read
            told[file.source.path] = facts.told
        return told

    def crossings(self) -> list[Crossing]:
        """Return what the last reading of each file found."""
        found: list[Crossing] = []
        for file in self._files:
            found += file.walker.found.crossings(file.text) if file.walker else file.found
        return found

    def reads(self) -> set[Read]:
        """Return what the last reading of each file saw used of other contexts' instances."""
        return {read for file in self._files if file.walker for read in file.walker.reads}

    def walks(self) -> set[Walk]:
        """Return the relations that the last reading of each file saw walked by the database."""
        return {walk for file in self._files if file.walker for walk in file.walker.walks}

    def typed(self, paths: Collection[str]) -> list[FileTypes]:
        """Read those of some files that are held here once more, keeping every type."""
        assert self._project is not None  # noqa: S101  `know` comes first
        found = []
        for file in self._files:
            if file.source.path in paths and file.source.kind == "python":
                walker = TypedWalker(self._project, file.source, Facts(self._shared), file.text)
                walker.read(file.tree)
                found.append(walker.result())
        return found


def decode(raw: bytes) -> str:
    """Return a Python file's text by its coding line, with line endings normalised."""
    import io
    import tokenize

    encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
    return normalised(raw.decode(encoding))


def normalised(text: str) -> str:
    """Return a text with line endings and byte order mark as the parser counts them."""
    return text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")


def describe(error: BaseException) -> str:
    """Say what is wrong with a file in one line."""
    if isinstance(error, SyntaxError):
        return f"line {error.lineno}: {error.msg} ({AS_PYTHON})"
    return f"{type(error).__name__}: {error}"
