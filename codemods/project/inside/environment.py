"""Which variables and files the project reads while it starts."""

import os
import sys


class WatchedEnvironment(type(os.environ)):
    """The process's environment, once more noting in `read` which variables are asked for."""

    def __getitem__(self, key):
        self.read.add(key)
        return super(WatchedEnvironment, self).__getitem__(key)

    def copy(self):  # for a subprocess; nothing was asked for
        noted = set(self.read)
        found = dict(self)
        self.read.intersection_update(noted)
        return found


def watch():
    """Return the variables and files that are read from now on; files from Python 3.8 onwards."""
    files = set()
    os.environ.read = set()
    os.environ.__class__ = WatchedEnvironment

    def note(event, arguments):
        if event != "open" or not isinstance(arguments[0], str):
            return
        path, mode = arguments[0], arguments[1]
        if mode in ("r", "rb", "rt") and not path.endswith((".py", ".pyc", ".so")):
            files.add(os.path.abspath(path))

    if hasattr(sys, "addaudithook"):
        sys.addaudithook(note)
    return os.environ.read, files
