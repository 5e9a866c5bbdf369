"""The transport that needs no network: the provider's function, in this process.

Same connection and transaction as the caller's. With USERS_CLIENT_STRICT=1 arguments and results
go through JSON and back, so that what works here works over HTTP.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.core.exceptions import MultipleObjectsReturned, ObjectDoesNotExist

from strangler.client import rows
from strangler.client.failures import MisconfiguredError

if TYPE_CHECKING:
    from collections.abc import Callable

    from strangler.client.service import Service


class InProcess:
    """Calls the functions of `service.provider`."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._functions: dict[str, Callable[..., Any]] = {}

    def call(self, operation: str, arguments: dict[str, Any]) -> Any:
        """Return what the provider's function returns."""
        function = self._functions.get(operation) or self._find(operation)
        try:
            return function(**arguments)
        except (ObjectDoesNotExist, MultipleObjectsReturned) as error:
            raise_own(self._service, error)
            raise

    def _find(self, operation: str) -> Callable[..., Any]:
        service = self._service
        try:
            function = getattr(import_module(service.provider), operation)
        except (ImportError, AttributeError) as error:
            raise MisconfiguredError(
                service.name, operation,
                f"the provider {service.provider} has it not ({error}); "
                f"run `codemods rewrite --service {service.name}`, "
                f"or set {service.variable('TRANSPORT')}=http",
            ) from error  # fmt: skip
        self._functions[operation] = function
        return function  # type: ignore[no-any-return]


def raise_own(service: Service, error: Exception) -> None:
    """Raise a model's error as its value class's, which is caught by either name."""
    name = "DoesNotExist" if isinstance(error, ObjectDoesNotExist) else "MultipleObjectsReturned"
    for kind in service.values.values():
        model = rows.model_of(kind)
        if model is not None and isinstance(error, getattr(model, name)):
            raise rows.raised_class(kind, name)(*error.args) from error
