"""One service as its callers see it: operations by name, relations to its models, values.

operation ─> Service.call ─> count ─> routing ─> transport
                                                 ├─ in_process: the provider's function
                                                 ├─ http: the same by the contract
                                                 └─ shadow: both, for comparison

For the service "users" the environment decides, read at every call; one operation may differ:

    USERS_CLIENT_TRANSPORT             in_process (the default), http or shadow
    USERS_CLIENT_TRANSPORT_GET_USER    the same for `get_user`
    USERS_CLIENT_SHARE_GET_USER_PCT    how many of its calls take that way; 100 by default

`strangler.client.options` has all variables.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Iterator, MappingView
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet

from strangler.client import budget, metrics, routing
from strangler.client.columns import Reference
from strangler.client.failures import (
    InvalidArgumentError,
    MisconfiguredError,
    RefusedError,
    ServiceError,
    UnavailableError,
)
from strangler.client.in_process import InProcess
from strangler.client.network.cache import Cache
from strangler.client.options import VARIABLES, number
from strangler.client.propagation import identity
from strangler.client.raised import Raised
from strangler.client.references import ForeignKey, OneToOneField
from strangler.client.values import Key, Value

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Protocol

    class Transport(Protocol):
        """How one service is reached."""

        def call(self, operation: str, arguments: dict[str, Any]) -> Any:
            """Return what the operation gives, decoded."""

        def close(self) -> None:
            """Let go of what the transport holds; it can be used again."""


PLAIN = frozenset({int, str, bool, float, list, tuple, dict, type(None)})
LAZY_LISTS: tuple[type[Any], ...] = (AbstractSet, Iterator, MappingView, range, QuerySet)


class Service:
    """The client side of one service; a generated client package holds exactly one.

    `provider` is the module whose functions are the operations; it is imported at the first call
    in process. `values` is the module of the value classes, `operations` the name of the module
    whose functions have the operations' names and annotations. `writes` names the operations
    that change something: they are never done twice. `errors` is the module of the owner's own
    errors, as callers catch them. `cache` holds answers, where the environment
    asks for that.
    """

    def __init__(
        self,
        name: str,
        *,
        provider: str,
        values: ModuleType,
        operations: str,
        writes: tuple[str, ...] = (),
        errors: ModuleType | None = None,
    ) -> None:
        self.name, self.provider, self.operations = name, provider, operations
        self.writes = frozenset(writes)
        self.values = {
            kind.strangler_binding.model: kind
            for kind in vars(values).values()
            if isinstance(kind, type)
            and issubclass(kind, Value)
            and kind.__module__ == values.__name__
        }
        for kind in self.values.values():
            kind.strangler_binding.service = self
        self.errors: dict[str, type[Raised]] = {
            name: kind
            for name, kind in (vars(errors) if errors else {}).items()
            if isinstance(kind, type) and issubclass(kind, Raised) and kind is not Raised
        }
        self.errors_by_origin = {each.strangler_origin: each for each in self.errors.values()}
        self.ForeignKey: type[ForeignKey] = self._field_class(ForeignKey)
        self.OneToOneField: type[OneToOneField] = self._field_class(OneToOneField)
        self.Reference: type[Reference] = self._field_class(Reference)
        self.cache = Cache()
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._variables: dict[tuple[str, str], str] = {}
        self._transports: dict[str, Transport] = {}

    def __repr__(self) -> str:
        return f"<Service {self.name}>"

    def call(self, operation: str, /, **arguments: Any) -> Any:
        """Call an operation and return its values.

        Raises:
            ServiceError: when the service does not answer, in one of its kinds.
            ObjectDoesNotExist: as the value's `DoesNotExist`, when the row is missing. Other
                errors that the owner raises on purpose keep their class too.
        """
        with self._lock:
            self._counts[operation] += 1
        budget.record(self.name, operation)
        listed = {name: _listed(value) for name, value in arguments.items()}
        name = self._transport_name(operation)
        transport = self._transports.get(name) or self._make_transport(name, operation)
        outcome, began_at = "ok", time.perf_counter()
        try:
            return transport.call(operation, listed)
        except BaseException as error:
            outcome = _outcome(error)
            raise
        finally:
            took_s = time.perf_counter() - began_at
            metrics.CALLS.add(self.name, operation, name, outcome)
            metrics.CALL_SECONDS.observe(took_s, self.name, operation, name)

    @property
    def counts(self) -> dict[str, int]:
        """How often each operation was called in this process."""
        with self._lock:
            return dict(self._counts)

    def reset_counts(self) -> None:
        """Count from 0 again."""
        with self._lock:
            self._counts.clear()

    def stand_in(self, transport: Transport | None) -> None:
        """Let a transport answer every call, whatever the environment says; None ends that.

        For tests of callers: `strangler.client.testing` gives one that needs no service.
        """
        with self._lock:
            if transport is None:
                self._transports.pop(routing.STAND_IN, None)
            else:
                self._transports[routing.STAND_IN] = transport

    def close(self) -> None:
        """Close connections; the next call opens new ones, by the environment of then."""
        self.cache.invalidate()
        for transport in self._transports.values():
            transport.close()

    def setting(self, name: str, default: str = "", *, operation: str = "") -> str:
        """Return an environment variable of this service, such as USERS_CLIENT_URL for "URL".

        With an operation its own variable comes first.
        """
        variable = self._variables.get((name, operation))
        if variable is None:
            variable = VARIABLES[name].full_name(self.name, operation)
            self._variables[name, operation] = variable
        found = os.environ.get(variable)
        if operation and not found:
            return self.setting(name, default)
        return default if found is None else found

    def variable(self, name: str) -> str:
        """Return the name of an environment variable of this service."""
        return f"{self.name.upper().replace('-', '_')}_CLIENT_{name}"

    def value_class(self, label: str) -> type[Value]:
        """Return the value class of a model, by its label such as "users.User".

        Raises:
            MisconfiguredError: when the contract has no values for that model.
        """
        try:
            return self.values[label]
        except KeyError:
            raise MisconfiguredError(
                self.name, "value", f"the contract has no values for {label}, only for "
                f"{', '.join(sorted(self.values)) or 'no model'}; "
                f"run `codemods rewrite --service {self.name}`",
            ) from None  # fmt: skip

    def key(self, label: str, column: str) -> Key:
        """Return how rows of a model are asked for by one of its unique columns.

        Raises:
            MisconfiguredError: when the contract has no operation for that.
        """
        for key in self.value_class(label).strangler_binding.keys:
            if key.column == column:
                return key
        raise MisconfiguredError(
            self.name, "key", f"the contract cannot give {label} by {column!r}; "
            f"run `codemods rewrite --service {self.name}`",
        )  # fmt: skip

    def value_at_hand(self, label: str, operation: str, row: Any) -> Any:
        """Return the value of a row that is at hand already, without asking for it.

        The row itself is given where the provider is not in this process, or where making a value
        of it would read it again: it is not saved, or some of its columns were left out. Where
        what the value carries had to be loaded, that counts as a call of `operation`.
        """
        if self._transport_name(operation) != routing.IN_PROCESS:
            return row
        if row._state.adding or row.get_deferred_fields():
            return row
        transport = self._transports.get(routing.IN_PROCESS)
        if not isinstance(transport, InProcess):
            transport = InProcess(self)
            self._transports[routing.IN_PROCESS] = transport
        loading = _Loading()
        with connections[row._state.db or DEFAULT_DB_ALIAS].execute_wrapper(loading):
            value = transport.converted(self.value_class(label), row)
        if loading.is_seen:
            budget.record(self.name, operation)
        return row if value is None else value

    def _transport_name(self, operation: str) -> str:
        if routing.STAND_IN in self._transports:
            return routing.STAND_IN
        name = self.setting("TRANSPORT", operation=operation) or routing.IN_PROCESS
        if name == routing.IN_PROCESS:
            return name
        share = self.setting("SHARE", operation=operation)
        if not share:
            return name
        try:
            named = VARIABLES["SHARE"].full_name(self.name, operation)
            share_pct = number(
                named if os.environ.get(named) else self.variable("SHARE_PCT"), share, 100
            )
        except ValueError as error:
            raise MisconfiguredError(self.name, operation, str(error)) from None
        place = routing.place_pct(f"{self.name}.{operation}", identity.current())
        return routing.side(name, share_pct, place)

    def _make_transport(self, name: str, operation: str) -> Transport:
        if name not in routing.TRANSPORTS:
            raise MisconfiguredError(
                self.name, operation,
                f"{self.variable('TRANSPORT')} must be in_process, http or shadow, got {name!r}",
            )  # fmt: skip
        transport: Transport = InProcess(self)
        if name != routing.IN_PROCESS:
            try:  # requests only where it is used
                from strangler.client.http import Http  # noqa: PLC0415
                from strangler.client.shadow import Shadow  # noqa: PLC0415
            except ImportError as error:
                raise MisconfiguredError(
                    self.name, operation, f"HTTP needs the package requests ({error})"
                ) from error
            transport = Http(self) if name == routing.HTTP else Shadow(self)
        with self._lock:
            return self._transports.setdefault(name, transport)

    def _field_class(self, kind: type[Any]) -> type[Any]:
        attributes = {
            "__module__": self.operations,
            "__doc__": kind.__doc__,
            "service": self,
            "strangler_service": self.name,
        }
        return type(kind.__name__, (kind,), attributes)


class _Loading:
    """Takes note of whether a block ran any SQL."""

    is_seen = False

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        self.is_seen = True
        return execute(*arguments)


def _listed(value: Any) -> Any:
    if type(value) in PLAIN or not isinstance(value, LAZY_LISTS):
        return value
    return list(value)


_OUTCOMES: tuple[tuple[type[BaseException], str], ...] = (
    (UnavailableError, "unavailable"),
    (RefusedError, "refused"),
    (MisconfiguredError, "misconfigured"),
    (InvalidArgumentError, "invalid"),
    (ServiceError, "failed"),
    (ObjectDoesNotExist, "missing"),
)


def _outcome(error: BaseException) -> str:
    """Return the label of an error; "raised" for what the owner raises on purpose, or a bug."""
    return next((name for kind, name in _OUTCOMES if isinstance(error, kind)), "raised")
