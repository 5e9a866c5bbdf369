"""Copies of a checkout to work on, and the environment in which its code runs from the copy."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

REPOSITORY = Path(__file__).parents[3]
INJECT = Path(__file__).with_name("inject")
LEFT_OUT = frozenset({".git", "node_modules", "__pycache__", ".tox", ".mypy_cache", ".ruff_cache"})
DEEPEST_PACKAGE = 3
_RESOLVE = """
import importlib.util, json, sys
found = {}
for name in json.load(sys.stdin):
    try:
        spec = importlib.util.find_spec(name)
    except Exception:
        spec = None
    places = list(spec.submodule_search_locations or []) if spec else []
    found[name] = spec.origin or (places[0] if places else "") if spec else ""
json.dump(found, sys.stdout)
"""


class ForeignError(Exception):
    """A step of the measurement could not be done; the message tells which and what it said."""


@dataclass(frozen=True)
class Workplace:
    """A copy of the checkout, and how its code is run there.

    `given` are the caller's additions to the environment, `paths` the folders that must come
    first on PYTHONPATH, `folder` holds everything that the measurement makes.
    """

    root: Path
    folder: Path
    python: str
    settings: str | None
    given: dict[str, str]
    paths: tuple[str, ...] = ()

    @property
    def contexts(self) -> Path:
        """Return the copy's context map."""
        return self.root / "contexts.toml"

    def environment(self, *, first: tuple[str, ...] = (), **more: str) -> dict[str, str]:
        """Return the environment for a process of the project, with nothing of ours but `first`."""
        ours = ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "PYTEST_ADDOPTS")
        env = {
            name: value
            for name, value in os.environ.items()
            if name not in ours and not name.startswith(("PYTEST_", "CODEMODS_", "COV_CORE_"))
        }
        if self.settings:
            env["DJANGO_SETTINGS_MODULE"] = self.settings
        env |= self.given | more
        paths = [*first, *self.paths, *filter(None, [self.given.get("PYTHONPATH")])]
        env["PATH"] = os.pathsep.join([str(Path(self.python).parent), env.get("PATH", os.defpath)])
        env["XDG_CACHE_HOME"] = str(self.folder / "cache")
        env["PYTHONDONTWRITEBYTECODE"] = "1"
        if paths:
            env["PYTHONPATH"] = os.pathsep.join(paths)
        return env


def make(
    checkout: Path,
    target: Path,
    *,
    contexts: Path,
    folder: Path,
    python: str,
    settings: str | None,
    given: dict[str, str],
) -> Workplace:
    """Copy a checkout with its context map, commit all of it, and see to it that the copy wins.

    Raises:
        ForeignError: the copy cannot be made or the interpreter does not run.
    """
    shutil.copytree(checkout, target, symlinks=True, ignore=left_out)
    shutil.copyfile(contexts, target / "contexts.toml")
    _commit(target)
    return stand_in(target, folder=folder, python=python, settings=settings, given=given)


def stand_in(
    root: Path, *, folder: Path, python: str, settings: str | None, given: dict[str, str]
) -> Workplace:
    """Return a tree that is ours already as a workplace, whose own code wins over any installed.

    Raises:
        ForeignError: the interpreter does not run.
    """
    place = Workplace(root, folder, python, settings, given)
    place = replace(place, paths=_sources_that_lose(place))
    if not _offers_client(place):
        place = replace(place, paths=(str(client_alone(folder)), *place.paths))
    return place


def left_out(folder: str, names: list[str]) -> set[str]:
    """Name what a copy goes without: repositories, caches and virtual environments."""
    at = Path(folder)
    return {
        name for name in names if name in LEFT_OUT or (at / name / "pyvenv.cfg").exists()
    }  # fmt: skip


def _commit(root: Path) -> None:
    identity = ("-c", "user.name=foreign", "-c", "user.email=foreign@localhost")
    for words in (
        ("init", "-q"),
        ("add", "-A", "--force"),
        (*identity, "commit", "-q", "--no-verify", "--no-gpg-sign", "-m", "as it was"),
    ):
        done = subprocess.run(
            ["git", *words], cwd=root, capture_output=True, text=True, check=False, timeout=300
        )
        if done.returncode:
            raise ForeignError(f"git {words[0]} in the copy: {done.stderr.strip()[-400:]}")


def top_packages(root: Path) -> dict[str, Path]:
    """Map the name of each outermost package of a tree to its folder, near the root only."""
    found: dict[str, Path] = {}

    def look(folder: Path, depth: int) -> None:
        for child in sorted(folder.iterdir()):
            if not child.is_dir() or child.is_symlink() or child.name.startswith("."):
                continue
            if (child / "__init__.py").is_file():
                if child.name.isidentifier():
                    found.setdefault(child.name, child)
            elif depth < DEEPEST_PACKAGE:
                look(child, depth + 1)

    look(root, 1)
    return found


def _sources_that_lose(place: Workplace) -> tuple[str, ...]:
    """Return the copy's source folders whose packages the interpreter finds elsewhere.

    An editable install of the original checkout does that, and would run the original's code.
    """
    packages = top_packages(place.root)
    resolved = resolve(place, sorted(packages))
    inside = str(place.root.resolve()) + os.sep
    found: list[str] = []
    for name, folder in packages.items():
        at = resolved[name]
        if not at or os.path.realpath(at).startswith(inside):
            continue
        is_installed = "site-packages" in at or "dist-packages" in at
        is_near = folder.parent in (place.root, place.root / "src")
        if "/lib/python" in at and not is_installed:
            continue  # the standard library
        if (not is_installed or is_near) and str(folder.parent) not in found:
            found.append(str(folder.parent))
    return tuple(found)


def resolve(place: Workplace, names: list[str]) -> dict[str, str]:
    """Map module names to the file that the project's interpreter would import, "" for none."""
    done = subprocess.run(
        [place.python, "-c", _RESOLVE],
        cwd=place.root, env=place.environment(), input=json.dumps(names),
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    if done.returncode:
        raise ForeignError(f"--python {place.python}: does not run: {done.stderr.strip()[-400:]}")
    found: dict[str, str] = json.loads(done.stdout)
    return found


def _offers_client(place: Workplace) -> bool:
    """Tell whether the project's interpreter has the client runtime already, in full."""
    at = resolve(place, ["strangler"])["strangler"]
    return bool(at) and (Path(at).parent / "client" / "__init__.py").is_file()


def client_alone(folder: Path) -> Path:
    """Make a folder that offers `strangler.client` and nothing else of ours."""
    made = folder / "client"
    shutil.rmtree(made, ignore_errors=True)
    package = made / "strangler"
    package.mkdir(parents=True)
    shutil.copyfile(REPOSITORY / "strangler/__init__.py", package / "__init__.py")
    shutil.copytree(REPOSITORY / "strangler/client", package / "client", ignore=left_out)
    return made


def digests(root: Path) -> dict[str, bytes]:
    """Map each file of a copy to its content, but those of git and caches."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
        and not path.is_symlink()
        and not LEFT_OUT & set(path.relative_to(root).parts)
    }
