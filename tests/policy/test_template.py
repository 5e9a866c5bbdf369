"""What a path template may say, and what it says of itself."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strangler.policy.template import LITERAL, PARAMETER, parse_template
from tests.policy.strategies import paths, templates, text


def written(template):
    pieces = []
    for segment in template.segments:
        if segment.kind == LITERAL:
            pieces.append(segment.text)
        else:
            pieces.append(f"{{{segment.text}{'' if segment.kind == PARAMETER else '...'}}}")
    return "/" + "/".join(pieces)


@given(templates())
def test_a_template_written_out_again_is_the_same_text(source):
    assert written(parse_template(source)) == source


@given(templates(), paths)
def test_every_path_that_matches_starts_with_the_literal_prefix(source, path):
    template = parse_template(source)

    if re.fullmatch(template.regex, path):
        assert path.startswith(template.literal_prefix)


@given(st.lists(st.sampled_from(("a", "b", "c")), max_size=4))
def test_a_literal_template_matches_only_itself(pieces):
    source = "/" + "/".join(pieces)
    template = parse_template(source)

    assert template.is_literal
    assert re.fullmatch(template.regex, source)
    assert not re.fullmatch(template.regex, source + "x")


@given(text)
def test_any_text_is_parsed_or_refused_with_a_sentence(source):
    reason = ""
    try:
        parse_template(source)
    except ValueError as error:
        reason = str(error)

    assert not reason or len(reason) > 20


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("api/", "starts with a slash"),
        ("/a//b", "empty segment"),
        ("/a/../b", "dot segment"),
        ("/{id}/{id}", "stands twice"),
        ("/{rest...}/x", "must end the path"),
        ("/pre{id}", "neither plain text nor a parameter"),
        ("/{0}", "neither plain text nor a parameter"),
        ("/a b", "neither plain text nor a parameter"),
    ],
)
def test_a_template_that_cannot_be_is_refused_with_the_reason(source, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        parse_template(source)
