"""Write contexts.toml, one context per app of the project, for the team to edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codemods.cli import _project
from codemods.errors import CodemodsError
from codemods.project import contexts

if TYPE_CHECKING:
    import argparse


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `codemods init`."""
    parser = subparsers.add_parser("init", help=__doc__.splitlines()[0], description=__doc__)
    _project.add_options(parser)
    parser.add_argument("--force", action="store_true", help="replace the file that is there")
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Write the file, unless one is there."""
    root = _project.root_of(args)
    path = args.contexts or root / _project.CONTEXTS
    if path.exists() and not args.force:
        raise CodemodsError(f"{path} is there already. Edit it, or replace it with --force.")
    graph, _ = _project.read_graph(root, args)
    found = contexts.default(graph)
    if not found:
        raise CodemodsError(
            f"{root}: none of the {len(graph.apps)} installed apps is below it. Name --root."
        )
    path.write_text(contexts.render(found))
    count = "1 context, so nothing crosses" if len(found) == 1 else f"{len(found)} contexts"
    print(f"{_project.shown(path)}: {count}. Edit it, then run `codemods map`.")
    return 0
