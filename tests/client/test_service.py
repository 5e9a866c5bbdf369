"""A service chooses its transport by environment, counts its calls, and says what is missing."""

import os
import subprocess
import sys
import threading
from types import ModuleType

import pytest
from django.core.exceptions import ObjectDoesNotExist

from strangler.client.failures import MisconfiguredError, ServiceError
from strangler.client.raised import Raised
from strangler.client.service import Service
from tests.client.divertsite.clients import people_client
from tests.client.divertsite.odd import operations as odd
from tests.client.divertsite.odd import values
from tests.client.sites import ROOT


def test_in_process_is_the_default_and_counts():
    odd.SERVICE.reset_counts()
    assert odd.add(1) == 2
    assert odd.add(2) == 3
    assert odd.total([]) == 0
    assert odd.SERVICE.counts == {"add": 2, "total": 1}


def test_counting_loses_nothing_between_threads():
    odd.SERVICE.reset_counts()
    threads = [threading.Thread(target=lambda: [odd.add(1) for _ in range(200)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert odd.SERVICE.counts == {"add": 800}


def test_a_transport_that_does_not_exist_is_named(monkeypatch):
    monkeypatch.setenv("ODD_CLIENT_TRANSPORT", "carrier-pigeon")
    with pytest.raises(MisconfiguredError, match="ODD_CLIENT_TRANSPORT must be in_process, http"):
        odd.add(1)


def test_http_without_an_address_says_which_variable(monkeypatch):
    monkeypatch.setenv("ODD_CLIENT_TRANSPORT", "http")
    with pytest.raises(MisconfiguredError, match="ODD_CLIENT_URL must be where the service is"):
        odd.add(1)


def test_http_without_requests_says_what_to_install():
    code = (
        "import sys; sys.modules['requests'] = None\n"
        "from tests.client.divertsite.odd import operations\n"
        "print(operations.add(1))"
    )
    for transport, expected in (("in_process", "2"), ("http", "HTTP needs the package requests")):
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "ODD_CLIENT_TRANSPORT": transport},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert expected in done.stdout + done.stderr


def test_a_provider_that_is_missing_says_what_to_run():
    service = Service("gone", provider="no.such.module", values=values, operations=__name__)
    try:
        with pytest.raises(ServiceError, match=r"codemods rewrite --service gone.*GONE_CLIENT"):
            service.call("anything")
    finally:
        for kind in service.values.values():
            kind.strangler_binding.service = odd.SERVICE


def test_strict_mode_goes_through_json(monkeypatch):
    monkeypatch.setenv("ODD_CLIENT_STRICT", "1")
    assert odd.add(1) == 2
    for call in (odd.wrong, lambda: odd.SERVICE.call("add", left="x")):
        with pytest.raises(ValueError, match="must be a whole number"):
            call()
    with pytest.raises(TypeError, match="object cannot travel"):
        odd.unsendable()
    monkeypatch.setenv("ODD_CLIENT_STRICT", "0")
    assert odd.unsendable() is not None


def test_what_the_contract_lacks_is_named():
    with pytest.raises(MisconfiguredError, match=r"no values for people\.Group.*people\.User"):
        people_client.SERVICE.value_class("people.Group")
    with pytest.raises(MisconfiguredError, match=r"cannot give people\.User by 'email'"):
        people_client.SERVICE.key("people.User", "email")


def test_values_work_where_their_model_is_not_installed():
    germany = people_client.Country(code="de", name="Germany", _text="Germany")
    again = people_client.Country(code="de", name="Allemagne", _text="Allemagne")
    assert (germany, hash(germany), str(germany)) == (again, hash(again), "Germany")
    assert germany != people_client.Company(id="de", slug="de", _text="de")
    assert germany.resolve_expression(None) == "de"
    assert not hasattr(germany, "user_set")
    with pytest.raises(people_client.Country.DoesNotExist):
        raise people_client.Country.DoesNotExist
    assert not issubclass(people_client.Country.DoesNotExist, people_client.User.DoesNotExist)


class NoStockError(ObjectDoesNotExist):
    """An owner's own error, which looks like that of a missing row."""


class ClientsNoStockError(Raised, origin=f"{__name__}.NoStockError"):
    """What the client calls it."""


@pytest.mark.parametrize("strict", ["0", "1"])
def test_an_owners_own_error_keeps_its_class_though_it_is_a_missing_row_too(monkeypatch, strict):
    def take(product: int) -> int:
        raise NoStockError(product)

    provider, errors = ModuleType("own_errors_provider"), ModuleType("own_errors")
    vars(provider).update(take=take, RAISES={"ClientsNoStockError": NoStockError})
    vars(errors).update(ClientsNoStockError=ClientsNoStockError)
    monkeypatch.setitem(sys.modules, provider.__name__, provider)
    monkeypatch.setenv("STOCK_CLIENT_STRICT", strict)
    service = Service(
        "stock",
        provider=provider.__name__,
        values=ModuleType("no_values"),
        operations=provider.__name__,
        errors=errors,
    )
    with pytest.raises(ClientsNoStockError) as caught:
        service.call("take", product=7)
    assert isinstance(caught.value, NoStockError)
    assert caught.value.args == (7,)
