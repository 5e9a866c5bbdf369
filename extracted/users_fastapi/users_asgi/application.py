"""The ASGI application, for granian: probes, metrics, the operations, and what the public reads."""

from __future__ import annotations

import logging

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from users_asgi import errors, public, serving
from users_asgi.database import is_ready
from users_asgi.gate import Gate

logger = logging.getLogger("users.health")
# No document of its own: the contract is ../users/contracts/users.json.
application = FastAPI(title="users", openapi_url=None, redirect_slashes=False)
application.include_router(serving.router())
application.include_router(public.router)
application.add_middleware(Gate)
errors.tell_all(application, public.nothing_at)


@application.get("/healthz", include_in_schema=False)
async def live() -> Response:
    """Answer while the process serves; touches nothing else."""
    return PlainTextResponse("ok", headers={"Cache-Control": "no-store"})


@application.get("/readyz", include_in_schema=False)
def ready() -> Response:
    """Answer 200 when the database answers, else 503."""
    try:
        is_ready()
    except SQLAlchemyError:
        logger.exception("the database does not answer")
        return PlainTextResponse("database unreachable", 503)
    return PlainTextResponse("ok", headers={"Cache-Control": "no-store"})


@application.get("/metrics", include_in_schema=False)
async def metrics() -> Response:
    """Answer a scrape, of this process."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
