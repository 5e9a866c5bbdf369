"""What must hold across the keys of a policy document: one validator for each concern.

A validator takes the document and yields complaints; all of them run, so that a file's problems
are told at once.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from ipaddress import ip_network
from typing import TYPE_CHECKING

from strangler.policy.model import Address, Stage
from strangler.policy.template import parse_template
from strangler.policy.trust import is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from strangler.policy.document import OverrideTable, PolicyDocument, RouteTable
    from strangler.policy.positions import Location

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT")
RESERVED_HEADERS = ("host", "cookie", "content-length", "transfer-encoding", "connection")
MAX_PORT = 65535


@dataclass(frozen=True, slots=True)
class Complaint:
    """A problem at a location of the document, before its line is known."""

    location: Location
    message: str
    hint: str = ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a hint that names the nearest known word, or else all of them."""
    choices = sorted(known)
    near = difflib.get_close_matches(word, choices, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]}?"
    return f"known: {', '.join(choices)}" if choices else "none is defined yet"


def parse_address(text: str) -> Address:
    """Parse "host:port" or "[ipv6]:port".

    Raises:
        ValueError: when there is no host or the port is not 1 to 65535.
    """
    host, separator, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not separator or not host or not port.isascii() or not port.isdigit():
        raise ValueError(f'{text!r} is not an address; write "host:port"')
    if not 1 <= int(port) <= MAX_PORT:
        raise ValueError(f"the port of {text!r} is not 1 to {MAX_PORT}")
    return Address(host, int(port))


def check(document: PolicyDocument) -> Iterator[Complaint]:
    """Yield every complaint of every validator."""
    for validator in VALIDATORS:
        yield from validator(document)


def _addresses(document: PolicyDocument) -> Iterator[Complaint]:
    texts: list[tuple[Location, str]] = [
        (("proxy", "listen"), document.proxy.listen),
        (("proxy", "control"), document.proxy.control),
    ]
    for name, upstream in document.upstreams.items():
        texts += [(("upstreams", name, "instances"), text) for text in upstream.instances]
        for text in sorted({t for t in upstream.instances if upstream.instances.count(t) > 1}):
            yield Complaint(("upstreams", name, "instances"), f"the instance {text} stands twice")
    for location, text in texts:
        try:
            address = parse_address(text)
        except ValueError as error:
            yield Complaint(location, str(error))
            continue
        if location == ("proxy", "control") and not is_loopback(address.host):
            yield Complaint(
                location,
                f"the control API may only listen on loopback, not on {address.host}",
                "use 127.0.0.1 and let a tunnel or sidecar carry it elsewhere",
            )
    if document.proxy.listen == document.proxy.control:
        yield Complaint(("proxy", "control"), f"{document.proxy.listen} is also proxy.listen")


def _networks(document: PolicyDocument) -> Iterator[Complaint]:
    for text in document.proxy.trusted_networks:
        try:
            ip_network(text)
        except ValueError as error:
            yield Complaint(
                ("proxy", "trusted_networks"), f"{text!r} is not a network: {error}",
                "write it as 10.0.0.0/8",
            )  # fmt: skip


def _switches(document: PolicyDocument) -> Iterator[Complaint]:
    upstreams = document.upstreams.keys()
    for name, switch in document.switches.items():
        if name in upstreams:
            yield Complaint(("switches", name), f"{name} is an upstream too; give it another name")
        for key in ("current", "next"):
            version = getattr(switch, key)
            if version not in upstreams:
                hint = did_you_mean(version, upstreams)
                yield Complaint(("switches", name, key), f"unknown upstream {version}", hint)
        if switch.current == switch.next:
            yield Complaint(
                ("switches", name, "next"), f"current and next are both {switch.next}",
                "name two upstreams, one for each version",
            )  # fmt: skip


def _names(document: PolicyDocument) -> Iterator[Complaint]:
    upstreams = document.upstreams.keys()
    destinations = upstreams | document.switches.keys()
    if not upstreams:
        yield Complaint(("upstreams",), "no upstream is defined", "add [upstreams.monolith]")
    default = document.proxy.default_upstream
    if upstreams and default not in upstreams:
        location = ("proxy", "default_upstream")
        yield Complaint(location, f"unknown upstream {default}", did_you_mean(default, upstreams))
    for name, route in document.routes.items():
        if route.candidate not in destinations:
            yield Complaint(
                ("routes", name, "candidate"), f"unknown upstream {route.candidate}",
                did_you_mean(route.candidate, destinations),
            )  # fmt: skip
        control = route.control or default
        if route.control and control not in upstreams:
            hint = did_you_mean(control, upstreams)
            yield Complaint(("routes", name, "control"), f"unknown upstream {control}", hint)
        if control in versions_of(document, route.candidate):
            yield Complaint(
                ("routes", name, "candidate"), f"control and candidate are both {control}",
                "a route moves from one upstream to another",
            )  # fmt: skip


def versions_of(document: PolicyDocument, name: str) -> tuple[str, ...]:
    """Return the upstreams behind a destination: a switch's two versions, else itself."""
    switch = document.switches.get(name)
    return (switch.next, switch.current) if switch else (name,)


def _paths(document: PolicyDocument) -> Iterator[Complaint]:
    seen: dict[tuple[object, str], str] = {}
    for name, route in document.routes.items():
        for method in route.methods:
            if method not in METHODS:
                hint = did_you_mean(method.upper(), METHODS)
                yield Complaint(("routes", name, "methods"), f"unknown method {method!r}", hint)
        try:
            template = parse_template(route.path)
        except ValueError as error:
            yield Complaint(("routes", name, "path"), str(error))
            continue
        for method in expand_methods(route.methods) or ("any method",):
            earlier = seen.setdefault((template.shape, method), name)
            if earlier != name:
                yield Complaint(
                    ("routes", name, "path"),
                    f"{route.path} is already matched by route {earlier} for {method}",
                    "give the two different methods, or remove one",
                )
                break


def expand_methods(methods: Iterable[str]) -> tuple[str, ...]:
    """Return the methods with HEAD beside GET, since Django's views answer both alike."""
    listed = dict.fromkeys(methods)
    if "GET" in listed:
        listed["HEAD"] = None
    return tuple(listed)


def _stages(document: PolicyDocument) -> Iterator[Complaint]:
    for name, route in document.routes.items():
        if route.stage is Stage.CANARY and not 0 < route.share_pct < 100:  # noqa: PLR2004
            yield Complaint(
                ("routes", name, "share_pct"),
                f"stage canary needs a share between 0 and 100, got {route.share_pct:g}",
                "use stage monolith for 0 and stage extracted for 100",
            )
        says_fallback = "fallback" in route.model_fields_set and route.fallback
        if route.stage is Stage.RETIRED and says_fallback:
            yield Complaint(
                ("routes", name, "fallback"),
                "a retired route has nothing left to fall back to",
                "leave fallback out, or use stage extracted",
            )
        if route.shadow_pct and route.stage in {Stage.EXTRACTED, Stage.RETIRED}:
            yield Complaint(
                ("routes", name, "shadow_pct"),
                f"stage {route.stage} has no control to compare with, so shadow_pct must be 0",
            )


def _sticky(document: PolicyDocument) -> Iterator[Complaint]:
    for name, route in document.routes.items():
        location = ("routes", name, "sticky")
        if not route.sticky:
            yield Complaint(
                location, "no sticky key: the same user would change sides at every request",
                "leave it out for the default: user, then anonymous",
            )  # fmt: skip
        for position, source in enumerate(route.sticky):
            kind, _, argument = source.partition(":")
            if kind in {"cookie", "header"} and argument:
                continue
            if source not in {"user", "client", "anonymous"}:
                yield Complaint(
                    location, f"unknown sticky key {source!r}",
                    "allowed: user, cookie:NAME, header:NAME, client, anonymous",
                )  # fmt: skip
            elif source != "user" and position < len(route.sticky) - 1:
                yield Complaint(
                    location, f"{source} always gives a key, so what follows it is never asked",
                    f"put {source} last",
                )  # fmt: skip


def _overrides(document: PolicyDocument) -> Iterator[Complaint]:
    for name, switch in document.switches.items():
        for index, override in enumerate(switch.overrides):
            location = ("switches", name, "overrides", index)
            yield from _override(location, override, ("current", "next"))
    for name, route in document.routes.items():
        versions = versions_of(document, route.candidate)
        allowed = ("control", "candidate", route.control or document.proxy.default_upstream)
        for index, override in enumerate(route.overrides):
            location = ("routes", name, "overrides", index)
            yield from _override(location, override, (*allowed, *versions))
            if _leads_to_control(override, route, document) and route.stage is Stage.RETIRED:
                yield Complaint(
                    (*location, "to"), "a retired route has no control to be sent to",
                    "remove the override",
                )  # fmt: skip


def _leads_to_control(override: OverrideTable, route: RouteTable, document: PolicyDocument) -> bool:
    return override.to in {"control", route.control or document.proxy.default_upstream}


def _override(
    location: Location, override: OverrideTable, allowed: tuple[str, ...]
) -> Iterator[Complaint]:
    if (override.header is None) == (override.cookie is None):
        yield Complaint(location, "an override needs exactly one of header and cookie")
    if override.header and override.header.lower() in RESERVED_HEADERS:
        yield Complaint((*location, "header"), f"{override.header} cannot steer a request")
    if override.cookie and override.trusted and "trusted" in override.model_fields_set:
        yield Complaint(
            (*location, "trusted"), "a cookie always comes from outside and cannot be trusted",
            "set trusted = false, or use a header",
        )  # fmt: skip
    if override.to not in allowed:
        hint = did_you_mean(override.to, allowed)
        yield Complaint((*location, "to"), f"unknown destination {override.to!r}", hint)


VALIDATORS: tuple[Callable[[PolicyDocument], Iterator[Complaint]], ...] = (
    _addresses,
    _networks,
    _names,
    _switches,
    _paths,
    _stages,
    _sticky,
    _overrides,
)
