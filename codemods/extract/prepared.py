"""The prepared tree: a copy of the monolith in which every service is rewritten and severed.

    files of the monolith ─> key (their digests, the services, codemods itself)
        ─> kept below var/codemods/prepared? ─> else: copy ─> per service: rewrite, sever, write
        ─> survey of what is left ─> keep

One tree serves the extraction of all services. Rewriting changes nothing where it was done before,
so a monolith that is rewritten already is taken as it is.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codemods.crossings import discover, kept
from codemods.crossings.crossing import Crossing
from codemods.project import contexts as contexts_file
from codemods.project import load, sources
from codemods.rewrite import write
from codemods.rewrite.flow import Request, rewrite
from codemods.rewrite.monolith import Monolith
from codemods.rewrite.severing import Severing
from codemods.transforms import transforms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from codemods.project.contexts import Contexts
    from codemods.project.graph import Graph

FOLDER = "var/codemods/prepared"
STATE = "prepared.json"
KEPT = 2
CODE = Path(__file__).parents[1]
APART = ("cli/", "trace/", "seams/", "extract/")  # what has no part in a rewrite
LARGE_BYTES = 5_000_000
DATABASES = (".sqlite3", ".sqlite3-wal", ".sqlite3-shm", ".pyc")


@dataclass(frozen=True)
class Project:
    """A monolith as it is started: its folder, settings module, interpreter and context map.

    `contexts` is the path of the map; `out` the folder that services are written to, which is no
    part of the monolith.
    """

    root: Path
    settings: str
    python: str
    contexts: Path
    out: Path
    processes: int | None = None
    progress: Callable[[str, int, int], None] = lambda _step, _done, _total: None


@dataclass(frozen=True)
class Prepared:
    """The copy at `root`, its models and context map, and what crosses in it still.

    `severings` tell of each relation to a service what still needed its foreign key, as
    "path:line: what". `problems` are (path, what).
    """

    root: Path
    key: str
    graph: Graph
    contexts: Contexts
    services: tuple[str, ...]
    crossings: tuple[Crossing, ...]
    severings: tuple[Severing, ...]
    problems: tuple[tuple[str, str], ...]


def prepare(project: Project, contexts: Contexts, services: Sequence[str]) -> Prepared:
    """Return the prepared tree, from what is kept when nothing that it depends on has changed.

    Raises:
        CodemodsError: the monolith does not start, before or after a rewrite.
    """
    paths = _paths(project, contexts)
    key = _key(project, services, paths)
    home = project.root / FOLDER
    place = home / key
    if not (place / STATE).is_file():
        home.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=".making-", dir=home))
        try:
            _make(project, services, paths, made)
            if not place.exists():
                made.rename(place)
        finally:
            shutil.rmtree(made, ignore_errors=True)
        _forget(home, place)
    return _load(project, place, tuple(services))


def _key(project: Project, services: Sequence[str], paths: list[str]) -> str:
    """Return the digest of all that a prepared tree depends on: our own code is part of it."""
    code = [path for path in sources.walk(CODE, (".py",)) if not path.startswith(APART)]
    told = [
        sources.digest_files(project.root, paths), sources.digest_files(CODE, code),
        list(services), project.settings, str(Path(project.python).absolute().parent),
        project.contexts.read_text() if project.contexts.is_file() else "",
    ]  # fmt: skip
    return hashlib.blake2b(json.dumps(told, sort_keys=True).encode(), digest_size=16).hexdigest()


def _paths(project: Project, contexts: Contexts) -> list[str]:
    """Return the files of the monolith: without data, services, and folders the map leaves out.

    A folder that has the settings stays: a library's project to try it with may be in its tests.
    """
    settings = f"{project.settings.replace('.', '/')}.py"
    folders = tuple(
        f"{pattern.removesuffix('/**')}/"
        for pattern in contexts.exclude
        if pattern.endswith("/**")
        and not pattern.startswith("**/")
        and not settings.startswith(pattern.removesuffix("**"))
    )
    if project.out.is_relative_to(project.root):
        folders += (f"{project.out.relative_to(project.root).as_posix()}/",)
    return [
        path
        for path in sources.walk(project.root, ("",))
        if not path.startswith(folders)
        and not path.endswith(DATABASES)
        and (path.endswith(".py") or (project.root / path).stat().st_size < LARGE_BYTES)
    ]


def _make(project: Project, services: Sequence[str], paths: Iterable[str], made: Path) -> None:
    tree = made / "tree"
    for path in paths:
        target = tree / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(project.root / path, target)
    severings: dict[str, Severing] = {}
    problems: dict[tuple[str, str], None] = {}
    for number, service in enumerate(services):
        said = f"{service} ({number + 1} of {len(services)}): "
        found = rewrite(_monolith(project, tree, said), Request(service, transforms(),
                                                               sever_all=True))  # fmt: skip
        write.write_all(tree, {edit.path: edit.after for edit in found.edits})
        severings |= {one.relation: _with_lines(tree, one) for one in found.severings}
        problems |= dict.fromkeys(found.problems)
    last = _monolith(project, tree, "what is left: ")
    survey = last.survey(last.graph).survey
    problems |= dict.fromkeys(survey.problems)
    state = {
        "severings": [_moved(tree, one).to_json() for one in severings.values()],
        "problems": list(problems),
        "crossings": [[getattr(c, name) for name in kept.NAMES] for c in survey.crossings],
    }
    (made / STATE).write_text(json.dumps(state))


def _monolith(project: Project, tree: Path, said: str) -> Monolith:
    graph, digests = _graph(project, tree)
    return Monolith(
        tree, graph, contexts_file.load(_contexts_in(project, tree), graph), digests,
        sources.digest_files(tree, sources.walk(tree, discover.TEMPLATE_SUFFIXES)),
        processes=project.processes,
        progress=lambda step, done, total: project.progress(f"{said}{step}", done, total),
    )  # fmt: skip


def _contexts_in(project: Project, tree: Path) -> Path:
    """Return the context map: the tree's own, or the one that was named from elsewhere."""
    if project.contexts.is_relative_to(project.root):
        return tree / project.contexts.relative_to(project.root)
    return project.contexts


def _graph(project: Project, tree: Path) -> tuple[Graph, dict[str, str]]:
    digests = sources.digest_files(tree, sources.walk(tree, (".py",)))
    graph = load.load_graph(
        tree, settings=project.settings, python=project.python, digests=digests, cache=tree.parent
    )
    return graph, digests


def _load(project: Project, place: Path, services: tuple[str, ...]) -> Prepared:
    raw: dict[str, Any] = json.loads((place / STATE).read_text())
    tree = place / "tree"
    graph, _ = _graph(project, tree)
    return Prepared(
        tree,
        place.name,
        graph,
        contexts_file.load(_contexts_in(project, tree), graph),
        services,
        tuple(Crossing(*values) for values in raw["crossings"]),
        tuple(
            Severing(one["relation"], tuple(one["obstacles"]), one["is_severed"])
            for one in raw["severings"]
        ),
        tuple((path, what) for path, what in raw["problems"]),
    )


def _forget(home: Path, newest: Path) -> None:
    """Drop trees that were made longest ago; what another run is making stays."""
    made = [one for one in home.iterdir() if not one.name.startswith(".") and one != newest]
    made.sort(key=lambda one: one.stat().st_mtime, reverse=True)
    for one in made[KEPT - 1 :]:
        shutil.rmtree(one, ignore_errors=True)


def _with_lines(tree: Path, severing: Severing) -> Severing:
    """Put the text of each obstacle's line behind it, by which it is found again when it moves."""
    return replace(
        severing, obstacles=tuple(f"{one}\0{_line(tree, one)}" for one in severing.obstacles)
    )


def _line(tree: Path, obstacle: str) -> str:
    path, number = _place(obstacle)
    lines = _lines(tree, path)
    return lines[number - 1].strip() if 0 < number <= len(lines) else ""


def _moved(tree: Path, severing: Severing) -> Severing:
    """Return it with the lines that its obstacles stand at after all services were rewritten."""
    found = []
    for obstacle in severing.obstacles:
        told, _, text = obstacle.partition("\0")
        path, number = _place(told)
        at = [n for n, line in enumerate(_lines(tree, path), 1) if line.strip() == text]
        if text and at and number not in at:
            nearest = min(at, key=lambda n: abs(n - number))
            told = told.replace(f"{path}:{number}:", f"{path}:{nearest}:", 1)
        found.append(told)
    return replace(severing, obstacles=tuple(found))


def _place(obstacle: str) -> tuple[str, int]:
    path, _, rest = obstacle.partition(":")
    number = rest.partition(":")[0]
    return (path, int(number)) if number.isdecimal() else ("", 0)


def _lines(tree: Path, path: str) -> list[str]:
    try:
        return (tree / path).read_text(errors="replace").splitlines() if path else []
    except OSError:
        return []
