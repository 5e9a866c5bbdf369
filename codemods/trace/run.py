"""Run the project's own test command with the recorder in each of its Python processes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from codemods.errors import CodemodsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import IO

INJECT = Path(__file__).with_name("inject")
VIRTUAL_ENVIRONMENTS = (".venv", "venv", "env")


def environment(
    given: Mapping[str, str], *, folder: Path, root: Path, settings: str | None, python: str | None
) -> dict[str, str]:
    """Return the command's environment: the caller's, with the recorder in it.

    The folder of `python`, else of the project's own virtual environment, comes first on PATH, so
    that `pytest` is the project's.
    """
    paths = [str(INJECT), *filter(None, [given.get("PYTHONPATH")])]
    made = {
        **given,
        "PYTHONPATH": os.pathsep.join(paths),
        "CODEMODS_TRACE_DIR": str(folder),
        "CODEMODS_TRACE_ROOT": str(root),
    }
    if settings:
        made["DJANGO_SETTINGS_MODULE"] = settings
    if programs := _programs(root, python):
        made["PATH"] = os.pathsep.join([str(programs), given.get("PATH", os.defpath)])
    return made


def _programs(root: Path, python: str | None) -> Path | None:
    if python:
        found = shutil.which(python)
        if not found:
            raise CodemodsError(
                f"--python {python}: no such interpreter. Name one that can run the monolith."
            )
        return Path(found).absolute().parent
    folders = (root / name / "bin" for name in VIRTUAL_ENVIRONMENTS)
    return next((folder for folder in folders if (folder / "python").exists()), None)


def run(
    command: Sequence[str], *, root: Path, env: Mapping[str, str], stdout: IO[str] | None = None
) -> int:
    """Run a command in `root`, its output passed through, and return its exit status.

    A signal that ended it is given as 128 plus its number, as shells do. Ctrl-C reaches the
    command, which is waited for, so that what it recorded is kept.

    Raises:
        CodemodsError: the command cannot be started.
    """
    program = shutil.which(command[0], path=env.get("PATH"))
    if program is None and os.sep in command[0]:
        program = shutil.which(str(root / command[0]))
    if program is None:
        raise CodemodsError(
            f"{command[0]}: no such command in {root} or on PATH. Name the interpreter it is"
            " installed with by --python, or give the whole path."
        )
    try:
        process = subprocess.Popen([program, *command[1:]], cwd=root, env=dict(env), stdout=stdout)
    except OSError as error:
        raise CodemodsError(f"{program}: cannot be run: {error.strerror or error}.") from error
    former = signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    try:
        while True:
            try:
                status = process.wait()
                break
            except KeyboardInterrupt:
                continue
    finally:
        signal.signal(signal.SIGTERM, former)
    return status if status >= 0 else 128 - status
