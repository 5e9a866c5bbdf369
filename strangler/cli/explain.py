"""Tell where a request would go under the policy, and why.

Nothing is sent: this asks the very function that every engine is held to.

    strangler explain GET /api/products/7/ -H 'Cookie: strangler_user=ab12'
"""

from __future__ import annotations

import argparse
import uuid
from typing import TYPE_CHECKING, Any

from strangler.cli._frame import add_command, add_json, print_json
from strangler.policy import Request, decide, load_policy
from strangler.policy.model import TOTAL_WEIGHT, StickyKind
from strangler.policy.paths import normalise_path
from strangler.policy.sticky import bucket_of, cookie_value, header_value
from strangler.policy.trust import client_address, is_trusted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from strangler.cli._frame import Subparsers
    from strangler.policy import Decision, Policy, Route


def add_parser(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = add_command(subparsers, "explain", __doc__, run)
    parser.add_argument("method", metavar="METHOD", type=str.upper)
    parser.add_argument("target", metavar="TARGET", help="the path, with its query if any")
    parser.add_argument(
        "-H", "--header", action="append", default=[], type=_header, metavar="'NAME: VALUE'",
        help="a header of the request; may be repeated",
    )  # fmt: skip
    parser.add_argument("--peer", default="127.0.0.1", metavar="ADDR", help="the client's address")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Decide and explain."""
    policy = load_policy(args.policy)
    request = Request(
        method=args.method, target=args.target, headers=tuple(args.header), peer=args.peer,
        fresh_id=uuid.uuid4().hex,
    )  # fmt: skip
    decision = decide(policy, request)
    content = describe(policy, request, decision)
    if args.json:
        print_json(content)
        return 0
    print(f"{request.method} {request.target} -> {content['to']}")
    for sentence in content["because"]:
        print(f"  {sentence}")
    return 0


def describe(policy: Policy, request: Request, decision: Decision) -> dict[str, Any]:
    """Return the decision with its reasons in sentences. A credential is named, never shown."""
    if decision.status:
        return {
            "to": f"refused with status {decision.status}",
            "status": decision.status,
            "because": ["the path or the headers are not well-formed, or are ambiguous"],
        }
    route = policy.route(decision.route) if decision.route else None
    source = _key_source(policy, route, request) if route and decision.reason == "share" else ""
    told: dict[str, Any] = {
        "to": decision.upstream,
        "status": 0,
        "route": decision.route,
        "upstream": decision.upstream,
        "side": str(decision.side),
        "reason": decision.reason,
        "fallbacks": list(decision.fallbacks),
        "shadow_pct": decision.shadow_pct,
        "key_source": source,
        "key": None if source == "header authorization" else decision.key,
        "bucket": bucket_of(route.salt, decision.key or "") if route and source else None,
    }
    if route is None:
        path = normalise_path(request.target)
        because = [f"no route matches {request.method} {path}", "the default upstream answers"]
    else:
        because = [*_choice(policy, route, request, told), *_outlook(decision)]
        if decision.set_cookie:
            cookie = policy.proxy.anonymous_cookie
            because.append(f"a new visitor: the key is drawn by lot, and cookie {cookie} keeps it")
    return {**told, "because": because}


def _choice(policy: Policy, route: Route, request: Request, told: dict[str, Any]) -> Iterator[str]:
    methods = ",".join(route.methods) or "any method"
    yield f"route {route.name}: {methods} {route.template.source}, stage {route.stage}"
    if told["reason"] == "override":
        trusted = "trusted" if is_trusted(policy, request) else "not trusted"
        yield f"an override forces {told['upstream']} (client {request.peer} is {trusted})"
    elif told["reason"] == "stage":
        yield f"stage {route.stage} sends every key to {told['upstream']}"
    else:
        yield f"key from {told['key_source']}: {told['key'] or '(not shown)'}"
        yield f"bucket {told['bucket']} of {TOTAL_WEIGHT} under salt {route.salt!r}"
        yield f"split: {_split(route, told['upstream'])}"


def _outlook(decision: Decision) -> Iterator[str]:
    yield f"{decision.upstream} is the {decision.side}"
    if decision.fallbacks:
        yield f"if it cannot answer: {', then '.join(decision.fallbacks)}"
    else:
        yield "if it cannot answer, nobody else does"
    if decision.shadow_pct:
        yield f"{decision.shadow_pct:g} % of such requests are compared"


def _split(route: Route, chosen: str) -> str:
    parts, start = [], 0
    for stretch in route.split:
        mark = " (here)" if stretch.upstream == chosen else ""
        parts.append(f"{start}-{start + stretch.weight - 1} {stretch.upstream}{mark}")
        start += stretch.weight
    return ", ".join(parts)


def _key_source(policy: Policy, route: Route, request: Request) -> str:
    """Return where the route's key comes from, as `sticky_key` chooses it."""
    for source in route.sticky:
        if source.kind is StickyKind.COOKIE:
            found = cookie_value(request.headers, source.name)
        elif source.kind is StickyKind.HEADER:
            found = header_value(request.headers, source.name)
        elif source.kind is StickyKind.CLIENT:
            return f"client address {client_address(policy, request)}"
        else:
            return f"anonymous cookie {policy.proxy.anonymous_cookie}"
        if found:
            return f"{source.kind} {source.name}"
    return "nothing: the request carries no key"


def _header(text: str) -> tuple[str, str]:
    name, separator, value = text.partition(":")
    if not separator or not name.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not 'Name: value'")
    return name.strip().lower(), value.strip()
