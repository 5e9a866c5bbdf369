"""What the code reads is in the table of variables, and what is in the table is read."""

import ast
import os
import re

import pytest

from strangler.client import options
from strangler.client.failures import MisconfiguredError
from strangler.client.options import SHARED, VARIABLES, Options
from tests.client.sites import ROOT

CLIENT = ROOT / "strangler" / "client"
READERS = {"setting", "number", "text", "variable", "_number"}
TABLE = (ROOT / "docs" / "client.md").read_text()


def read_names() -> set[str]:
    """Return what is read of a client's variables, by the name in the table."""
    found = set()
    for path in CLIENT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            name = ""
            if isinstance(node, ast.Subscript) and getattr(node.value, "id", "") == "VARIABLES":
                name = getattr(node.slice, "value", "")
            if isinstance(node, ast.Call) and node.args:
                called = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if called in READERS and isinstance(node.args[0], ast.Constant):
                    name = node.args[0].value
            if isinstance(name, str) and re.fullmatch("[A-Z_]+", name):
                found.add(name)
    return found


def test_what_is_read_is_in_the_table_and_what_is_in_the_table_is_read():
    units = {variable.full_name("x")[len("X_CLIENT_") :] for variable in VARIABLES.values()}
    assert read_names() - units - set(VARIABLES) == set()
    assert set(VARIABLES) <= read_names()


def test_the_documentation_has_every_variable():
    for variable in VARIABLES.values():
        assert f"| `{variable.full_name('users')}` |" in TABLE
        if variable.is_by_operation:
            assert f"| `{variable.full_name('users', 'get_user')}` |" in TABLE
    for name in SHARED:
        assert f"| `{name}` |" in TABLE


def test_names_are_as_documented():
    assert VARIABLES["TIMEOUT"].full_name("users", "get_user") == "USERS_CLIENT_TIMEOUT_GET_USER_S"
    assert VARIABLES["SHARE"].full_name("big-users") == "BIG_USERS_CLIENT_SHARE_PCT"
    assert VARIABLES["CACHE"].full_name("users", "get_user") == "USERS_CLIENT_CACHE_GET_USER_S"


def test_defaults_can_be_used():
    for name in [name for name in os.environ if name.startswith("NOBODY_CLIENT_")]:
        raise AssertionError(name)
    read = Options.read("nobody", "get")
    assert (read.connect_timeout_s, read.read_timeout_s, read.retries) == (1.0, 5.0, 2)
    assert read.number("TIMEOUT", "get") == 10.0
    assert read.number("CACHE", "get") == 0.0
    assert read.text("GROUP", "get") == ""


def test_the_token_is_not_shown(monkeypatch):
    monkeypatch.setenv("NOBODY_CLIENT_TOKEN", "s3cret")
    assert "s3cret" not in repr(Options.read("nobody", "get"))


def test_an_operation_has_its_own_before_the_services(monkeypatch):
    monkeypatch.setenv("NOBODY_CLIENT_TIMEOUT_S", "3")
    monkeypatch.setenv("NOBODY_CLIENT_TIMEOUT_GET_S", "4")
    monkeypatch.setenv("NOBODY_CLIENT_GROUP", "all")
    read = Options.read("nobody", "get")
    assert (read.number("TIMEOUT", "get"), read.number("TIMEOUT", "list")) == (4.0, 3.0)
    assert read.text("GROUP", "get") == "all"


@pytest.mark.parametrize("text", ["-1", "nan", "inf", "1e9", "x"])
def test_a_number_out_of_range_is_named(monkeypatch, text):
    monkeypatch.setenv("NOBODY_CLIENT_READ_TIMEOUT_S", text)
    with pytest.raises(MisconfiguredError, match=f"READ_TIMEOUT_S must be a number .*{text!r}"):
        Options.read("nobody", "get")
    assert options.DAY_S == 86_400
