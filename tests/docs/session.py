"""Run the commands of a console block as a reader would, in a scratch folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.docs.blocks import commands_of

TIMEOUT_S = 60


def run_block(body: str, folder: Path) -> str:
    """Return the block as it reads when its commands are run now.

    A non-zero exit status is shown as a reader's shell would not show it, but a writer must:
    by `echo $?` as a command of its own.
    """
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "100",
        "NO_COLOR": "1",
        "TERM": "dumb",
        "LOGNAME": "ada",
    }
    script = "\n".join(f"echo '$ {quote(c)}'\n{c}" for c in commands_of(body))
    result = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    return "".join(f"{line.rstrip()}\n" for line in result.stdout.splitlines())


def quote(command: str) -> str:
    """Return the command so that it survives single quotes."""
    return command.replace("'", "'\\''")
