"""Every problem of a policy file is told at once, each with its line and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strangler.errors import PolicyError
from strangler.policy import Stage, load_policy, parse_policy
from strangler.policy.document import PolicyDocument

ROOT = Path(__file__).parents[2]

WHOLE = """\
version = 1
[proxy]
listen = "127.0.0.1:8080"
control = "127.0.0.1:8081"
default_upstream = "monolith"
trusted_networks = ["10.0.0.0/8"]
[upstreams.monolith]
instances = ["127.0.0.1:8000"]
[upstreams.service]
instances = ["127.0.0.1:8001"]
[upstreams.service-next]
instances = ["127.0.0.1:8002"]
[switches.versions]
current = "service"
next = "service-next"
share_pct = 5
[[switches.versions.overrides]]
header = "X-Beta"
value = "1"
to = "next"
[routes.list]
path = "/list/"
methods = ["GET"]
candidate = "versions"
control = "monolith"
stage = "canary"
share_pct = 10
shadow_pct = 10
fallback = true
sticky = ["user", "anonymous"]
[[routes.list.overrides]]
header = "X-Side"
value = "candidate"
to = "candidate"
[routes.detail]
path = "/list/{id}/"
candidate = "service"
"""


def problems_of(text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(PolicyError) as raised:
        parse_policy(text, Path("p.toml"))
    return [(p.line, p.message, p.hint) for p in raised.value.problems]


def changed(before: str, after: str) -> str:
    assert WHOLE.count(before) == 1, before
    return WHOLE.replace(before, after)


@pytest.mark.parametrize(
    ("before", "after", "line", "said", "hint"),
    [
        ("version = 1", "version = 2", 1, "version: should be 1, got 2", ""),
        ('listen = "127.0.0.1:8080"', 'listen = "8080"', 3,
         "proxy.listen: '8080' is not an address", ""),
        ('listen = "127.0.0.1:8080"', 'listen = "127.0.0.1:99999"', 3, "is not 1 to 65535", ""),
        ('listen = "127.0.0.1:8080"', "listen = 8080", 3, "should be a valid string, got 8080", ""),
        ('control = "127.0.0.1:8081"', 'control = "0.0.0.0:8081"', 4,
         "may only listen on loopback, not on 0.0.0.0", "use 127.0.0.1"),
        ('control = "127.0.0.1:8081"', 'control = "127.0.0.1:8080"', 4, "also proxy.listen", ""),
        ('default_upstream = "monolith"', 'default_upstream = "monolit"', 5,
         "unknown upstream monolit", "did you mean monolith?"),
        ('default_upstream = "monolith"', 'default_upstrem = "monolith"', 5,
         "unknown key default_upstrem", "did you mean default_upstream?"),
        ('["10.0.0.0/8"]', '["10.0.0.1/8"]', 6, "'10.0.0.1/8' is not a network",
         "write it as 10.0.0.0/8"),
        ('instances = ["127.0.0.1:8000"]', 'instances = ["a:1", "a:1"]', 8,
         "the instance a:1 stands twice", ""),
        ('instances = ["127.0.0.1:8000"]', 'instances = ["a:b"]', 8, "'a:b' is not an address", ""),
        ('instances = ["127.0.0.1:8000"]', 'instances = "127.0.0.1:8000"', 8,
         "should be a valid list", ""),
        ('current = "service"', 'current = "servise"', 14, "unknown upstream servise",
         "did you mean service?"),
        ('next = "service-next"', 'next = "service"', 15, "current and next are both service",
         "one for each version"),
        ("[switches.versions]", ('[switches.service]\ncurrent="service"\nnext="service-next"\n'
         "[switches.versions]"), 13, "service is an upstream too", ""),
        ('to = "next"', 'to = "control"', 20, "unknown destination 'control'",
         "known: current, next"),
        ('path = "/list/"', 'path = "list/"', 22, "a path starts with a slash", ""),
        ('path = "/list/{id}/"', 'path = "/list/"\nmethods = ["GET"]', 36,
         "already matched by route list", "different methods"),
        ('methods = ["GET"]', 'methods = ["get"]', 23, "unknown method 'get'", "did you mean GET?"),
        ('candidate = "versions"', 'candidate = "version"', 24, "unknown upstream version",
         "did you mean versions?"),
        ('candidate = "versions"\n', "", 21, "candidate is missing", ""),
        ('control = "monolith"\n', 'control = "service"\n', 24, "control and candidate are both",
         "from one upstream to another"),
        ('control = "monolith"\n', 'control = "nobody"\n', 25, "unknown upstream nobody", "known:"),
        ('stage = "canary"', 'stage = "cannary"', 26,
         "should be 'monolith', 'shadow', 'canary'", ""),
        ('stage = "canary"', 'stage = "extracted"', 28,
         "stage extracted has no control to compare with", ""),
        ('stage = "canary"', 'stage = "retired"', 29, "nothing left to fall back to",
         "leave fallback out"),
        ("share_pct = 10\n", "share_pct = 0\n", 27, "needs a share between 0 and 100, got 0",
         "use stage monolith for 0"),
        ("share_pct = 10\n", "share_pct = 100\n", 27, "got 100", "stage extracted for 100"),
        ("share_pct = 10\n", "share_pct = 101\n", 27, "should be less than or equal to 100", ""),
        ("share_pct = 10\n", "share_pct = 10.001\n", 27, "should be a multiple of 0.01", ""),
        ("fallback = true", 'fallback = "yes"', 29, "should be a valid boolean, got 'yes'", ""),
        ('["user", "anonymous"]', "[]", 30, "no sticky key", "leave it out"),
        ('["user", "anonymous"]', '["anonymous", "user"]', 30, "always gives a key",
         "put anonymous last"),
        ('["user", "anonymous"]', '["session"]', 30, "unknown sticky key 'session'",
         "cookie:NAME"),
        ('header = "X-Side"', 'header = "Host"', 32, "Host cannot steer a request", ""),
        ('header = "X-Side"', 'header = "X-Side"\ncookie = "side"', 31,
         "exactly one of header and cookie", ""),
        ('header = "X-Side"', "trusted = true", 31, "exactly one of header and cookie", ""),
        ('header = "X-Side"', 'cookie = "side"\ntrusted = true', 33, "comes from outside",
         "use a header"),
        ('to = "candidate"', 'to = "candidat"', 34, "unknown destination 'candidat'",
         "did you mean candidate?"),
        ("[routes.detail]", "[routes.Detail]", 35, "'Detail' is not a name",
         "use lower-case letters"),
        ("[routes.detail]", "[route.detail]", 35, "unknown key route", "did you mean routes?"),
        ("[upstreams.service-next]", ("[upstreams.service-next.health]\npth = '/h'\n"
         "[upstreams.service-next]"), 12, "unknown key pth", "did you mean path?"),
    ],
)  # fmt: skip
def test_a_problem_is_told_with_its_line_and_what_to_do(before, after, line, said, hint):
    found = problems_of(changed(before, after))

    assert any(at == line and said in m and hint in h for at, m, h in found), found


def test_a_file_without_problems_is_a_policy():
    policy = parse_policy(WHOLE)

    assert [route.name for route in policy.routes] == ["list", "detail"]
    assert policy.route("list").stage is Stage.CANARY
    assert policy.route("list").methods == ("GET", "HEAD")


def test_several_problems_of_one_kind_are_told_at_once_in_the_order_of_the_file():
    text = WHOLE
    for before, after in [
        ('default_upstream = "monolith"', 'default_upstream = "monolit"'),
        ('["10.0.0.0/8"]', '["nonsense"]'),
        ('current = "service"', 'current = "servise"'),
        ('path = "/list/"', 'path = "list"'),
        ('methods = ["GET"]', 'methods = ["FETCH"]'),
        ('["user", "anonymous"]', '["session"]'),
    ]:
        text = text.replace(before, after)

    lines = [line for line, _, _ in problems_of(text)]

    assert lines == sorted(lines)
    assert {5, 6, 14, 22, 23, 30} <= set(lines)


def test_several_wrong_types_and_unknown_keys_are_told_at_once():
    text = WHOLE.replace("version = 1", 'version = "one"').replace("share_pct = 5", "shar_pct = 5")
    text = text.replace('methods = ["GET"]', "methods = 3")

    assert [line for line, _, _ in problems_of(text)] == [1, 16, 23]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("version = 1\n[proxy\nlisten = 1", 2),
        ("version = 1\n\nversion = 1", 3),
        ("a = ", 1),
        ('[upstreams.a]\ninstances = ["x"', 2),
        ("x = 'unclosed", 1),
    ],
)
def test_broken_toml_is_told_with_its_line(text, line):
    ((at, said, _),) = problems_of(text)

    assert "this is not TOML" in said
    assert at in {line, line + 1, 0}


def test_an_empty_file_lacks_its_upstreams():
    assert problems_of("") == [(0, "upstreams is missing", "")]


def test_no_upstream_at_all_says_what_to_add():
    assert any("[upstreams.monolith]" in hint for _, _, hint in problems_of("[upstreams]\n"))


def test_a_missing_file_says_how_to_name_or_start_one(tmp_path):
    with pytest.raises(PolicyError, match=r"no such policy file(?s:.*)--policy FILE"):
        load_policy(tmp_path / "none.toml")


def test_a_file_that_is_not_text_is_refused(tmp_path):
    path = tmp_path / "p.toml"
    path.write_bytes(b"\xff\xfe")

    with pytest.raises(PolicyError, match="cannot be read"):
        load_policy(path)


def test_the_reference_policy_loads():
    policy = load_policy(ROOT / "strangler.toml")

    assert policy.default_upstream == "monolith"
    assert {route.name for route in policy.routes} >= {"product-list", "product-detail"}


@given(st.text(max_size=60))
def test_no_text_brings_it_down(text):
    try:
        parse_policy(text)
    except PolicyError as error:
        assert error.problems  # noqa: PT017 - both outcomes are right


def test_every_key_of_the_file_is_described_for_editors():
    schema = PolicyDocument.model_json_schema()

    assert schema["$defs"]["RouteTable"]["properties"]["stage"]
    assert schema["additionalProperties"] is False


def test_shape_and_meaning_are_told_in_one_run() -> None:
    text = """
[upstreams.monolith]
instances = ["127.0.0.1:8000"]
[routes.cart]
path = "cart/"
candidate = "monolit"
stage = "canry"
[[routes.cart.overrides]]
vlue = "x"
"""
    with pytest.raises(PolicyError) as caught:
        parse_policy(text)
    told = [(problem.line, problem.message) for problem in caught.value.problems]
    assert told == [
        (5, "routes.cart.path: a path starts with a slash, 'cart/' does not; write '/cart/'"),
        (6, "routes.cart.candidate: unknown upstream monolit"),
        (
            7,
            (
                "routes.cart.stage: should be 'monolith', 'shadow', 'canary', 'extracted' or "
                "'retired', got 'canry'"
            ),
        ),
        (8, "routes.cart.overrides.0: value is missing"),
        (8, "routes.cart.overrides.0: to is missing"),
        (9, "routes.cart.overrides.0.vlue: unknown key vlue"),
    ]
