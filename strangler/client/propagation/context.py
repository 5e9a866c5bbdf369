"""Both ends of a call's headers: from a request into the context, and on the next call."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from strangler.client.propagation import deadline, identity, tracing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


def sent(user_id: str) -> dict[str, str]:
    """Return the headers of a call that is sent now, on behalf of a user or of nobody ("")."""
    headers = tracing.headers()
    left_s = deadline.left_s()
    if left_s is not None:
        headers[deadline.HEADER] = deadline.to_header(left_s)
    token = identity.signed(user_id)
    if token:
        headers[identity.HEADER] = token
    return headers


@contextmanager
def received(meta: Mapping[str, Any], actor: Callable[[], str] | None = None) -> Iterator[None]:
    """Hold the block to a WSGI environment's (or `request.META`'s) deadline, identity and trace.

    `actor` tells who acts where no identity header came.

    Raises:
        ForgedIdentityError: before the block begins.
    """
    token = str(meta.get(_variable(identity.HEADER), ""))
    if token:
        user_id = identity.verified(token)
        actor = partial(str, user_id)
    trace = tracing.begin(
        *(
            str(meta.get(_variable(name), ""))
            for name in (tracing.PARENT, tracing.STATE, tracing.REQUEST_ID)
        )
    )
    acting = identity.begin(actor or str)
    left_s = deadline.from_header(str(meta.get(_variable(deadline.HEADER), "")))
    ending = None if left_s is None else deadline.begin(left_s)
    try:
        yield
    finally:
        if ending is not None:
            deadline.end(ending)
        identity.end(acting)
        tracing.end(trace)


def _variable(header: str) -> str:
    return "HTTP_" + header.upper().replace("-", "_")
