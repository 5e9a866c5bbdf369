"""A rewritten file is formatted as its project does, unless that would touch other lines."""

import pytest

from codemods.rewrite.formatting import Formatting

LONG = "found = find_the_orders_of_a_customer(first_argument=1, second_argument=2)\n"
TIDY = 'kept = ["a", "b"]\n'
UNTIDY = "kept = [ 'a',  'b' ]\n"


@pytest.mark.parametrize(
    "pyproject", ["[tool.ruff]\nline-length = 60\n", "[tool.black]\nline-length = 60\n"]
)
def test_a_long_line_is_broken_as_the_project_breaks_lines(tmp_path, pyproject):
    (tmp_path / "pyproject.toml").write_text(pyproject)

    after = Formatting(tmp_path).as_before("shop/orders.py", TIDY, TIDY + LONG)

    assert after.startswith(TIDY)
    assert max(len(line) for line in after.splitlines()) <= 60
    assert compile(after, "orders.py", "exec")


def test_a_file_that_was_formatted_otherwise_keeps_its_ways(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.ruff]\nline-length = 60\n")

    assert Formatting(tmp_path).as_before("a.py", UNTIDY, UNTIDY + LONG) == UNTIDY + LONG


def test_single_quotes_stay_where_the_project_keeps_them(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.black]\nskip-string-normalization = true\n")
    before = "kept = ['a']\n"

    after = Formatting(tmp_path).as_before("a.py", before, before + LONG.replace("1", "1" * 30))

    assert after.startswith(before)
    assert len(after.splitlines()) > 2


@pytest.mark.parametrize("pyproject", ["not toml [", "tool = 1\n", ""])
def test_a_project_that_says_nothing_usable_is_taken_for_blacks_own_ways(tmp_path, pyproject):
    (tmp_path / "pyproject.toml").write_text(pyproject)
    long = LONG.replace("1", "1" * 30)

    assert Formatting(tmp_path).as_before("a.py", TIDY, TIDY + long).count("\n") > 2
    assert Formatting(tmp_path).as_before("a.py", UNTIDY, UNTIDY + long) == UNTIDY + long


def test_pages_and_untouched_files_are_left_alone(tmp_path):
    assert Formatting(tmp_path).as_before("a.html", "x", "y") == "y"
    assert Formatting(tmp_path).as_before("a.py", UNTIDY, UNTIDY) == UNTIDY
