"""Who may call a served provider: whoever has the token, or else only callers on this machine.

    SERVICE_TOKEN          what callers send as bearer token
    SERVICE_TOKEN_ALSO     accepted too, while the token is exchanged

To exchange a token without a refused call: set the next one as SERVICE_TOKEN_ALSO, give it to the
callers, make it SERVICE_TOKEN, and drop the other.
"""

from __future__ import annotations

import hmac
import os
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from strangler.client.operations import Answer, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

TOKEN_VARIABLE = "SERVICE_TOKEN"  # noqa: S105 - a name, no token
ALSO_VARIABLE = "SERVICE_TOKEN_ALSO"
FORWARDED = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_REAL_IP")


def refused(environ: Mapping[str, Any]) -> Answer | None:
    """Return why this WSGI environment (or `request.META`) is not let in; None when it is.

    Without a token the address must be loopback, the Host too (a page in a browser must not
    reach this by a name of its own), and no proxy may have passed the request on.
    """
    tokens = [
        (name, os.environ[name]) for name in (TOKEN_VARIABLE, ALSO_VARIABLE) if os.environ.get(name)
    ]
    if tokens:
        return _refused_by_token(tokens, str(environ.get("HTTP_AUTHORIZATION", "")))
    host = str(environ.get("HTTP_HOST", "localhost"))
    if (
        is_loopback(str(environ.get("REMOTE_ADDR", "")))
        and is_loopback(_without_port(host))
        and not any(environ.get(name) for name in FORWARDED)
    ):
        return None
    return refusal(
        403, "forbidden",
        f"without {TOKEN_VARIABLE} only direct callers on this machine are answered; "
        f"set {TOKEN_VARIABLE} here and the same token for the callers",
    )  # fmt: skip


def _refused_by_token(tokens: list[tuple[str, str]], sent: str) -> Answer | None:
    for name, token in tokens:
        if not token.isascii():
            return refusal(401, "unauthorized", f"{name} must be ASCII, as headers are")
    matches = [
        hmac.compare_digest(sent.encode(), b"Bearer " + token.encode()) for _, token in tokens
    ]
    if any(matches):
        return None
    return refusal(401, "unauthorized", f"send the service's {TOKEN_VARIABLE} as bearer token")


def is_loopback(host: str) -> bool:
    """Tell whether a host name or an address is this machine's own."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]
