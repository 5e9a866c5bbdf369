"""Fakes of services for tests that Django's own runner finds.

class LetterTests(ServicesMixin, TestCase):
    strangler_clients = "shop.clients"

    def test_the_letter_names_the_customer(self):
        ada = self.services.users.add("users.User", email="ada@shop.test", is_active=True)
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from strangler.client.testing.services import Services, of_project

if TYPE_CHECKING:
    from collections.abc import Sequence
    from unittest import TestCase

    Case = TestCase
else:
    Case = object


class ServicesMixin(Case):
    """Gives each test `self.services`; in front of TestCase among the bases.

    `strangler_clients` names the package of the generated clients; `strangler_contracts` is the
    folder of their contracts, below the working directory. `strangler_fakes` are the services to
    stand in for, by default those whose provider is not here.
    """

    strangler_clients = ""
    strangler_contracts = "contracts"
    strangler_fakes: ClassVar[Sequence[str]] = ()
    services: Services

    def setUp(self) -> None:
        """Use the fakes until the test is over."""
        if not self.strangler_clients:
            raise ValueError(
                f"{type(self).__name__}.strangler_clients is not set: name the package of the "
                'generated clients, such as "shop.clients"'
            )
        found = of_project(
            self.strangler_clients,
            Path(self.strangler_contracts).resolve(),
            tuple(self.strangler_fakes),
        )
        using: Any = found.used()
        self.services = using.__enter__()
        self.addCleanup(using.__exit__, None, None, None)
        super().setUp()
