"""Callers tested with a fake, on a real site: see `divertsite/suites/faked.py`."""

import pytest

from tests.client.divertsite_runs import names, passed


@pytest.mark.parametrize("name", names("faked"))
def test_a_fake_stands_for_the_service(name):
    passed("in_process", name)
