"""Where pairs of the shadow transport go: to the comparator at a URL, or to a function."""

from __future__ import annotations

import os
import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import requests
from django.utils.module_loading import import_string

from strangler.client import wire

if TYPE_CHECKING:
    from collections.abc import Callable

VARIABLE, TOKEN_VARIABLE = "STRANGLER_SHADOW_SINK", "STRANGLER_SHADOW_TOKEN"
PATH = "/v1/pairs"
TIMEOUT_S = 2.0
_of_thread = threading.local()


class SinkError(Exception):
    """A pair that nobody took."""


def emit(pair: dict[str, Any]) -> None:
    """Hand a pair over. Called in a background thread.

    Raises:
        SinkError: when no sink is set, or the one that is set does not take the pair.
        ImportError: when the function does not exist. Whatever the function raises.
    """
    where = os.environ.get(VARIABLE, "")
    if where.startswith(("http://", "https://")):
        _post(where.rstrip("/") + PATH, pair)
    elif where:
        _function(where)(pair)
    else:
        raise SinkError(f"{VARIABLE} says who compares: a URL, or the dotted name of a function")


def _post(url: str, pair: dict[str, Any]) -> None:
    session = getattr(_of_thread, "session", None)
    if session is None:
        session = _of_thread.session = requests.Session()
        session.trust_env = False
    headers = {"Content-Type": "application/json"}
    token = os.environ.get(TOKEN_VARIABLE, "")
    if token:
        headers["Authorization"] = "Bearer " + token
    try:
        answer = session.post(
            url, data=wire.dumps(pair), headers=headers, timeout=TIMEOUT_S, allow_redirects=False
        )
    except requests.RequestException as error:
        raise SinkError(f"no comparator answers at {url} ({type(error).__name__})") from error
    if not answer.ok:
        raise SinkError(f"the comparator at {url} answered {answer.status_code}")


@lru_cache(maxsize=8)
def _function(name: str) -> Callable[[dict[str, Any]], None]:
    found: Callable[[dict[str, Any]], None] = import_string(name)
    return found
