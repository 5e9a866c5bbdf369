"""What an engine did with one request, against what `decide` says it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.policy import Policy, decide
from strangler.policy.paths import normalise_path
from strangler.policy.trust import is_trusted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from strangler.policy import Request
    from tests.engines.conformance.client import Answer
    from tests.engines.conformance.generate import RawRequest

NOBODY = "the id of nobody"


def disagreements(policy: Policy, sent: RawRequest, answer: Answer) -> Iterator[str]:
    """Yield a sentence for each thing that differs."""
    handed_out = answer.cookie(policy.proxy.anonymous_cookie)
    request = sent.as_decided(handed_out or NOBODY)
    decision = decide(policy, request)
    if decision.status:
        if answer.status != decision.status:
            yield f"decide refuses with {decision.status}, the engine answers {answer.status}"
        if answer.seen:
            yield f"refused, yet {answer.seen['backend']} got it"
        return
    if answer.status != 200:
        yield (
            f"decide sends it to {decision.upstream}, the engine answers {answer.status} "
            f"{answer.body!r}"
        )
        return
    seen = answer.seen
    if seen["backend"] != decision.upstream:
        yield (
            f"decide says {decision.upstream} ({decision.reason}, route {decision.route or 'none'},"
            f" key {decision.key!r}), the engine took {seen['backend']}"
        )
    if decision.set_cookie != handed_out:
        yield f"decide hands out {decision.set_cookie!r}, the engine {handed_out!r}"
    yield from _forwarded(policy, sent, request, seen)


def _forwarded(
    policy: Policy, sent: RawRequest, request: Request, seen: dict[str, object]
) -> Iterator[str]:
    """Yield what is wrong with the request as the backend saw it."""
    _, mark, query = sent.target.partition("?")
    target = f"{normalise_path(sent.target)}{mark}{query}"
    if seen["target"] != target:
        yield f"the backend saw {seen['target']!r}, not {target!r}"
    if seen["method"] != sent.method:
        yield f"the backend saw method {seen['method']}"
    headers: list[tuple[str, str]] = [(n.lower(), v) for n, v in seen["headers"]]  # type: ignore[attr-defined]
    names = [name for name, _ in headers]
    hosts = [value for name, value in headers if name == "host"]
    if hosts != [value for name, value in request.headers if name == "host"]:
        yield f"the backend saw Host {hosts}"
    if not is_trusted(policy, request):
        steering = {o.header for r in policy.routes for o in r.overrides if o.trusted and o.header}
        forbidden = {"x-forwarded-host", *policy.proxy.internal_headers, *steering}
        if passed := forbidden.intersection(names):
            yield f"the backend saw {sorted(passed)} of an outsider"
    if names.count("x-forwarded-for") != 1:
        yield f"the backend saw {names.count('x-forwarded-for')} X-Forwarded-For headers"
