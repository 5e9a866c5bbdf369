"""Relations on a real site: see `divertsite/suites/relations.py`, `references.py`, `library.py`."""

import pytest

from .divertsite_runs import TRANSPORTS, names, passed


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("name", names("relations"))
def test_a_relation_reads_through_the_client(transport, name):
    passed(transport, name)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("name", names("library"))
def test_forms_admin_and_rest_framework_walk_it(transport, name):
    passed(transport, name)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("name", names("references"))
def test_a_severed_relation_does_what_a_foreign_key_did(transport, name):
    passed(transport, name)
