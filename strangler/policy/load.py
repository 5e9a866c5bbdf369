"""Read a policy file: text in, checked `Policy` out, or every problem at once.

text -> TOML -> document (shape) -> validators (meaning) -> build -> Policy
"""

from __future__ import annotations

import copy
import hashlib
import itertools
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomlkit
from pydantic import ValidationError

from strangler.errors import PolicyError, Problem
from strangler.policy import document as tables
from strangler.policy.build import build_policy
from strangler.policy.positions import Positions
from strangler.policy.validate import Complaint, check, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from strangler.policy.model import Policy

DEFAULT_PATH = Path("strangler.toml")
_LINE = re.compile(r"line (\d+)")


def load_policy(path: Path = DEFAULT_PATH) -> Policy:
    """Read and check the policy file at `path`.

    Raises:
        PolicyError: with every problem of the file, each with its line and a hint.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        hint = "name it with --policy FILE, or start one with strangler init"
        raise PolicyError((Problem(str(path), 0, "there is no such policy file", hint),)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError((Problem(str(path), 0, f"cannot be read: {error}"),)) from None
    return parse_policy(text, path)


def parse_policy(text: str, path: Path = DEFAULT_PATH) -> Policy:
    """Check the text of a policy file; `path` is used in messages and for relative paths.

    Raises:
        PolicyError: with every problem of the text.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError((_not_toml(error, path),)) from None
    document, complaints = _shape(content)
    if document is not None:
        complaints = (*complaints, *check(document))
    if document is None or complaints:
        raise PolicyError(_problems(complaints, text, path))
    revision = hashlib.sha256(document.model_dump_json().encode()).hexdigest()[:12]
    return build_policy(document, path=path, revision=revision)


def _not_toml(error: tomllib.TOMLDecodeError, path: Path) -> Problem:
    reason, _, place = str(error).partition(" (at ")
    line = _LINE.match(place)
    return Problem(str(path), int(line[1]) if line else 0, f"this is not TOML: {reason}")


def _shape(
    content: dict[str, Any],
) -> tuple[tables.PolicyDocument | None, tuple[Complaint, ...]]:
    """Return the document and what is wrong with its shape.

    With problems, the document is what is left without the keys that have one, so that the
    meaning of the rest is checked in the same run; None when too little is left.
    """
    try:
        return tables.PolicyDocument.model_validate(content), ()
    except ValidationError as error:
        complaints = tuple(_complaints(error, content))
    rest = copy.deepcopy(content)
    for location in {complaint.location for complaint in complaints}:
        _remove(rest, location)
    try:
        return tables.PolicyDocument.model_validate(rest), complaints
    except ValidationError:
        return None, complaints


def _remove(content: dict[str, Any], location: tuple[int | str, ...]) -> None:
    """Remove the key at a location; one inside a list takes the whole list along."""
    keys = list(itertools.takewhile(lambda part: isinstance(part, str), location))
    table: Any = content
    for key in keys[:-1]:
        table = table.get(key, {})
    if keys:
        table.pop(keys[-1], None)


def _problems(complaints: tuple[Complaint, ...], text: str, path: Path) -> tuple[Problem, ...]:
    positions = Positions(tomlkit.parse(text))
    return tuple(
        Problem(str(path), positions.line(c.location), _with_key(c), c.hint) for c in complaints
    )


def _with_key(complaint: Complaint) -> str:
    key = ".".join(str(part) for part in complaint.location)
    return f"{key}: {complaint.message}" if key else complaint.message


def _complaints(error: ValidationError, content: dict[str, Any]) -> Iterator[Complaint]:
    for detail in error.errors(include_url=False):
        if detail["type"] == "literal_error" and isinstance(detail["input"], dict):
            continue  # the other branch of "a table, or false" tells what is wrong in the table
        location = _real_location(detail["loc"], content)
        if detail["type"] == "extra_forbidden":
            key = str(location[-1])
            hint = did_you_mean(key, _fields_beside(location))
            yield Complaint(location, f"unknown key {key}", hint)
        elif detail["type"] == "missing":
            yield Complaint(location[:-1], f"{location[-1]} is missing")
        elif "[key]" in detail["loc"]:
            yield Complaint(
                location, f"{location[-1]!r} is not a name",
                "use lower-case letters, digits and dashes, and start with a letter",
            )  # fmt: skip
        else:
            value = detail["input"]
            said = "" if isinstance(value, dict) else f", got {value!r}"
            yield Complaint(location, detail["msg"].replace("Input should", "should") + said)


def _real_location(loc: tuple[int | str, ...], content: object) -> tuple[int | str, ...]:
    """Drop the parts of a pydantic location that name a union's branch, not a key."""
    real: list[int | str] = []
    for position, part in enumerate(loc):
        last = position == len(loc) - 1
        if isinstance(content, dict) and (part in content or (last and part != "[key]")):
            real.append(part)
            content = content.get(part)
        elif isinstance(content, list) and isinstance(part, int) and part < len(content):
            real.append(part)
            content = content[part]
    return tuple(real)


_TABLES: dict[str, type[tables._Table]] = {
    "proxy": tables.ProxyTable,
    "upstreams": tables.UpstreamTable,
    "switches": tables.SwitchTable,
    "routes": tables.RouteTable,
    "health": tables.HealthTable,
    "outlier": tables.OutlierTable,
    "overrides": tables.OverrideTable,
    "compare": tables.CompareTable,
}


def _fields_beside(location: tuple[int | str, ...]) -> tuple[str, ...]:
    table: type[tables._Table] = tables.PolicyDocument
    for part in location[:-1]:
        table = _TABLES.get(str(part), table) if isinstance(part, str) else table
    return tuple(table.model_fields)
