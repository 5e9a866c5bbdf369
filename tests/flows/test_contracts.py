"""The rewritten shop's contracts: valid, kept by running providers, guarded against breaks.

Pacts come from the shop's own suite; pact's verifier and schemathesis ask a real process, of the
service as it was rewritten and of the one in a second stack.
"""

from __future__ import annotations

import json
import os
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from pact import Verifier
from schemathesis import GenerationMode
from schemathesis.checks import negative_data_rejection, positive_data_acceptance

from codemods.contract.conventions import departures
from tests.flows.rewritten import CONSUMER, PACTS, SERVICES, RewrittenShop, codemods
from tests.servers.pact_provider import DATABASE, TOKEN, migrated, provider_under_test
from tests.servers.second_stack import users_in_fastapi
from tests.servers.shop import running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from schemathesis import Case

pytestmark = [pytest.mark.timeout(900), pytest.mark.xdist_group("rewritten-shop")]
os.environ.setdefault("PACT_DO_NOT_TRACK", "true")
AUTHORIZED = {"Authorization": f"Bearer {TOKEN}"}
EXAMPLES = 6


STACKS = [*((service, "django") for service in SERVICES), ("users", "fastapi")]


@dataclass(frozen=True)
class Provider:
    """Where a provider's operations are, and where pact's states are made in its database."""

    url: str
    states: str


@pytest.fixture(scope="module", params=STACKS, ids="-in-".join)
def offered(request: pytest.FixtureRequest) -> tuple[str, str]:
    return request.param


@pytest.fixture(scope="module")
def service(offered: tuple[str, str]) -> str:
    return offered[0]


@pytest.fixture(scope="module")
def started(
    rewritten: RewrittenShop, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str, str], Provider]]:
    """Give a function that starts a provider, a process of its own on a database of its own.

    The one in a second stack answers from the tables of the first, whose process makes the states.
    """
    database = migrated(rewritten.root, tmp_path_factory.mktemp("database"))
    folders: dict[str, Path] = {}
    with ExitStack() as processes:

        @cache
        def start(service: str, stack: str) -> Provider:
            folder = tmp_path_factory.mktemp(f"provider-{service}-{stack}")
            if stack == "fastapi":
                states = start(service, "django").states
                site = users_in_fastapi(
                    folder, f"sqlite:///{folders[service] / DATABASE}", SERVICE_TOKEN=TOKEN
                )
                processes.enter_context(running(site.server()))
                return Provider(f"{site.url}/internal", states)
            folders[service] = folder
            made = provider_under_test(
                rewritten.root, f"monolith.{service}.provider", folder, database
            )
            url = processes.enter_context(made)
            return Provider(url, f"{url}/_pact/state")

        yield start


@pytest.fixture(scope="module")
def provider(started: Callable[[str, str], Provider], offered: tuple[str, str]) -> Provider:
    return started(*offered)


@pytest.fixture
def contract(rewritten: RewrittenShop, service: str) -> dict[str, Any]:
    return json.loads((rewritten.root / f"contracts/{service}.json").read_text())


@pytest.fixture
def pact(suite_in_process: Any, rewritten: RewrittenShop, service: str) -> Path:
    """The pact that the shop's own suite wrote."""
    assert suite_in_process.returncode == 0, suite_in_process.stdout[-3000:]
    return rewritten.root / PACTS / f"{CONSUMER}-{service}.json"


def verify(service: str, provider: Provider, source: Path) -> Verifier:
    verifier = Verifier(service, host="127.0.0.1").add_transport(url=provider.url)
    verifier.add_source(source).state_handler(provider.states, body=True)
    verifier.add_custom_header("Authorization", AUTHORIZED["Authorization"])
    return verifier.set_error_on_empty_pact().set_coloured_output(enabled=False)


def test_the_contract_is_valid_and_of_the_one_shape(contract):
    assert list(OpenAPIV31SpecValidator(contract).iter_errors()) == []
    assert departures(contract) == ()


def test_the_provider_keeps_what_the_suite_asked_of_it(service, provider, pact):
    verifier = verify(service, provider, pact)
    verifier.verify()
    results = verifier.results["interactionResults"]
    assert {each["result"] for each in results} == {"OK"}
    assert len(results) == len(json.loads(pact.read_text())["interactions"]) > 0


def test_a_provider_that_answers_otherwise_fails(service, provider, pact, tmp_path):
    broken = json.loads(pact.read_text())
    one = next(each for each in broken["interactions"]
               if each["description"].endswith(" gives a value"))  # fmt: skip
    body = one["response"]["body"]
    is_object = isinstance(body["content"], dict)
    body["content"] = {**(body["content"] if is_object else {}), "never_offered": 1}
    broken["interactions"] = [one]
    path = tmp_path / "broken.json"
    path.write_text(json.dumps(broken))
    verifier = verify(service, provider, path)
    with pytest.raises(RuntimeError):
        verifier.verify()
    assert "never_offered" in json.dumps(verifier.results["errors"])


def test_a_pact_holds_no_data_of_anybody(pact):
    text = pact.read_text()
    assert "@" not in text
    assert "shop.test" not in text


def left_out(contract: dict[str, Any], case: Case) -> list[Any]:
    """Return the checks that an operation is not held to."""
    verb = contract["paths"][case.path][case.method.lower()]["x-operation"]["verb"]
    # Numbers may come as text, as they do in a query, so wrong types are not always refused. And a
    # function may refuse more than its types tell, such as ids that are no numbers.
    return [negative_data_rejection, *([positive_data_acceptance] if verb == "call" else [])]


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_the_provider_answers_as_its_document_says(service, contract, provider, mode):
    """Whatever is asked: no answer of another form or status, and never an internal error."""
    schema = schemathesis.openapi.from_dict(contract)
    schema.config.update(base_url=provider.url)
    statuses = set()
    for each in schema.get_all_operations():
        operation = each.ok()

        @settings(
            max_examples=EXAMPLES, deadline=None, database=None, derandomize=True,
            phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(operation.as_strategy(generation_mode=mode))
        def ask(case: Case) -> None:
            response = case.call(headers=AUTHORIZED)
            statuses.add(response.status_code)
            case.validate_response(response, excluded_checks=left_out(contract, case))

        if mode is GenerationMode.POSITIVE or operation.query or operation.body:
            ask()
    # All that payments offers is about one row, and there is none.
    found = 404 if service == "payments" else 200
    assert (found if mode is GenerationMode.POSITIVE else 400) in statuses


def test_the_check_names_the_line_that_a_removed_operation_breaks(rewritten, tmp_path):
    former = rewritten.root / "contracts/users.json"
    document = json.loads(former.read_text())
    del document["paths"]["/v1/get_users_by_ids"]
    latter = tmp_path / "users.json"
    latter.write_text(json.dumps(document))
    done = codemods(
        rewritten.root, "contract", "check", "--against", str(former), "--current", str(latter)
    )
    assert done.returncode == 1, done.stderr
    lines = (rewritten.root / "monolith/orders/models.py").read_text().splitlines()
    number = next(n for n, line in enumerate(lines, 1) if "users_client.OneToOneField" in line)
    assert f"monolith/orders/models.py:{number} in Cart.user (orders)" in done.stdout
