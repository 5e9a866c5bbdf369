"""All services that a project calls, each a fake for the time of a test.

clients ("shop.clients"), contracts ("contracts/") ─> Services: one Fake for each client
    used() ─> their calls are answered by the fakes, users sign in ─> reset
"""

from __future__ import annotations

import pkgutil
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from django.conf import settings

from strangler.client.service import Service
from strangler.client.testing import contract
from strangler.client.testing.copies import followed
from strangler.client.testing.failures import UnansweredError
from strangler.client.testing.fake import Fake
from strangler.client.testing.rows import Tables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from strangler.client.testing.rows import Row
    from strangler.client.testing.signing_in import Accounts

SUFFIX = "_client"
_used: list[Services] = []


class Services:
    """The fakes by the name of their service: `services.users`, `services["order-history"]`.

    `names` are those to be faked; by default those whose provider is not in this project.

    Raises:
        ValueError: there is no such client, or no contract of it; says where it was looked for.
    """

    def __init__(self, clients: str, contracts: Path, names: tuple[str, ...] = ()) -> None:
        self.clients = clients
        self._fakes = {
            name: Fake(service, contract.load(contracts / f"{name}.json"))
            for name, service in _services(clients, names).items()
        }
        self._unread = Tables({})
        self._word = {name.replace("-", "_"): name for name in self._fakes}

    def __getattr__(self, name: str) -> Fake:
        if name.startswith("_") or name not in self._word:
            known = ", ".join(sorted(self._word)) or "none"
            raise AttributeError(f"{self.clients} has no client of {name!r}, but of {known}")
        return self._fakes[self._word[name]]

    def __getitem__(self, name: str) -> Fake:
        return self._fakes[name]

    def __iter__(self) -> Iterator[Fake]:
        return iter(self._fakes.values())

    def has(self, model: str) -> bool:
        """Tell whether a contract names a model."""
        return any(fake.has(model) for fake in self)

    def of(self, model: str) -> Fake:
        """Return the fake of the service that has a model.

        Raises:
            UnansweredError: no contract names that model.
        """
        for fake in self:
            if fake.has(model):
                return fake
        raise UnansweredError(
            model.partition(".")[0], f"a row of {model}",
            f"no contract among those of {', '.join(sorted(self._fakes))} names {model}: nothing "
            "here reads it, so a test needs no such row",
        )  # fmt: skip

    def unread(self, model: str, columns: dict[str, Any]) -> Row:
        """Return a row of a model that no contract names: nothing here reads more than its key."""
        found = self._unread.columns(model, columns)
        key = self._unread.pk_of(model)
        found.setdefault(key, self._unread.new_key(model, int))
        return self._unread.insert(model, found)

    @property
    def accounts(self) -> Accounts:
        """Who is signed in, where the accounts are kept elsewhere."""
        from strangler.client.testing.signing_in import Accounts  # noqa: PLC0415 - needs the apps

        if "_accounts" not in self.__dict__:
            self.__dict__["_accounts"] = Accounts()
        found: Accounts = self.__dict__["_accounts"]
        return found

    @contextmanager
    def used(self) -> Iterator[Services]:
        """Answer every call from the fakes while the block runs, then forget all rows."""
        with ExitStack() as ending:
            for fake in self:
                fake.service.stand_in(fake)
                ending.callback(fake.service.stand_in, None)
                ending.callback(fake.reset)
            ending.callback(self._unread.clear)
            ending.enter_context(followed(self))
            if getattr(settings, "STRANGLER_ACCOUNTS", None):
                ending.enter_context(self.accounts.used())
            _used.append(self)
            ending.callback(_used.remove, self)
            yield self


def current() -> Services:
    """Return the fakes that are used now.

    Raises:
        UnansweredError: no test uses any; says how one does.
    """
    if not _used:
        raise UnansweredError(
            "services", "a row of one",
            "no fakes are used: take the fixture strangler_services of pytest, or derive the test "
            "from strangler.client.testing.cases.ServicesMixin",
        )  # fmt: skip
    return _used[-1]


@lru_cache(maxsize=None)  # noqa: UP033 - cache() came with Python 3.9
def of_project(clients: str, contracts: Path, names: tuple[str, ...] = ()) -> Services:
    """Return the fakes of a project, made once in a process.

    Raises:
        ValueError: as Services.
    """
    return Services(clients, contracts, names)


def _services(clients: str, names: tuple[str, ...]) -> dict[str, Service]:
    """Return the services of these names; by default those whose provider is elsewhere."""
    try:
        package = import_module(clients)
    except ModuleNotFoundError as error:
        raise ValueError(
            f"strangler_clients names {clients!r}, which cannot be imported ({error}); name the "
            "package in which `codemods rewrite` writes clients, such as shop.clients"
        ) from error
    found: dict[str, Service] = {}
    known: list[str] = []
    for _, name, is_package in pkgutil.iter_modules(package.__path__):
        service: Any = None
        if is_package and name.endswith(SUFFIX):
            service = getattr(import_module(f"{clients}.{name}"), "SERVICE", None)
        if isinstance(service, Service):
            known.append(service.name)
            if service.name in names or not (names or _is_here(service.provider)):
                found[service.name] = service
    unknown = sorted(set(names) - set(found))
    if unknown:
        raise ValueError(
            f"strangler_fakes names {', '.join(unknown)}; {clients} has clients of "
            f"{', '.join(sorted(known)) or 'no service'}"
        )
    return found


def _is_here(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False
