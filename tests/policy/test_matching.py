"""The matcher's tree gives what trying every template in turn gives."""

from __future__ import annotations

import re

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from strangler.errors import PolicyError
from strangler.policy import parse_policy
from strangler.policy.paths import normalise_path
from tests.policy.strategies import UPSTREAMS, paths, templates

METHODS = ("GET", "POST", "DELETE")
methods = st.lists(st.sampled_from(METHODS), max_size=2, unique=True)


@given(st.lists(st.tuples(templates(), methods), min_size=1, max_size=8), st.data())
@settings(max_examples=300)
def test_the_tree_finds_the_most_specific_template_that_matches(listed, data):
    routes = "".join(
        f'[routes.r{i}]\npath = "{path}"\nmethods = {names}\ncandidate = "service"\n'
        for i, (path, names) in enumerate(listed)
    )
    try:
        policy = parse_policy(UPSTREAMS + routes)
    except PolicyError:
        assume(False)
    path, method = data.draw(paths.map(normalise_path)), data.draw(st.sampled_from(METHODS))
    matching = [
        route
        for route in sorted(policy.routes, key=lambda r: (r.template.specificity, not r.methods))
        if (not route.methods or method in route.methods)
        and re.fullmatch(route.template.regex, path)
    ]

    found = policy.matcher.find(path, method)

    assert found == (matching[0] if matching else None)
