"""The form of each call that is made while tests run, without any of its data.

call, result or error ─> Form (None, True, a list of forms, a dict of forms) ─> merged by Key
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any

from strangler.client import faults, wire
from strangler.client.pacts.forms import form_of, merged
from strangler.client.service import Service

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NULL, EMPTY, SOME = "null", "empty", "some"
VALUE, NOTHING, NO_ROWS, TRUE, FALSE = "a value", "nothing", "no rows", "true", "false"


@dataclass(frozen=True, order=True)
class Key:
    """What tells one interaction from another.

    `method` is what the client sends over HTTP. `arguments` are (name, NULL, EMPTY or SOME) of
    those given. `outcome` is one of the above, or the code of an error, whose `status` is not 200.
    """

    service: str
    operation: str
    method: str
    arguments: tuple[tuple[str, str], ...]
    outcome: str
    status: int = 200


class Recorder:
    """The calls so far: what came back, merged by what was asked."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: dict[Key, Any] = {}

    @property
    def found(self) -> list[tuple[Key, Any]]:
        """Each kind of call with the form of its answers, sorted."""
        with self._lock:
            return sorted(self._found.items(), key=lambda each: each[0])

    def note(self, key: Key, form: Any) -> None:
        """Add one call."""
        with self._lock:
            self._found[key] = merged(self._found.get(key), form)

    def dump(self) -> list[Any]:
        """Return what was recorded as JSON-ready values, for another process."""
        return [[list(astuple(key)), form] for key, form in self.found]

    def load(self, dumped: Iterable[Any]) -> None:
        """Add what another process recorded."""
        for (service, operation, method, arguments, *outcome), form in dumped:
            given = tuple((name, kind) for name, kind in arguments)
            self.note(Key(service, operation, method, given, *outcome), form)


@contextmanager
def recording(recorder: Recorder) -> Iterator[None]:
    """Note every call of every service while the block runs, whichever transport it takes."""
    former = Service.call

    def call(self: Service, operation: str, /, **arguments: Any) -> Any:
        listed = {
            name: list(value) if _is_lazy(value) else value for name, value in arguments.items()
        }
        try:
            result = former(self, operation, **listed)
        except Exception as error:
            told = faults.told(error)
            if told is not None:
                outcome = (str(told[1]["error"]["code"]), told[0])
                _note(recorder, self, operation, listed, outcome)
            raise
        _note(recorder, self, operation, listed, (_outcome(result), 200), result)
        return result

    Service.call = call  # type: ignore[method-assign]
    try:
        yield
    finally:
        Service.call = former  # type: ignore[method-assign]


def _is_lazy(value: Any) -> bool:
    return not isinstance(value, (list, tuple, dict, str, bytes)) and hasattr(value, "__iter__")


def _outcome(result: Any) -> str:
    if result is None:
        return NOTHING
    if isinstance(result, bool):
        return TRUE if result else FALSE
    return NO_ROWS if isinstance(result, list) and not result else VALUE


def _note(  # noqa: PLR0917 - all of them are of one call
    recorder: Recorder,
    service: Service,
    operation: str,
    arguments: dict[str, Any],
    outcome: tuple[str, int],
    result: Any = None,
) -> None:
    try:
        sent = wire.loads(wire.dumps(arguments))
        form = form_of(wire.loads(wire.dumps(result)))
    except (TypeError, ValueError):
        return  # it cannot travel, so no service will ever be asked it
    query = None
    if operation not in service.writes:
        query = wire.query(arguments, wire.signature(service.operations, operation))
    given = tuple((name, _kind(value)) for name, value in sorted(sent.items()))
    method = "POST" if query is None else "GET"
    recorder.note(Key(service.name, operation, method, given, *outcome), form)


def _kind(value: Any) -> str:
    if value is None:
        return NULL
    return EMPTY if isinstance(value, list) and not value else SOME
