"""The WSGI application of one provider, named by PROVIDER; /healthz tells that it is up."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from strangler.client import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_operations = serving.application(os.environ["PROVIDER"])


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer an operation, or the probe."""
    if environ["PATH_INFO"] == "/healthz":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"ok"]
    return _operations(environ, start_response)
