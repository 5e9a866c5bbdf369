"""Values on a real site, whatever carries them there: see `divertsite/suites/values.py`."""

import pytest

from .divertsite_runs import TRANSPORTS, names, passed, run


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("name", names("values"))
def test_a_value_stands_for_its_row(transport, name):
    passed(transport, name)


def test_the_calls_really_went_over_a_socket():
    assert run("http").served > 100
    assert run("in_process").served == 0
