"""Who may call a served provider: whoever has the token, or else only callers on this machine."""

from __future__ import annotations

import hmac
import os
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from strangler.client.operations import Answer, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

TOKEN_VARIABLE = "SERVICE_TOKEN"  # noqa: S105 - a name, no token
FORWARDED = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_REAL_IP")


def refused(environ: Mapping[str, Any]) -> Answer | None:
    """Return why this WSGI environment (or `request.META`) is not let in; None when it is.

    Without SERVICE_TOKEN the address must be loopback, the Host too (a page in a browser must not
    reach this by a name of its own), and no proxy may have passed the request on.
    """
    token = os.environ.get(TOKEN_VARIABLE, "")
    if token:
        if not token.isascii():
            return refusal(401, "unauthorized", f"{TOKEN_VARIABLE} must be ASCII, as headers are")
        sent = str(environ.get("HTTP_AUTHORIZATION", ""))
        if hmac.compare_digest(sent.encode(), b"Bearer " + token.encode()):
            return None
        return refusal(401, "unauthorized", f"send the service's {TOKEN_VARIABLE} as bearer token")
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
