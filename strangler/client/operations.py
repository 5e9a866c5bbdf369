"""The operations of a provider, called with what came over the wire.

Asked ─> known? read by GET? ─> arguments by annotation ─> (a write with a key: once) ─> function
                                                          └─ result or error ─> Answer

Nothing here knows of a server; `serving` does.
"""

from __future__ import annotations

import inspect
import logging
import os
import time
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from urllib.parse import parse_qsl

from django.db import connections, transaction

from strangler.client import faults, metrics, wire
from strangler.client.decoders import decoder
from strangler.client.failures import DEPENDENCY_FAILED, UnavailableError
from strangler.client.idempotency import once
from strangler.client.propagation import deadline, identity

GET, POST = "GET", "POST"
JSON = "application/json"
MAX_ITEMS = 10_000
LIMIT_VARIABLE = "SERVICE_MAX_ROWS"
logger = logging.getLogger("strangler.serving")


@dataclass(frozen=True)
class Answer:
    """An HTTP status and a body of JSON; `allow` names the methods where another was used."""

    status: int
    body: str
    allow: str = ""


@dataclass(frozen=True)
class Asked:
    """A call as it came over the wire; `attempt` is 1 where it was not sent before."""

    method: str
    operation: str
    query: str = ""
    body: bytes = b""
    content_type: str = ""
    key: str = ""
    attempt: str = "1"


def refusal(status: int, code: str, message: str, *, allow: str = "") -> Answer:
    """Return an answer in the one shape of errors."""
    return Answer(status, wire.dumps({"error": {"code": code, "message": message}}), allow)


class TooManyRowsError(Exception):
    """An operation finds more rows than are given at once."""


class Operations:
    """What the module `provider` offers: the functions that its READS and WRITES name.

    `writes` are the names of the latter.

    Nothing is cut short: a list of more than SERVICE_MAX_ROWS (10,000 by default) is refused,
    going in or coming out.

    Raises:
        ImportError, AttributeError, TypeError: when the provider is not what `codemods rewrite`
            generates; at the start, so that a server never runs half.
        ValueError: SERVICE_MAX_ROWS is no whole number above 0.
    """

    def __init__(self, provider: str) -> None:
        self.provider = provider
        self._max_items = _max_items()
        module = import_module(provider)
        self.writes = frozenset(module.WRITES)
        self._raises = getattr(module, "RAISES", {})
        self._functions = {name: getattr(module, name) for name in (*module.READS, *module.WRITES)}
        self._parameters = {
            name: inspect.signature(function).parameters
            for name, function in self._functions.items()
        }
        for name in self._functions:
            for annotation in wire.signature(provider, name).values():
                decoder(annotation)

    def answer(self, asked: Asked) -> Answer:
        """Call an operation. Whatever goes wrong becomes an answer; no traceback leaves.

        Where a service that this one needs does not answer, the status is 424: this one is there,
        and asking it again at once would multiply the tries along a chain.
        """
        began_at = time.perf_counter()
        answer = self._answer(asked)
        name = asked.operation if asked.operation in self._functions else "(unknown)"
        metrics.SERVED.add(self.provider, name, str(answer.status))
        metrics.SERVED_SECONDS.observe(time.perf_counter() - began_at, self.provider, name)
        return answer

    def _answer(self, asked: Asked) -> Answer:
        operation = asked.operation
        if operation not in self._functions:
            return refusal(
                404, "unknown_operation", f"no operation {operation!r} is offered here"
            )  # fmt: skip
        allowed = (POST,) if operation in self.writes else (GET, POST)
        if asked.method not in allowed:
            allow = ", ".join(allowed)
            return refusal(
                405, "method_not_allowed", f"{operation} is called by {allow}", allow=allow
            )
        left_s = deadline.left_s()
        if left_s is not None and left_s <= 0:
            return refusal(504, "deadline_exceeded", "the caller does not wait any more")
        try:
            given = (
                _from_query(asked.query)
                if asked.method == GET
                else _from_json(asked.body, asked.content_type)
            )
            arguments = self._arguments(operation, given)
        except ValueError as error:
            return refusal(400, "invalid_argument", f"{operation}: {error}")
        return self._call(asked, arguments)

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
            if isinstance(given[name], list) and len(given[name]) > self._max_items:
                problems.append(
                    f"argument {name!r} has {len(given[name])} items, at most {self._max_items} "
                    "are taken at once; ask in batches"
                )
                continue
            try:
                arguments[name] = wire.decode(annotations.get(name, Any), given[name])
            except ValueError as error:
                problems.append(f"argument {name!r} {error}")
        if problems:
            allowed = ", ".join(parameters) or "no argument"
            raise ValueError(f"{'; '.join(problems)}; it takes {allowed}")
        return arguments

    def _call(self, asked: Asked, arguments: dict[str, Any]) -> Answer:
        operation = asked.operation
        try:
            return Answer(200, self._done(asked, arguments))
        except once.RefusedKeyError as error:
            return refusal(error.status, error.code, str(error))
        except TooManyRowsError as error:
            return refusal(422, "too_many_rows", str(error))
        except UnavailableError as error:
            logger.warning("%s.%s cannot be done: %s", self.provider, operation, error)
            asked_for = f"{error.service}.{error.operation}"
            return refusal(
                424, DEPENDENCY_FAILED, f"{operation} needs {asked_for}, which does not answer"
            )
        except Exception as error:  # whatever the provider raises, the server goes on
            told = faults.told(error, self._raises)
            if told is not None:
                return Answer(told[0], wire.dumps(told[1]))
            logger.exception("%s.%s failed", self.provider, operation)
            return refusal(500, "internal_error", f"{operation} failed; the service's log says why")

    def _done(self, asked: Asked, arguments: dict[str, Any]) -> str:
        """Return the result as JSON, of a write with a key from when it was done first."""
        operation = asked.operation
        if not asked.key or operation not in self.writes:
            return self._run(operation, arguments)
        if once.is_kept():
            write = once.Write(asked.key, operation, asked.body, identity.current())
            return once.do_once(write, lambda: self._run(operation, arguments))
        if asked.attempt == "1":
            return self._run(operation, arguments)
        raise once.NotRepeatedError(
            "the write was sent before, and no idempotency keys are kept here that would tell "
            "whether it was done"
        )

    def _run(self, operation: str, arguments: dict[str, Any]) -> str:
        with ExitStack() as transactions:
            for connection in connections.all():
                if connection.settings_dict.get("ATOMIC_REQUESTS"):
                    transactions.enter_context(transaction.atomic(using=connection.alias))
            result = self._functions[operation](**arguments)
        if isinstance(result, list) and len(result) > self._max_items:
            raise TooManyRowsError(self._too_many(operation, len(result)))
        return wire.dumps(result)

    def _too_many(self, operation: str, count: int) -> str:
        is_paged = "limit" in self._parameters[operation]
        how = "pass offset and limit" if is_paged else "narrow the conditions"
        return (
            f"{operation} finds {count} rows, at most {self._max_items} are given at once and none "
            f"is left out; {how}, or set {LIMIT_VARIABLE} higher where the owner runs"
        )


def _max_items() -> int:
    given = os.environ.get(LIMIT_VARIABLE) or str(MAX_ITEMS)
    if not given.isdecimal() or int(given) == 0:
        raise ValueError(f"{LIMIT_VARIABLE} must be a whole number above 0, got {given!r}")
    return int(given)


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
