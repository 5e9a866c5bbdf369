"""Every report tells who saw a crossing: the source, the project's tests, or both."""

import json
import re
from dataclasses import replace

import pytest
from rich.console import Console

from codemods.crossings.crossing import Crossing
from codemods.crossings.report import github, page, sarif, text
from codemods.crossings.report.seen import BOTH, RUNTIME, STATIC, Seen
from codemods.crossings.survey import Survey

SHOWN = Crossing(
    "shop/a b.py", 3, 1, 3, 9, "relation", "shop", "people", "people.Person", "people_person",
    "read", "high", "f", "order.person",
)  # fmt: skip
RAN = replace(SHOWN, line=5, expression="order.person.nickname")
ONLY_RAN = replace(SHOWN, line=7, kind="evaluate", expression="SELECT on people_person")
SURVEY = Survey([SHOWN, RAN, ONLY_RAN], [], files=1, rounds=1)
SEEN = {
    SHOWN.key: Seen(STATIC),
    RAN.key: Seen(BOTH, 3),
    ONLY_RAN.key: Seen(RUNTIME, 1),
}


@pytest.mark.parametrize("seen", [None, SEEN])
def test_sarif_names_who_saw_each_result(seen):
    results = json.loads(sarif.render(SURVEY, seen=seen))["runs"][0]["results"]
    told = [(r["properties"]["seen"], r.get("occurrenceCount")) for r in results]
    assert told == ([("static", None), ("both", 3), ("runtime", 1)] if seen else [told[0]] * 3)


def test_sarif_places_are_uris_from_the_repositorys_root():
    result = json.loads(sarif.render(SURVEY, folder="back/"))["runs"][0]["results"][0]
    location = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location == {"uri": "back/shop/a%20b.py", "uriBaseId": "%SRCROOT%"}


def test_annotations_say_what_ran():
    lines = github.render(SURVEY.crossings, seen=SEEN).splitlines()
    assert lines[0].endswith(".")
    assert lines[1].endswith("(ran, 3x)")
    assert lines[2].endswith("(only seen to run, 1x)")


def test_the_page_holds_who_saw_each_crossing_and_asks_for_it_only_after_a_trace():
    def data(seen):
        found = re.search(r"const DATA = (.*);</script>", page.render(SURVEY, "shop", seen=seen))
        return json.loads(found[1])

    assert [row[-2:] for row in data(SEEN)["crossings"]] == [
        ["static", 0], ["both", 3], ["runtime", 1],
    ]  # fmt: skip
    assert (data(SEEN)["traced"], data(None)["traced"]) == (True, False)


def test_the_text_notes_what_ran_beside_its_place():
    console = Console(width=200, highlight=False, no_color=True)
    with console.capture() as captured:
        text.show(console, SURVEY, is_brief=False, seen=SEEN)
    lines = captured.get().splitlines()
    assert [line for line in lines if "(ran, 3x)" in line and ":5:" in line]
    assert [line for line in lines if "(only seen to run, 1x)" in line and ":7:" in line]
    assert not [line for line in lines if ":3:" in line and line.endswith("x)")]
