# ruff: noqa: PTH120 - runs inside the project's own processes, on Python 3.6 and newer
"""Note how each test ends, then run the environment's own sitecustomize."""

import importlib.machinery
import importlib.util
import os
import sys

HERE = os.path.dirname(os.path.realpath(__file__))


def run_next():
    """Run the sitecustomize that this one stands in front of, if there is one."""
    folders = [folder for folder in sys.path if os.path.realpath(folder or ".") != HERE]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", folders)
    if spec is not None and spec.loader is not None:
        module = importlib.util.module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


if os.environ.get("FOREIGN_OUTCOMES_DIR"):
    import foreign_outcomes

    foreign_outcomes.watch_unittest()
run_next()
