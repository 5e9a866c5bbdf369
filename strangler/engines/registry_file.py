"""The registry's file: JSON, replaced whole, with times that outlive the process."""

from __future__ import annotations

import json
import logging
import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from strangler.engines.registry_state import Instance
from strangler.policy.validate import parse_address

if TYPE_CHECKING:
    from collections.abc import Iterable

logger = logging.getLogger(__name__)


def write_instances(path: Path, instances: Iterable[Instance], *, clock: float) -> None:
    """Replace the file; `clock` is the present on the clock of `Instance.expires_at`.

    Raises:
        OSError: when the folder cannot be written; the file is then as it was.
    """
    skew = time.time() - clock
    rows = [{**i.describe(), "expires_at": round(i.expires_at + skew, 3)} for i in instances]
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"version": 1, "instances": rows}, file, indent=1)
        Path(temporary).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise


def read_instances(path: Path, *, clock: float) -> tuple[Instance, ...]:
    """Return what the file holds, times on the clock of `clock`; nothing when it is unusable."""
    skew = time.time() - clock
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["instances"]
        return tuple(_instance(row, skew) for row in rows)
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, KeyError, TypeError) as error:
        logger.warning(
            "the registry file %s is unusable and starts empty (%s: %s); instances join again "
            "with their next beat", path, type(error).__name__, error,
        )  # fmt: skip
        return ()


def _instance(row: dict[str, Any], skew: float) -> Instance:
    return Instance(
        upstream=str(row["upstream"]),
        address=parse_address(row["address"]),
        id=str(row["id"]),
        version=str(row["version"]),
        host=str(row["host"]),
        pid=int(row["pid"]),
        started_at=float(row["started_at"]),
        ttl_s=float(row["ttl_s"]),
        expires_at=float(row["expires_at"]) - skew,
    )
