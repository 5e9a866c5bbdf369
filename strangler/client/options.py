"""The environment variables of a client, in one table: names, defaults, what they do.

`Options` reads those that hold for a process's connections, all problems at once; the others are
read at every call. docs/client.md prints the table.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from strangler.client.failures import MisconfiguredError

if TYPE_CHECKING:
    from collections.abc import Mapping

CONNECT_TIMEOUT_S, READ_TIMEOUT_S, TIMEOUT_S = 1.0, 5.0, 10.0
IDEMPOTENCY = ("learned", "always", "never")
DAY_S = 86_400.0


@dataclass(frozen=True)
class Variable:
    """One variable: the part of its name after USERS_CLIENT_, and in front of its unit.

    `highest` is the greatest number it may be (0 the lowest); None: it is text.
    `is_by_operation` tells that a variable with the operation's name in it comes first.
    """

    name: str
    default: str
    meaning: str
    unit: str = ""
    highest: float | None = None
    is_by_operation: bool = False
    is_read_at_each_call: bool = False

    def full_name(self, service: str, operation: str = "") -> str:
        """Return the variable's whole name for a service, or for one of its operations."""
        parts = (service.replace("-", "_"), "client", self.name, operation, self.unit)
        return "_".join(part for part in parts if part).upper()


VARIABLES: dict[str, Variable] = {
    variable.name: variable
    for variable in (
        Variable("TRANSPORT", "in_process", "`in_process`, `http` or `shadow`",
                 is_by_operation=True, is_read_at_each_call=True),
        Variable("SHARE", "100", "share of the calls that take `http` or `shadow`, the rest stay "
                 "in process; a user keeps a side", "PCT", 100, is_by_operation=True,
                 is_read_at_each_call=True),
        Variable("STRICT", "0", "`1`: in process too, everything passes through JSON",
                 is_read_at_each_call=True),
        Variable("URL", "", "where the service is, such as `http://127.0.0.1:9101`",
                 is_read_at_each_call=True),
        Variable("TOKEN", "", "sent as a bearer token", is_read_at_each_call=True),
        Variable("TIMEOUT", f"{TIMEOUT_S:g}", "for a call as a whole, retries and all; an "
                 "inherited deadline that ends sooner holds", "S", DAY_S, is_by_operation=True),
        Variable("CONNECT_TIMEOUT", f"{CONNECT_TIMEOUT_S:g}", "for one connection", "S", DAY_S),
        Variable("READ_TIMEOUT", f"{READ_TIMEOUT_S:g}", "between two pieces of an answer", "S",
                 DAY_S),
        Variable("RETRIES", "2", "how often a call is tried again at most", highest=10),
        Variable("IDEMPOTENCY", "learned", "whether writes that may have arrived are sent again: "
                 "`learned` (once the service has said that it keeps keys), `always`, `never`"),
        Variable("BREAKER_FAILURES", "5", "failed tries within 10 s that open the circuit, where "
                 "they are half of all; 0 never", highest=10_000),
        Variable("BREAKER_OPEN", "5", "how long it stays open before one probe", "S", DAY_S),
        Variable("GROUP", "", "operations with the same word share a circuit of their own",
                 is_by_operation=True),
        Variable("CACHE", "0", "how long answers of reads are kept, over HTTP; 0 not", "S", 3600,
                 is_by_operation=True),
        Variable("CACHE_ENTRIES", "1000", "how many are kept at most", highest=1_000_000),
        Variable("POOL", "10", "connections kept open", highest=1000),
        Variable("TASKS_QUEUE", "", "queue that the service's tasks are sent to; the task's name "
                 "without the service may be in it, as an operation's", is_by_operation=True,
                 is_read_at_each_call=True),
        Variable("MAX_ANSWER", "33554432", "a larger answer is refused", "BYTES", 2**31),
    )
}  # fmt: skip

SHARED: dict[str, str] = {
    "SERVICE_TOKEN": "on the serving side: the token that callers must send",
    "SERVICE_TOKEN_ALSO": "accepted too, while the token is exchanged",
    "SERVICE_MAX_ROWS": "rows that are given, and items that are taken, at once; 10,000 by default",
    "SERVICE_MAX_IDS": "ids that are given in place of a join; 10,000 by default",
    "STRANGLER_IDENTITY_KEY": "signs the acting user's identity; the same for all services",
    "STRANGLER_IDENTITY_KEY_ALSO": "accepted too, while the key is exchanged",
    "STRANGLER_SHADOW_SINK": "who compares the pairs of `shadow`: the seam comparator's URL, or "
                             "the dotted name of a function",
    "STRANGLER_SHADOW_TOKEN": "sent to that URL as a bearer token",
    "REQUESTS_CA_BUNDLE": "certificates to trust; no proxy and no netrc of the environment is used",
}  # fmt: skip


@dataclass(frozen=True)
class Options:
    """What was read when a process first called a service over the network."""

    service: str
    environment: Mapping[str, str] = field(repr=False)  # the token is among them
    connect_timeout_s: float
    read_timeout_s: float
    retries: int
    idempotency: str
    breaker_failures: int
    breaker_open_s: float
    cache_entries: int
    pool: int
    max_answer_bytes: int

    @classmethod
    def read(cls, service: str, operation: str) -> Options:
        """Read the environment; `operation` is for messages.

        Raises:
            MisconfiguredError: naming every variable that cannot be used.
        """
        prefix = VARIABLES["URL"].full_name(service)[: -len("URL")]
        found = {name: text for name, text in os.environ.items() if name.startswith(prefix)}
        problems: list[str] = []

        def number(name: str) -> float:
            try:
                return _number(VARIABLES[name], service, found)
            except ValueError as error:
                problems.append(str(error))
                return 0.0

        kept = found.get(VARIABLES["IDEMPOTENCY"].full_name(service)) or IDEMPOTENCY[0]
        if kept not in IDEMPOTENCY:
            problems.append(
                f"{VARIABLES['IDEMPOTENCY'].full_name(service)} must be "
                f"{', '.join(IDEMPOTENCY[:-1])} or {IDEMPOTENCY[-1]}, got {kept!r}"
            )
        options = cls(
            service=service,
            environment=found,
            connect_timeout_s=number("CONNECT_TIMEOUT"),
            read_timeout_s=number("READ_TIMEOUT"),
            retries=int(number("RETRIES")),
            idempotency=kept,
            breaker_failures=int(number("BREAKER_FAILURES")),
            breaker_open_s=number("BREAKER_OPEN"),
            cache_entries=int(number("CACHE_ENTRIES")),
            pool=int(number("POOL")),
            max_answer_bytes=int(number("MAX_ANSWER")),
        )
        number("TIMEOUT")
        number("CACHE")
        if problems:
            raise MisconfiguredError(service, operation, "; ".join(problems))
        return options

    def number(self, name: str, operation: str) -> float:
        """Return a number that an operation may have for itself.

        Raises:
            MisconfiguredError: when it is none.
        """
        try:
            return _number(VARIABLES[name], self.service, self.environment, operation)
        except ValueError as error:
            raise MisconfiguredError(self.service, operation, str(error)) from None

    def text(self, name: str, operation: str) -> str:
        """Return a text that an operation may have for itself."""
        variable = VARIABLES[name]
        return (
            self.environment.get(variable.full_name(self.service, operation))
            or self.environment.get(variable.full_name(self.service))
            or variable.default
        )


def _number(
    variable: Variable, service: str, environment: Mapping[str, str], operation: str = ""
) -> float:
    name = variable.full_name(service, operation)
    if operation and not environment.get(name):
        name = variable.full_name(service)
    return number(name, environment.get(name) or variable.default, variable.highest or DAY_S)


def number(name: str, text: str, highest: float) -> float:
    """Return the number that a variable holds.

    Raises:
        ValueError: when it is none, or not from 0 to `highest`.
    """
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0 <= found <= highest:
        raise ValueError(f"{name} must be a number from 0 to {highest:g}, got {text!r}")
    return found
