"""From a clone to services: they are lifted out of a copy of the monolith.

a copy of the shop ─> codemods extract products, users ─> two folders that run alone
"""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

from tests.demo.commands import Commands
from tests.servers.shop import EXTRACTED, ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.demo.stages import Run

SERVICES = ("products", "users")
COPIED = (
    "manage.py",
    "conftest.py",
    "contexts.toml",
    "pyproject.toml",
    "requirements",
    "monolith",
    "tests/servers",
    "tests/__init__.py",
)
OF_RUNS = {"__pycache__", "var"}
TIMEOUT_S = 1800.0


def lifted(folder: Path) -> Path:
    """Return where the services of a run are lifted out to."""
    return folder / "shop" / "extracted"


def lift_out(run: Run) -> None:
    """Make the services out of a copy of the monolith, and hold them against what is committed."""
    shop, screen = run.stack.folder / "shop", run.screen
    screen.heading("Two services are lifted out of a copy of the monolith")
    screen.say(
        "Calls into products and users become calls of generated clients; their own code, tests "
        "and tables move; what they need of others is asked, copied or listed. The first takes "
        "a minute or two: the whole monolith is read and rewritten once, for all services."
    )
    for name in COPIED:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.sqlite3", "media")
            shutil.copytree(ROOT / name, shop / name, ignore=ignored)
        else:
            shop.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, shop / name)
    codemods = Commands(shop, screen, name="codemods", timeout_s=TIMEOUT_S)
    began = time.monotonic()
    for service in SERVICES:
        codemods.show("extract", service, "--write", "--brief", only=2)
    screen.figure(f"lifted out in {time.monotonic() - began:.0f} s")
    made, committed = _files(lifted(run.stack.folder)), _files(EXTRACTED)
    paths = made.keys() | committed.keys()
    differing = [path for path in paths if made.get(path) != committed.get(path)]
    run.summary.claim(
        "lifted out: the services are the repository's",
        f"{len(differing)} of {len(made)} files differ",
        held=bool(made) and not differing,
    )


def _files(extracted: Path) -> dict[Path, bytes]:
    """Return every file of the services, without what running them leaves."""
    return {
        path.relative_to(extracted): path.read_bytes()
        for service in SERVICES
        for path in (extracted / service).rglob("*")
        if path.is_file() and not OF_RUNS & set(path.relative_to(extracted).parts)
    }
