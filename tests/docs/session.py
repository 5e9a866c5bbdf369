"""Run the commands of a console block as a reader would, in a scratch folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.docs.blocks import commands_of

TIMEOUT_S = 600
ROOT = Path(__file__).parents[2]
SHOP = ("monolith", "manage.py", "contexts.toml", ".gitignore")


def copy_shop(folder: Path) -> Path:
    """Copy the reference monolith to a folder of its own, under git, and return that."""
    shop = folder / "shop"
    shop.mkdir()
    for name in SHOP:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, shop / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, shop / name)
    author = ("-c", "user.name=ada", "-c", "user.email=ada@example.com")
    for words in (("init",), ("add", "--all"), (*author, "commit", "--message", "The shop")):
        subprocess.run(
            ["git", *words], cwd=shop, env=os.environ | {"GIT_CONFIG_GLOBAL": os.devnull},
            capture_output=True, check=True,
        )  # fmt: skip
    return shop


def run_block(body: str, folder: Path) -> str:
    """Return the block as it reads when its commands are run now.

    A non-zero exit status is not shown; a writer does it by `command || echo "exit $?"`.
    """
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "100",
        "NO_COLOR": "1",
        "TERM": "dumb",
        "LOGNAME": "ada",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "XDG_CACHE_HOME": str(folder.parent / "cache"),
    }
    environment.pop("DJANGO_SETTINGS_MODULE", None)  # a reader's manage.py names it
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
