"""Who changed the policy, when, why and how: one JSON line for each change, only ever appended."""

from __future__ import annotations

import getpass
import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from strangler.errors import PolicyError, Problem

if TYPE_CHECKING:
    from pathlib import Path

    from strangler.policy.model import Policy

FILE_NAME = "audit.jsonl"


@dataclass(frozen=True, slots=True)
class KeyChange:
    """One key of the file; None stands for a key that is not there."""

    key: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change of the policy. `at` is UTC in ISO 8601; `routes` are those it touches."""

    at: str
    who: str
    why: str
    file: str
    routes: tuple[str, ...]
    changes: tuple[KeyChange, ...]
    revision_before: str
    revision_after: str


def audit_path(policy: Policy) -> Path:
    """Return where the changes of this policy are recorded."""
    return policy.proxy.state_dir / FILE_NAME


def utc_now() -> str:
    """Return the present for an entry, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def who() -> str:
    """Return who runs this: the person behind sudo, else the user, else the user's number."""
    behind = os.environ.get("SUDO_USER")
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = f"uid {os.getuid()}"
    return f"{behind} (as {user})" if behind and behind != user else user


def append_entry(path: Path, entry: AuditEntry) -> None:
    """Append one line and wait until it is on the disk.

    Raises:
        OSError: when it cannot be written.
    """
    line = json.dumps(asdict(entry), ensure_ascii=False) + "\n"
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        os.write(handle, line.encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def require_writable(path: Path) -> None:
    """Make sure that an entry can be recorded, before anything is changed.

    Raises:
        PolicyError: naming the file and the reason.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab"):
            pass
    except OSError as error:
        hint = "a change that cannot be recorded is not made; see proxy.state_dir"
        reason = error.strerror or error
        problem = Problem(str(path), 0, f"the audit log cannot be written: {reason}", hint)
        raise PolicyError((problem,)) from None


def read_entries(path: Path) -> tuple[AuditEntry, ...]:
    """Return the entries, first to last; none when there is no log yet."""
    if not path.exists():
        return ()
    entries = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        changes = tuple(KeyChange(**change) for change in row.pop("changes"))
        routes = tuple(row.pop("routes"))
        entries.append(AuditEntry(**row, changes=changes, routes=routes))
    return tuple(entries)
