"""The table of crossings in the README is true: each expression stands where it says."""

import ast
import re
from pathlib import Path
from typing import NamedTuple

import pytest
from django.apps import apps

SHOP = Path(__file__).resolve().parents[2]
ROW = re.compile(
    r"^\| (?P<kind>[^|`]+) \| `(?P<file>[^`]+)` \| `(?P<symbol>[^`]+)` "
    r"\| (?P<source>[a-z]+) \| (?P<targets>[a-z, ]+) \| `(?P<expression>[^`]+)` \|$"
)
REQUIRED_KINDS = {
    "foreign key",
    "one-to-one",
    "many-to-many",
    "generic foreign key",
    "select_related",
    "prefetch_related",
    "nested Prefetch",
    "filter through relations",
    "reverse accessor",
    "aggregate",
    "annotation",
    "Subquery",
    "F expression",
    "get_model string",
    "signal",
    "admin inline",
    "admin list_display",
    "admin search_fields",
    "ModelForm",
    "serializer of another model",
    "filterset",
    "page",
    "template",
    "Celery task",
    "management command",
    "raw SQL",
    "one transaction",
    "values",
    "values_list",
    "in_bulk",
    "exists",
    "count",
    "first",
    "get_object_or_404",
    "get_or_create",
    "update",
    "bulk_update",
    "delete",
    "comparison by instance",
    "loop with lazy reads",
    "property",
    "f-string",
}


class Crossing(NamedTuple):
    kind: str
    file: str
    symbol: str
    source: str
    targets: str
    expression: str


def section_rows() -> list[str]:
    readme = (SHOP / "README.md").read_text()
    section = readme.split("\n## Crossings\n", 1)[1].split("\n## ", 1)[0]
    return [line for line in section.splitlines() if line.startswith("| ")][1:]


ROWS = section_rows()
CROSSINGS = [Crossing(**match.groupdict()) for match in map(ROW.match, ROWS) if match]


def names_of(node: ast.AST) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.AnnAssign):
        return {ast.unparse(node.target)}
    if isinstance(node, ast.Assign):
        return {ast.unparse(target) for target in node.targets}
    return set()


def text_of(source: str, symbol: str) -> str:
    """Return the lines of a dotted symbol, its decorators included."""
    node: ast.AST = ast.parse(source)
    for name in symbol.split("."):
        found = [child for child in ast.iter_child_nodes(node) if name in names_of(child)]
        assert found, f"there is no {name} of {symbol}"
        node = found[0]
    starts = [node, *getattr(node, "decorator_list", [])]
    first = min(part.lineno for part in starts)
    return "\n".join(source.splitlines()[first - 1 : node.end_lineno])


def test_every_row_of_the_table_can_be_read():
    assert len(CROSSINGS) == len(ROWS) > 100


def test_every_common_kind_is_there():
    assert REQUIRED_KINDS - {crossing.kind for crossing in CROSSINGS} == set()


@pytest.mark.parametrize("crossing", CROSSINGS, ids=lambda c: f"{c.kind}: {c.file}:{c.symbol}")
def test_the_expression_stands_where_the_table_says(crossing):
    source = (SHOP / crossing.file).read_text()
    text = source if crossing.symbol == "-" else text_of(source, crossing.symbol)
    assert crossing.expression in text
    assert crossing.file.split("/")[0] == crossing.source


@pytest.mark.parametrize("crossing", CROSSINGS, ids=lambda c: f"{c.kind}: {c.file}:{c.symbol}")
def test_every_crossing_leads_to_another_app(crossing):
    targets = set(crossing.targets.split(", "))
    labels = {config.label for config in apps.get_app_configs()} | {"any"}
    assert targets <= labels
    assert crossing.source not in targets
