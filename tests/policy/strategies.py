"""Generated templates, paths and whole policies."""

from __future__ import annotations

from functools import cache

from hypothesis import strategies as st

from strangler.policy import Policy, Request, parse_policy

WORDS = ("api", "products", "orders", "new", "a.b", "x-y", "v1")

segment = st.sampled_from((*WORDS, "{id}", "{slug}"))


@st.composite
def templates(draw: st.DrawFn) -> str:
    """A template whose parameters have different names."""
    pieces = draw(st.lists(segment, max_size=4))
    named = [f"{{p{i}}}" if piece.startswith("{") else piece for i, piece in enumerate(pieces)]
    end = draw(st.sampled_from(("", "/", "/{rest...}")))
    return "/" + "/".join(named) + end if named else "/" + end.lstrip("/")


paths = st.lists(st.sampled_from((*WORDS, "42", "")), max_size=6).map(lambda p: "/" + "/".join(p))
"""Paths made of the templates' own words, so that they match often."""

text = st.text(st.characters(codec="utf-8"), max_size=30) | st.binary(max_size=30).map(
    lambda raw: raw.decode("utf-8", "surrogateescape")
)
header_names = st.sampled_from(
    ("host", "cookie", "authorization", "x-tenant", "x-forwarded-for", "x_y", "")
)
requests = st.builds(
    Request,
    method=st.sampled_from(("GET", "POST", "")) | text,
    target=(st.just("/") | st.just("")).flatmap(lambda head: text.map(lambda tail: head + tail)),
    headers=st.lists(st.tuples(header_names | text, text), max_size=6).map(tuple),
    peer=st.sampled_from(("127.0.0.1", "::1", "203.0.113.9")) | text,
    fresh_id=text,
)

UPSTREAMS = """
[upstreams.monolith]
instances = ["127.0.0.1:8000"]
[upstreams.service]
instances = ["127.0.0.1:8001"]
[upstreams.service-next]
instances = ["127.0.0.1:8002"]
"""


@cache
def canary(share_pct: float, *, salt: str = "salt", switch_pct: float | None = None) -> Policy:
    """A policy with one canary by the header X-Key, over a switch when `switch_pct` is given."""
    switch = (
        ""
        if switch_pct is None
        else f'[switches.versions]\ncurrent = "service"\nnext = "service-next"\n'
        f"share_pct = {switch_pct}\n"
    )
    return parse_policy(
        f"""{UPSTREAMS}{switch}
        [routes.one]
        path = "/one/"
        candidate = "{"service" if switch_pct is None else "versions"}"
        stage = "canary"
        share_pct = {share_pct}
        sticky = ["header:X-Key", "anonymous"]
        salt = "{salt}"
        """
    )


def asked_by(key: str) -> Request:
    return Request("GET", "/one/", (("host", "a"), ("x-key", key)))
