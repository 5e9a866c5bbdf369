"""`extract.lock.json`: what the tool wrote last, by path, as the id that git gives such a content.

{"version": 1, "service": "products", "files": {"manage.py": "0f3c..."}}
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codemods.errors import CodemodsError

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "extract.lock.json"
VERSION = 1


@dataclass(frozen=True)
class Lock:
    """The blob id of each file as the tool wrote it last."""

    service: str
    files: Mapping[str, str] = field(default_factory=dict)


def blob_id(content: bytes) -> str:
    """Return the id that git gives a file's content (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects)."""
    head = f"blob {len(content)}\0".encode()
    return hashlib.sha1(head + content, usedforsecurity=False).hexdigest()


def render(lock: Lock) -> bytes:
    """Return the file's bytes."""
    raw = {"version": VERSION, "service": lock.service, "files": dict(sorted(lock.files.items()))}
    return (json.dumps(raw, indent=1) + "\n").encode()


def load(raw: bytes | None, service: str, path: str) -> Lock:
    """Return the lock of a service; an empty one where there is none yet.

    Raises:
        CodemodsError: it cannot be read, is of another service, or of a newer version.
    """
    if raw is None:
        return Lock(service)
    try:
        found = json.loads(raw)
        files, version = dict(found["files"]), found["version"]
    except (ValueError, KeyError, TypeError) as error:
        raise CodemodsError(
            f"{path}: not a lock of an extraction ({type(error).__name__}: {error}). Take it back"
            " from git, or remove it: files that are there then count as written by people."
        ) from error
    if version != VERSION or found.get("service") != service:
        raise CodemodsError(
            f"{path}: of version {version!r} and service {found.get('service')!r}; expected"
            f" {VERSION} and {service!r}. Is --out the right folder?"
        )
    return Lock(service, files)
