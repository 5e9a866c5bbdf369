"""Everything that goes wrong, in the contract's one shape.

{"error": {"code": ..., "message": ...}}
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import DataError, IntegrityError
from starlette.exceptions import HTTPException

logger = logging.getLogger("users.serving")
JSON = "application/json"


class ToldError(Exception):
    """A refusal with a meaning: the status and the code are the contract's."""

    def __init__(self, status: int, code: str, message: str, **further: Any) -> None:
        super().__init__(message)
        self.status, self.code, self.further = status, code, further

    @property
    def content(self) -> dict[str, Any]:
        """What goes over the wire."""
        return {"error": {"code": self.code, "message": str(self), **self.further}}


def missing(model: str) -> ToldError:
    """Return the error of a row that is not there."""
    message = f"{model.rpartition('.')[2]} matching query does not exist."
    return ToldError(404, "does_not_exist", message, model=model)


def told(error: Exception) -> ToldError:
    """Return what to answer; what nobody meant to happen is logged, and told without its cause."""
    match error:
        case ToldError():
            return error
        case IntegrityError():
            return ToldError(409, "integrity_error", str(error.orig))
        case DataError():
            return ToldError(400, "data_error", str(error.orig))
        case OverflowError():
            return ToldError(400, "overflow_error", str(error))
        case ValueError():
            return ToldError(400, "invalid_argument", str(error))
    logger.error("a request failed", exc_info=error)
    return ToldError(500, "internal_error", "the service's log says why")


def response(error: ToldError) -> Response:
    """Return the answer that tells an error."""
    headers = {"WWW-Authenticate": "Bearer"} if error.status == HTTPStatus.UNAUTHORIZED else None
    return JSONResponse(error.content, error.status, headers)


def tell_all(app: FastAPI, nothing_at: Callable[[str], Response]) -> None:
    """Have FastAPI's own errors told in the same shape; `nothing_at` answers the public."""

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> Response:
        problems = [
            f"{'.'.join(map(str, one['loc'][1:])) or 'the body'}: {one['msg']}"
            for one in error.errors()
        ]
        return response(ToldError(400, "invalid_argument", "; ".join(problems)))

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            told_ = ToldError(405, "method_not_allowed", f"not by {request.method}")
        elif error.status_code == HTTPStatus.NOT_FOUND and request.url.path.startswith("/api/"):
            return nothing_at(request.url.path)
        elif error.status_code == HTTPStatus.NOT_FOUND:
            told_ = ToldError(404, "unknown_operation", f"nothing is offered at {request.url.path}")
        else:
            told_ = ToldError(error.status_code, "invalid_argument", str(error.detail))
        answer = response(told_)
        answer.headers.update(error.headers or {})
        return answer
