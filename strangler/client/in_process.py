"""The transport that needs no network: the provider's function, in this process.

Same connection and transaction as the caller's. With USERS_CLIENT_STRICT=1 arguments and results
go through JSON and back, so that what works here works over HTTP. Writes of a repeatable step are
done once here too, where keys are kept.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

from django.core.exceptions import MultipleObjectsReturned, ObjectDoesNotExist

from strangler.client import faults, raised, wire
from strangler.client.failures import MisconfiguredError, ServiceError
from strangler.client.idempotency import keys, once
from strangler.client.propagation import identity

if TYPE_CHECKING:
    from collections.abc import Callable

    from strangler.client.service import Service


class InProcess:
    """Calls the functions of `service.provider`."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._functions: dict[str, Callable[..., Any]] = {}

    def call(self, operation: str, arguments: dict[str, Any]) -> Any:
        """Return what the provider's function returns.

        Raises:
            MisconfiguredError: when the provider has no such function.
        """
        function = self._functions.get(operation) or self._find(operation)
        if operation in self._service.writes and keys.is_repeatable() and once.is_kept():
            return self._call_once(operation, function, arguments)
        if self._service.setting("STRICT", "0") in {"", "0"}:
            try:
                return function(**arguments)
            except Exception as error:  # noqa: BLE001 - raised again, as the client's own
                self._raise_own(error)
        return self._call_strictly(operation, function, arguments)

    def converted(self, kind: type[Any], row: Any) -> Any:
        """Return the value that the provider makes of a row; None where it makes no such values."""
        name = f"{kind.__module__.rpartition('.')[2]}.{kind.__name__}"
        key = f"-> {name}"
        if key not in self._functions:
            provider = vars(import_module(self._service.provider))
            found = (
                each
                for spelt, each in provider.items()
                if spelt.startswith("_")
                and getattr(each, "__annotations__", {}).get("return") in (kind, name)
                and each.__code__.co_argcount == 1
            )
            self._functions[key] = next(found, _nothing)
        return self._functions[key](row)

    def close(self) -> None:
        """Forget the functions."""
        self._functions.clear()

    def _call_strictly(
        self, operation: str, function: Callable[..., Any], arguments: dict[str, Any]
    ) -> Any:
        kinds = wire.signature(self._service.provider, operation)
        sent = wire.loads(wire.dumps(arguments))
        received = {name: wire.decode(kinds.get(name), value) for name, value in sent.items()}
        try:
            answer = wire.dumps(function(**received))
        except Exception as error:
            raises = getattr(import_module(self._service.provider), "RAISES", {})
            told = faults.told(error, raises)
            if told is not None:
                faults.raise_told(self._service, operation, told[1]["error"])
            raise
        return self._decoded(operation, answer)

    def _call_once(
        self, operation: str, function: Callable[..., Any], arguments: dict[str, Any]
    ) -> Any:
        """Do a write of a step that may be repeated, or return what it gave before."""
        key = keys.next_key(self._service.name, operation)
        write = once.Write(key, operation, wire.dumps(arguments).encode(), identity.current())
        try:
            answer = once.do_once(write, lambda: wire.dumps(function(**arguments)))
        except once.RefusedKeyError as error:
            raise ServiceError(self._service.name, operation, str(error)) from error
        except Exception as error:  # noqa: BLE001 - raised again, as the client's own
            self._raise_own(error)
        return self._decoded(operation, answer)

    def _raise_own(self, error: Exception) -> NoReturn:
        """Raise an error as the client's own class of it, where it has one."""
        own = raised.as_own(self._service, error) if self._service.errors else None
        if own is not None:
            raise own.with_traceback(error.__traceback__) from error
        if isinstance(error, (ObjectDoesNotExist, MultipleObjectsReturned)):
            faults.raise_own(self._service, error)
        raise error

    def _decoded(self, operation: str, answer: str) -> Any:
        kind = wire.signature(self._service.operations, operation).get("return")
        return wire.decode(kind, wire.loads(answer))

    def _find(self, operation: str) -> Callable[..., Any]:
        service = self._service
        try:
            function: Callable[..., Any] = getattr(import_module(service.provider), operation)
        except (ImportError, AttributeError) as error:
            raise MisconfiguredError(
                service.name,
                operation,
                f"the provider {service.provider} does not offer it ({error}); "
                f"run `codemods rewrite --service {service.name}`, "
                f"or set {service.variable('TRANSPORT')}=http",
            ) from error
        self._functions[operation] = function
        return function


def _nothing(_row: Any) -> None:
    """Make nothing of a row."""
