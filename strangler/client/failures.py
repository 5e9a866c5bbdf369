"""What can go wrong between a caller and a service, each with the next step in its message.

ServiceError                 the operation was not answered; nothing more is known
├── MisconfiguredError       the environment or the generated client is at fault; nothing was sent
├── UnavailableError         no answer, or 502, 503, 504: trying again may help
│   ├── DeadlineError        the time for the call, or for what it is part of, is over
│   └── CircuitOpenError     not asked, for the service did not answer before
├── RefusedError             401, 403, 404 or 405: token, address or contract differ
├── TooManyIdsError          more ids are found than the owner gives at once: ask for fewer
└── InvalidArgumentError     the owner cannot use an argument; also a ValueError, as of the ORM

What the owner raises on purpose keeps its meaning for callers and is none of these: a missing row
is the value's `DoesNotExist`, a broken constraint Django's `IntegrityError`, and so on.
"""

from __future__ import annotations

DEPENDENCY_FAILED = "dependency_failed"
"""What an answer says where not the service itself, but one that it needs, does not answer."""


class ServiceError(Exception):
    """A service did not answer an operation.

    `status` is the HTTP status, 0 where there was none; `url` is empty in process.
    """

    def __init__(
        self, service: str, operation: str, message: str, *, url: str = "", status: int = 0
    ) -> None:
        self.service, self.operation, self.url, self.status = service, operation, url, status
        self.message = message
        where = f" at {url}" if url else ""
        answered = f" answered {status}" if status else ""
        super().__init__(f"{service}.{operation}{where}{answered}: {message}")

    def __reduce__(self) -> tuple[object, ...]:
        return (_restore, (type(self), str(self), dict(self.__dict__)))


def _restore(kind: type[ServiceError], text: str, state: dict[str, object]) -> ServiceError:
    error = kind.__new__(kind)
    Exception.__init__(error, text)
    error.__dict__.update(state)
    return error


class MisconfiguredError(ServiceError):
    """The environment or the generated client cannot be used as it is."""


class UnavailableError(ServiceError):
    """The service gave no answer in time, or one that says it cannot serve now."""


class DeadlineError(UnavailableError):
    """The time for the call, or for the whole that it is part of, is over."""


class CircuitOpenError(UnavailableError):
    """The service did not answer before, and is left alone for a while; nothing was sent."""


class RefusedError(ServiceError):
    """The service knows no such operation, or does not let this caller in."""


class TooManyIdsError(ServiceError):
    """More rows are found than the owner gives the ids of; none are given."""


class InvalidArgumentError(ServiceError, ValueError):
    """An argument has a value that the owner cannot use."""


class TakenBackError(Exception):
    """The work that a key names was taken back before: it is not done any more."""
