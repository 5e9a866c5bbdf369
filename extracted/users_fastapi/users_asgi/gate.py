"""What comes before any operation: may the caller in, for whom, is there time, is it not too much?

An ASGI middleware, for a body must not even be read for a stranger. `request.state` has the
`body` and, as `acting`, the key of the user on whose behalf the call is made.
"""

from __future__ import annotations

import os

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from users_asgi import identity
from users_asgi.errors import ToldError, response

PROTECTED = ("/internal/", "/metrics")
DEADLINE = "X-Request-Deadline-Ms"
MAX_BODY_BYTES = int(os.environ.get("MAX_BODY_BYTES") or 2_621_440)
_HEADERS = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"idempotency-keys", b"kept"),
)


class Gate:
    """Lets calls of operations through, and answers what it does not let through."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or not scope["path"].startswith(PROTECTED):
            await self.app(scope, receive, send)
            return

        async def answering(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_HEADERS]
            await send(message)

        try:
            body = await _admitted(scope, receive)
        except ToldError as error:
            await response(error)(scope, receive, answering)
            return
        sent = False

        async def again() -> Message:
            nonlocal sent
            if sent:
                return await receive()
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self.app(scope, again, answering)


async def _admitted(scope: Scope, receive: Receive) -> bytes:
    headers, client = Headers(scope=scope), scope.get("client") or ("", 0)
    identity.admit(headers, client[0])
    acting = identity.acting(headers)
    if headers.get(DEADLINE, "").isdecimal() and int(headers[DEADLINE]) == 0:
        raise ToldError(504, "deadline_exceeded", "the caller does not wait any more")
    body = await _body(receive)
    scope.setdefault("state", {}).update(body=body, acting=acting)
    return body


async def _body(receive: Receive) -> bytes:
    parts, length, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        parts.append(message.get("body", b""))
        length, more = length + len(parts[-1]), message.get("more_body", False)
        if length > MAX_BODY_BYTES:
            raise ToldError(413, "too_large", f"a body has at most {MAX_BODY_BYTES} bytes here")
    return b"".join(parts)
