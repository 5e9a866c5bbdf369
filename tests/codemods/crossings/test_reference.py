"""Every crossing that the reference monolith's README lists is found, where it says."""

import re
import sys
from pathlib import Path

import pytest

from codemods.crossings import discover, survey
from codemods.project import contexts as contexts_file
from codemods.project import load, sources

ROOT = Path(__file__).resolve().parents[3]
SHOP = ROOT / "monolith"
ROW = re.compile(
    r"^\| (?P<kind>[^|`]+) \| `(?P<file>[^`]+)` \| `(?P<symbol>[^`]+)` "
    r"\| (?P<source>[a-z]+) \| (?P<targets>[a-z, ]+) \| `(?P<expression>[^`]+)` \|$"
)
WITHIN = {"orders/management/commands/sales_report.py": "orders/reports.py"}  # what its call runs


def listed():
    section = (SHOP / "README.md").read_text().split("\n## Crossings\n", 1)[1].split("\n## ", 1)[0]
    return [match.groupdict() for match in map(ROW.match, section.splitlines()) if match]


@pytest.fixture(scope="module")
def typed():
    digests = {
        path: digest
        for path, digest in sources.digest_files(ROOT, sources.walk(ROOT, (".py",))).items()
        if path.startswith("monolith/")
    }
    graph = load.load_graph(
        ROOT,
        settings="monolith.config.settings",
        python=sys.executable,
        digests=digests,
        cache=None,
    )
    contexts = contexts_file.load(ROOT / "no-such-file.toml", graph)
    pages = sources.digest_files(ROOT, sources.walk(ROOT, discover.TEMPLATE_SUFFIXES))
    return survey.survey_typed(ROOT, graph, contexts, digests, pages, processes=1)


@pytest.fixture(scope="module")
def found(typed):
    return typed.survey


def lines_of(text, expression):
    """Return the line ranges where an expression stands, whatever its line breaks."""
    pattern = r"\s*".join(re.escape(part) for part in re.findall(r"\w+|[^\w\s]", expression))
    return [
        (text.count("\n", 0, match.start()) + 1, text.count("\n", 0, match.end()) + 1)
        for match in re.finditer(pattern, text)
    ]


@pytest.mark.parametrize(
    "row", listed(), ids=lambda row: f"{row['kind']}-{row['symbol']}-{row['expression'][:30]}"
)
def test_a_listed_crossing_is_found(found, row):
    places = lines_of((SHOP / row["file"]).read_text(), row["expression"])
    assert places
    here = [
        crossing
        for crossing in found.crossings
        if crossing.path == f"monolith/{row['file']}"
        and any(crossing.line <= end and crossing.end_line >= start for start, end in places)
    ]
    reached = {crossing.target for crossing in here}
    if row["file"] in WITHIN:
        here = [c for c in found.crossings if c.path == f"monolith/{WITHIN[row['file']]}"]
        reached = {crossing.target for crossing in here}
    wanted = set(row["targets"].split(", ")) - {"any", row["source"]}
    assert wanted <= reached


def test_nothing_is_left_unread(found):
    assert found.problems == []


def test_a_serializer_reads_what_it_takes_over_from_another(typed):
    read = {each.attribute for each in typed.reads if each.path == "monolith/orders/serializers.py"}
    assert {"sku", "slug", "currency"} <= read


def test_a_serializer_reads_what_those_it_nests_do(typed):
    read = {
        (each.label, each.attribute)
        for each in typed.reads
        if each.path == "monolith/users/serializers.py"
    }
    assert ("products.Product", "slug") in read
