"""Operations as routes: arguments and answers are what a function's annotations say.

GET  /v1/get_user?id=1          arguments that fit a query
POST /v1/get_user {"id": 1}     any arguments; the only way for a write

No annotations from the future: FastAPI reads those of the functions made here.
"""

import inspect
import time
from collections.abc import Callable
from typing import Annotated, Any, get_type_hints

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from prometheus_client import Counter, Histogram
from pydantic import BaseModel, ConfigDict, TypeAdapter, create_model
from sqlalchemy.orm import Session

from users_asgi import errors, operations
from users_asgi.database import reading, writing
from users_asgi.once import Write, do_once

PREFIX = "/internal/v1"
SERVED = Counter(
    "strangler_served_calls", "Operations answered, by HTTP status.",
    ["provider", "operation", "status"],
)  # fmt: skip
SERVED_SECONDS = Histogram(
    "strangler_served_call_seconds", "How long answers took.", ["provider", "operation"]
)


class Arguments(BaseModel):
    """The arguments of an operation; one that is not known is refused."""

    model_config = ConfigDict(extra="forbid")


def router() -> APIRouter:
    """Return the routes of all operations."""
    made = APIRouter(prefix=PREFIX)
    for function in operations.READS:
        _offer(made, function, is_write=False)
    for function in operations.WRITES:
        _offer(made, function, is_write=True)
    return made


def _offer(made: APIRouter, function: Callable[..., Any], *, is_write: bool) -> None:
    name, hints = function.__name__, get_type_hints(function, include_extras=True)
    of_result = TypeAdapter(hints["return"])
    fields = {
        one: (hints[one], ...)
        for one, parameter in inspect.signature(function).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
    }
    arguments = create_model(name, __base__=Arguments, **fields)

    def run(session: Session, given: BaseModel) -> str:
        result = function(session, **{one: getattr(given, one) for one in fields})
        return of_result.dump_json(result, by_alias=True).decode()

    def read(_request: Request, given: BaseModel) -> str:
        with reading() as session:
            return run(session, given)

    def write(request: Request, given: BaseModel) -> str:
        key = request.headers.get("Idempotency-Key", "")
        if not key:
            with writing() as session:
                return run(session, given)
        once = Write(key, name, request.state.body, request.state.acting)
        return do_once(once, lambda session: run(session, given))

    do = write if is_write else read

    def answer(request: Request, given: BaseModel) -> Response:
        began_at = time.perf_counter()
        try:
            found = Response(do(request, given), media_type=errors.JSON)
        except Exception as error:  # noqa: BLE001 - each is told, or logged
            found = errors.response(errors.told(error))
        SERVED.labels("users", name, str(found.status_code)).inc()
        SERVED_SECONDS.labels("users", name).observe(time.perf_counter() - began_at)
        return found

    def by_body(request: Request, given: arguments) -> Response:
        return answer(request, given)

    def by_query(request: Request, given: Annotated[arguments, Query()]) -> Response:
        names = [one for one, _ in request.query_params.multi_items()]
        if len(names) > len(set(names)):
            twice = "an argument is given twice; send lists as JSON by POST"
            return errors.response(errors.ToldError(400, "invalid_argument", twice))
        return answer(request, given)

    made.add_api_route(f"/{name}", by_body, methods=["POST"])
    if not is_write:
        made.add_api_route(f"/{name}", by_query, methods=["GET"])
