# ruff: noqa: PTH118, PTH120 - must run on Python 3.6
"""Start recording in each Python process that a traced command starts, then step aside.

`codemods trace` puts this folder first on PYTHONPATH, and Python imports `sitecustomize` by itself
at start. One that the environment already has runs afterwards, as if this one were not here.
"""

import importlib.machinery
import importlib.util
import os
import sys
from typing import Any

HERE = os.path.dirname(os.path.realpath(__file__))


def load(spec: Any) -> Any:
    """Import what a spec names, under its own name."""
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def start() -> None:
    """Load ../inside by its path: the project's interpreter does not have codemods."""
    folder = os.path.join(os.path.dirname(HERE), "inside")
    load(
        importlib.util.spec_from_file_location(
            "_codemods_inside",
            os.path.join(folder, "__init__.py"),
            submodule_search_locations=[folder],
        )
    )
    watches = importlib.import_module("_codemods_inside.watches")
    watches.install(os.environ["CODEMODS_TRACE_DIR"], os.environ["CODEMODS_TRACE_ROOT"])


def run_next() -> None:
    """Run the environment's own sitecustomize, and leave nothing of this one in sys.path."""
    sys.path[:] = [folder for folder in sys.path if os.path.realpath(folder or ".") != HERE]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", sys.path)
    if spec is not None and spec.loader is not None:
        load(spec)


if os.environ.get("CODEMODS_TRACE_DIR"):
    start()
run_next()
