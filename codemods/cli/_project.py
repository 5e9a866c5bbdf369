"""What the commands share: the options that name a project, and the reading of it."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from codemods.crossings import discover, kept
from codemods.crossings.reader import AS_PYTHON
from codemods.crossings.survey import Survey, survey
from codemods.errors import CodemodsError
from codemods.project import contexts as contexts_file
from codemods.project import load, sources

if TYPE_CHECKING:
    import argparse

    from codemods.project.graph import Graph

CONTEXTS = "contexts.toml"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which project to read and how."""
    group = parser.add_argument_group("project")
    group.add_argument(
        "--root", type=Path, default=Path(), metavar="DIR", help="where manage.py is (here)"
    )
    group.add_argument(
        "--settings", metavar="MODULE", help="settings module (DJANGO_SETTINGS_MODULE, manage.py)"
    )
    group.add_argument(
        "--python", metavar="INTERPRETER", help="the monolith's Python (its .venv, or ours)"
    )
    group.add_argument(
        "--contexts", type=Path, metavar="FILE", help=f"context map (ROOT/{CONTEXTS})"
    )
    group.add_argument(
        "--jobs", type=int, default=0, metavar="N", help="processes to use (one per core)"
    )
    group.add_argument("--no-cache", action="store_true", help="keep nothing, and use nothing kept")


def root_of(args: argparse.Namespace) -> Path:
    """Return the project's root, checked to exist."""
    root: Path = args.root.resolve()
    if not root.is_dir():
        raise CodemodsError(
            f"--root {args.root}: no such folder. Name the one that holds manage.py."
        )
    return root


def folder_in_repository(folder: Path) -> str:
    """Return a folder as GitHub sees it, such as "backend/"; "" for the repository's own root.

    The repository is the nearest folder above that holds `.git`; without one the folder itself is
    taken for the root.
    """
    for above in (folder, *folder.parents):
        if (above / ".git").exists():
            inside = folder.relative_to(above).as_posix()
            return "" if inside == "." else f"{inside}/"
    return ""


def shown(path: Path) -> str:
    """Return a path as people read it: from the working directory when it is below."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def cache_of(root: Path, args: argparse.Namespace) -> Path | None:
    """Return the folder where answers about this project are kept."""
    if args.no_cache:
        return None
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "codemods" / hashlib.blake2b(str(root).encode(), digest_size=8).hexdigest()


def read_graph(root: Path, args: argparse.Namespace) -> tuple[Graph, dict[str, str]]:
    """Return the model graph, and the digests of the Python files it was read with."""
    digests = sources.digest_files(root, sources.walk(root, (".py",)))
    graph = load.load_graph(
        root,
        settings=sources.find_settings(root, args.settings),
        python=sources.find_interpreter(root, args.python),
        digests=digests,
        cache=cache_of(root, args),
    )
    return graph, digests


def contexts_path(root: Path, args: argparse.Namespace) -> Path:
    """Return the contexts file to use; one that was named must exist."""
    if args.contexts is None:
        return root / CONTEXTS
    path: Path = args.contexts
    if not path.is_file():
        raise CodemodsError(f"--contexts {path}: no such file. Write one with `codemods init`.")
    return path


def read_project(args: argparse.Namespace) -> Survey:
    """Return every crossing of the project, from the cache when nothing has changed."""
    root = root_of(args)
    path = contexts_path(root, args)
    pages = sources.digest_files(root, sources.walk(root, discover.TEMPLATE_SUFFIXES))
    cache = cache_of(root, args)
    settings = sources.find_settings(root, args.settings)
    python = sources.find_interpreter(root, args.python)
    digests = sources.digest_files(root, sources.walk(root, (".py",)))
    text = path.read_text() if path.is_file() else ""
    if cache:
        same = load.kept_digest(
            root, settings=settings, python=python, digests=digests, cache=cache
        )
        if same and (found := kept.load(cache, kept.key_of(same, digests, pages, text))):
            return found
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(),
        console=console, transient=True, disable=not console.is_terminal,
    ) as bar:  # fmt: skip
        task = bar.add_task("reading the models", total=None)
        graph = load.load_graph(
            root, settings=settings, python=python, digests=digests, cache=cache
        )
        contexts = contexts_file.load(path, graph)
        found = survey(
            root, graph, contexts, digests, pages,
            processes=args.jobs or None,
            progress=lambda step, done, total: bar.update(
                task, description=step, completed=done, total=total
            ),
        )  # fmt: skip
        problems = _unread_modules(graph, contexts, digests)
        found = Survey(found.crossings, [*found.problems, *problems], found.files, found.rounds)
    if cache:
        kept.save(cache, kept.key_of(graph.digest, digests, pages, text), found)
    return found


def _unread_modules(
    graph: Graph, contexts: contexts_file.Contexts, digests: dict[str, str]
) -> list[tuple[str, str]]:
    """Return the modules that would not import, and why; those that are left unread are no loss."""
    found = []
    for name, message in graph.errors:
        folder = name.replace(".", "/")
        ends = (f"/{folder}.py", f"/{folder}/__init__.py")
        paths = [path for path in digests if f"/{path}".endswith(ends)]
        if not paths or not all(contexts.is_excluded(path) for path in paths):
            found.append((f"module {name}", message))
    return found


def tell_problems(found: Survey) -> None:
    """Print what could not be read to standard error; the rest was."""
    for path, problem in found.problems:
        print(f"not read: {path}: {problem}", file=sys.stderr)
    if any(problem.endswith(f"({AS_PYTHON})") for _, problem in found.problems):
        print(
            "codemods parses with the Python it runs on. If the monolith's is newer, install"
            " codemods under that one to read these files too.",
            file=sys.stderr,
        )
