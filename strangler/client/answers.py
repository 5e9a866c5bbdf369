"""From what came back over HTTP, or did not, to a result or an error with a meaning.

Reply 200 ─> decoded by the operation's annotation
Reply     ─> the owner's own error ─> or a ServiceError by its status and code
nothing   ─> UnavailableError, by what is known of how the tries went
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from strangler.client import faults, wire
from strangler.client.failures import (
    DEPENDENCY_FAILED,
    CircuitOpenError,
    DeadlineError,
    RefusedError,
    ServiceError,
    UnavailableError,
)
from strangler.client.idempotency import keys
from strangler.client.network.attempts import UNAVAILABLE
from strangler.client.propagation import deadline

if TYPE_CHECKING:
    from strangler.client.network.attempts import Course, Reply
    from strangler.client.service import Service

OK, CONFLICT = 200, 409
REFUSED = (401, 403, 404, 405)
PASSING = frozenset({keys.IN_PROGRESS, keys.NOT_REPEATED, DEPENDENCY_FAILED})


def result(service: Service, operation: str, reply: Reply, url: str) -> Any:
    """Return what an operation gave.

    Raises:
        ServiceError: in one of its kinds.
        ObjectDoesNotExist: and the other errors that `faults` lists.
    """
    if reply.status != OK:
        raise _refusal(service, operation, reply, url)
    kind = wire.signature(service.operations, operation).get("return")
    try:
        return wire.decode(kind, wire.loads(reply.content))
    except ValueError as error:
        raise ServiceError(
            service.name,
            operation,
            f"the answer is not what the contract says: {error}; "
            "deploy client and service of one contract",
            url=url,
            status=reply.status,
        ) from error


def silence(
    service: Service, operation: str, course: Course, url: str, given_s: float, *, is_write: bool
) -> ServiceError:
    """Return what to raise where there is no answer; `given_s` is how long the call had."""
    if course.error is None:
        return CircuitOpenError(
            service.name, operation,
            "not asked, since it did not answer before; it is tried again within "
            f"{service.variable('BREAKER_OPEN_S')}",
            url=url,
        )  # fmt: skip
    reason, kind = _reason(course.error), UnavailableError
    message = (
        f"no answer ({reason}); does the service run, and is {service.variable('URL')} its address?"
    )
    if (deadline.left_s() or 0.0) <= 0:
        kind, message = DeadlineError, f"no answer within {given_s:.3g} s ({reason})"
    if is_write and course.arrived:
        message += "; whether it was done is not known"
    error = kind(service.name, operation, message, url=url)
    error.__cause__ = course.error
    return error


def is_pending(reply: Reply) -> bool:
    """Tell whether the same write is under way, so that its answer can be had a little later."""
    return reply.status == CONFLICT and _told(reply).get("code") == keys.IN_PROGRESS


def _refusal(service: Service, operation: str, reply: Reply, url: str) -> ServiceError:
    """Return what to raise; raises the owner's own error itself."""
    told = _told(reply)
    faults.raise_told(service, operation, told, url)
    message = str(told.get("message") or "what answers is not this service")
    kind: type[ServiceError] = ServiceError
    if reply.status in UNAVAILABLE or told.get("code") in PASSING:
        kind = UnavailableError
    elif reply.status in REFUSED:
        kind = RefusedError
        message += f"; check {service.variable('URL')} and {service.variable('TOKEN')}"
    return kind(service.name, operation, message, url=url, status=reply.status)


def _told(reply: Reply) -> dict[str, Any]:
    try:
        return dict(wire.loads(reply.content)["error"])
    except (ValueError, TypeError, KeyError):
        return {}


def _reason(error: BaseException) -> str:
    """Return what went wrong at the bottom, without addresses of objects."""
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, OSError) and inner.strerror:
            return inner.strerror
        inner = inner.__cause__ or inner.__context__ or _argument(inner)
    return type(error).__name__


def _argument(error: BaseException) -> BaseException | None:
    for part in (getattr(error, "reason", None), *error.args):
        if isinstance(part, BaseException):
            return part
    return None
