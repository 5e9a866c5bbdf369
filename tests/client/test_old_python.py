"""The client runtime is read by Python 3.8, which users' monoliths may still run on."""

import ast
import os

import pytest

from tests.client.divertsite_runs import names, run
from tests.client.sites import ROOT

CLIENT = ROOT / "strangler" / "client"
MODULES = sorted(path for path in CLIENT.rglob("*.py") if "migrations" not in path.parts)
FIELDS = {"annotation", "returns"}


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(CLIENT).as_posix())
def test_the_syntax_is_of_python_3_8(module):
    tree = ast.parse(module.read_text(), feature_version=(3, 8))
    first = next((node.module for node in tree.body if isinstance(node, ast.ImportFrom)), "")
    annotated = [
        node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AnnAssign))
    ]
    assert first == "__future__" or not annotated


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(CLIENT).as_posix())
def test_nothing_newer_is_used_while_it_runs(module):
    """Outside annotations, which are not evaluated: no `X | None`, no subscripted builtins."""
    for node in _evaluated(ast.parse(module.read_text())):
        where = f"{module.name}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            assert node.value.id not in {"list", "dict", "tuple", "set", "type"}, where
        if isinstance(node, ast.Attribute):
            assert node.attr not in {"removeprefix", "removesuffix", "UTC"}, where
        if isinstance(node, ast.keyword):
            assert node.arg not in {"slots", "kw_only", "strict"}, where
        if isinstance(node, ast.ImportFrom):
            assert not (node.module == "functools" and "cache" in {a.name for a in node.names})


def _evaluated(node: ast.AST):
    if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
        return
    yield node
    for name, part in ast.iter_fields(node):
        if name in FIELDS:
            continue
        for child in part if isinstance(part, list) else [part]:
            if isinstance(child, ast.AST):
                yield from _evaluated(child)


@pytest.mark.skipif(
    not os.environ.get("STRANGLER_OLD_PYTHON"),
    reason="STRANGLER_OLD_PYTHON names no interpreter with an old Django",
)
def test_the_suites_pass_under_an_old_python_and_django():
    done = run("in_process", os.environ["STRANGLER_OLD_PYTHON"])
    assert len(done.tests) >= len(names("values") + names("relations") + names("library"))
    assert not [test["problem"] for test in done.tests.values() if test["problem"]]
