"""A policy arrives at the workers as it left."""

import pytest
from pydantic import ValidationError

from strangler.engines.mitm.wire import policy_from_json, policy_to_json
from tests.engines.conformance.policies import POLICIES, UPSTREAMS, conformance_policy


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_comes_back_the_same_and_matches_the_same(name):
    policy = conformance_policy(name, "[::1]:8080", dict.fromkeys(UPSTREAMS, "127.0.0.1:80"))
    line = policy_to_json(policy)

    back = policy_from_json(line)

    assert b"\n" not in line
    assert back == policy
    for path in ("/", "/api/products/", "/api/products/9/", "/static/a/b"):
        assert back.matcher.find(path, "GET") == policy.matcher.find(path, "GET")


@pytest.mark.parametrize("line", [b"", b"{}", b'{"path": 1}', b"\xff"])
def test_anything_else_is_refused(line):
    with pytest.raises(ValidationError):
        policy_from_json(line)
