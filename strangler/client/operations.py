"""The operations of a provider, called with what came over the wire.

name, query or JSON ─> known? read by GET? ─> arguments by annotation ─> function ─> Answer
                                                                        └─ error ─> Answer

Nothing here knows of a server; `serving` does.
"""

from __future__ import annotations

import inspect
import logging
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from urllib.parse import parse_qsl

from django.db import connections, transaction

from strangler.client import faults, wire
from strangler.client.decoders import decoder

GET, POST = "GET", "POST"
JSON = "application/json"
logger = logging.getLogger("strangler.serving")


@dataclass(frozen=True)
class Answer:
    """An HTTP status and a body of JSON; `allow` names the methods where another was used."""

    status: int
    body: str
    allow: str = ""


def refusal(status: int, code: str, message: str, *, allow: str = "") -> Answer:
    """Return an answer in the one shape of errors."""
    return Answer(status, wire.dumps({"error": {"code": code, "message": message}}), allow)


class Operations:
    """What the module `provider` offers: the functions that its READS and WRITES name.

    Raises:
        ImportError, AttributeError, TypeError: when the provider is not what `codemods rewrite`
            generates; at the start, so that a server never runs half.
    """

    def __init__(self, provider: str) -> None:
        self.provider = provider
        module = import_module(provider)
        self._writes = frozenset(module.WRITES)
        self._functions = {name: getattr(module, name) for name in (*module.READS, *module.WRITES)}
        self._parameters = {
            name: inspect.signature(function).parameters
            for name, function in self._functions.items()
        }
        for name in self._functions:
            for annotation in wire.signature(provider, name).values():
                decoder(annotation)

    def answer(
        self, method: str, operation: str, query: str, body: bytes, content_type: str
    ) -> Answer:
        """Call an operation. Whatever goes wrong becomes an answer; no traceback leaves."""
        if operation not in self._functions:
            return refusal(
                404, "unknown_operation", f"no operation {operation!r} is offered here"
            )  # fmt: skip
        allowed = (POST,) if operation in self._writes else (GET, POST)
        if method not in allowed:
            allow = ", ".join(allowed)
            return refusal(
                405, "method_not_allowed", f"{operation} is called by {allow}", allow=allow
            )
        try:
            given = _from_query(query) if method == GET else _from_json(body, content_type)
            arguments = self._arguments(operation, given)
        except ValueError as error:
            return refusal(400, "invalid_argument", f"{operation}: {error}")
        return self._call(operation, arguments)

    def _arguments(self, operation: str, given: dict[str, Any]) -> dict[str, Any]:
        parameters = self._parameters[operation]
        annotations = wire.signature(self.provider, operation)
        problems = [f"unknown argument {name!r}" for name in given if name not in parameters]
        arguments = {}
        for name, parameter in parameters.items():
            if name not in given:
                if parameter.default is parameter.empty:
                    problems.append(f"argument {name!r} is missing")
                continue
            try:
                arguments[name] = wire.decode(annotations.get(name, Any), given[name])
            except ValueError as error:
                problems.append(f"argument {name!r} {error}")
        if problems:
            allowed = ", ".join(parameters) or "no argument"
            raise ValueError(f"{'; '.join(problems)}; it takes {allowed}")
        return arguments

    def _call(self, operation: str, arguments: dict[str, Any]) -> Answer:
        try:
            with ExitStack() as transactions:
                for connection in connections.all():
                    if connection.settings_dict.get("ATOMIC_REQUESTS"):
                        transactions.enter_context(transaction.atomic(using=connection.alias))
                result = self._functions[operation](**arguments)
            return Answer(200, wire.dumps(result))
        except Exception as error:  # whatever the provider raises, the server goes on
            told = faults.told(error)
            if told is not None:
                return Answer(told[0], wire.dumps(told[1]))
            logger.exception("%s.%s failed", self.provider, operation)
            return refusal(500, "internal_error", f"{operation} failed; the service's log says why")


def _from_query(query: str) -> dict[str, Any]:
    pairs = parse_qsl(query, keep_blank_values=True)
    given = dict(pairs)
    if len(given) != len(pairs):
        raise ValueError("an argument is given twice; send lists as JSON by POST")
    return given


def _from_json(body: bytes, content_type: str) -> dict[str, Any]:
    if content_type.partition(";")[0].strip().lower() != JSON:
        raise ValueError(f"the content type must be {JSON}, got {content_type or 'none'!r}")
    try:
        given = wire.loads(body or b"{}")
    except ValueError:  # also of text that is no UTF-8
        raise ValueError("the body is not JSON") from None
    if not isinstance(given, dict):
        raise ValueError("the body must be a JSON object of arguments")  # noqa: TRY004
    return given
