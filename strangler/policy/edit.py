"""Change keys of a policy file: comments and order kept, checked whole, written at once or not.

plan_edit   (path, changes) -> Edit      reads and checks; writes nothing
write_edit  (Edit, why) -> AuditEntry    locked, refused when the file moved on, atomic, audited
"""

from __future__ import annotations

import difflib
import fcntl
import os
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomlkit

from strangler.errors import PolicyError, Problem
from strangler.policy.audit import (
    AuditEntry,
    KeyChange,
    append_entry,
    audit_path,
    require_writable,
    utc_now,
    who,
)
from strangler.policy.load import load_policy, parse_policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from strangler.policy.model import Policy

KeyPath = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of a file that was checked and not yet written.

    `before` and `after` are the policies; the texts are the file's, line ends as they are.
    """

    path: Path
    text_before: str
    text_after: str
    before: Policy
    after: Policy
    changes: tuple[KeyChange, ...]

    @property
    def is_empty(self) -> bool:
        """Whether the file already says what was asked for."""
        return self.text_before == self.text_after

    @property
    def routes(self) -> tuple[str, ...]:
        """The routes that go another way afterwards, by name."""
        before = {route.name: route for route in self.before.routes}
        return tuple(
            sorted(route.name for route in self.after.routes if route != before.get(route.name))
        )

    @property
    def diff(self) -> str:
        """The change of the file as a unified diff."""
        return "".join(
            difflib.unified_diff(
                self.text_before.splitlines(keepends=True),
                self.text_after.splitlines(keepends=True),
                f"{self.path} (now)",
                f"{self.path} (then)",
            )
        )


def plan_edit(path: Path, changes: Mapping[KeyPath, object]) -> Edit:
    """Return what `changes` would make of the file; a value of None removes the key.

    A key that already has its value is left exactly as it is written.

    Raises:
        PolicyError: when the file is unusable now, or would be after the change.
    """
    text = _read_policy(path)
    before = parse_policy(text, path)
    document = tomlkit.parse(text)
    made = [KeyChange(".".join(key), *_set(document, key, value)) for key, value in changes.items()]
    changed = tuple(change for change in made if change.before != change.after)
    after_text = tomlkit.dumps(document) if changed else text
    after = parse_policy(after_text, path)
    return Edit(path, text, after_text, before, after, changed)


def write_edit(edit: Edit, *, why: str) -> AuditEntry:
    """Write the edit to its file and record it.

    The file is replaced whole, keeps its mode, and is on the disk when this returns.

    Raises:
        PolicyError: when the file has changed since it was read, or file or audit log cannot be
            written; the file is then as it was.
    """
    log = audit_path(edit.after)
    entry = AuditEntry(
        at=utc_now(), who=who(), why=why, file=str(edit.path), routes=edit.routes,
        changes=edit.changes, revision_before=edit.before.revision,
        revision_after=edit.after.revision,
    )  # fmt: skip
    require_writable(log)
    target = edit.path.resolve()
    try:
        with _locked(target.parent):
            if _read(target) != edit.text_before:
                hint = "run the command again, on the file as it is now"
                raise PolicyError(
                    (Problem(str(edit.path), 0, "it has changed since it was read", hint),)
                )
            _replace(target, edit.text_after)
            append_entry(log, entry)
    except OSError as error:
        reason = error.strerror or error
        raise PolicyError((Problem(str(edit.path), 0, f"cannot be written: {reason}"),)) from None
    return entry


def _set(document: tomlkit.TOMLDocument, key: KeyPath, value: object) -> tuple[Any, Any]:
    """Set or remove one key; return what it was and what it is."""
    table: Any = document
    for part in key[:-1]:
        if part not in table:
            if value is None:
                return None, None
            table[part] = tomlkit.table()
        table = table[part]
    name = key[-1]
    was = table[name] if name in table else None  # noqa: SIM401 - proxies of tomlkit lack get
    before = was.unwrap() if was is not None and hasattr(was, "unwrap") else was
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if before == value:
        return before, before
    if value is None:
        del table[name]
    else:
        table[name] = value
    return before, value


def _read_policy(path: Path) -> str:
    """Read the file once: what is checked must be what is changed."""
    try:
        return _read(path)
    except (OSError, UnicodeDecodeError):
        load_policy(path)  # tells what is wrong with the file
        raise


def _read(path: Path) -> str:
    return path.read_bytes().decode("utf-8")


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep other editors out: a lock on the folder, as the file itself is replaced."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _replace(path: Path, text: str) -> None:
    mode = path.stat().st_mode
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fchmod(file.fileno(), mode & 0o7777)
            with suppress(OSError):
                os.fchown(file.fileno(), path.stat().st_uid, path.stat().st_gid)
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
