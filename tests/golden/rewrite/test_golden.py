"""Each case's `before.py` becomes its `after.py`; a second run changes nothing.

A case is rewritten by the transform its folder is called after, those of `together` by all that
rewrite queries.

`refused.txt` has the refusals, one "line: reason" each. A case without `after.py` must not change.
"""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
CASES = sorted(path.parent for path in HERE.glob("*/*/before.py"))


QUERIES = (
    "get", "exists", "count", "first-last", "list", "values", "in-bulk", "create", "update-one",
    "does-not-exist", "save-row", "link-rows", "delete-row",
)  # fmt: skip


def transforms_of(case):
    name = case.parent.name.replace("_", "-")
    return QUERIES if name == "together" else (name,)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_case_is_rewritten_as_expected(case, workbench):
    before = (case / "before.py").read_text()
    expected = case / "after.py"
    result = workbench.rewrite(before, *transforms_of(case))

    assert result.text == (expected.read_text() if expected.exists() else before)
    compile(result.text, str(case / "after.py"), "exec")
    refused = case / "refused.txt"
    assert list(result.refusals) == (refused.read_text().splitlines() if refused.exists() else [])


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_second_run_changes_nothing(case, workbench):
    once = workbench.rewrite((case / "before.py").read_text(), *transforms_of(case)).text

    assert workbench.rewrite(once, *transforms_of(case)).text == once
