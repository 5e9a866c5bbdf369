"""Routes as Envoy's route table: which entry a request meets, and where it sends it.

One route of the policy becomes several entries, tried in order: one for each override, then the
stage's upstream or, for a share, one for each source of the sticky key. Reads and writes have
entries of their own, since they may be tried again under different conditions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from strangler.engines.envoy.attempts import attempts, hurry
from strangler.engines.envoy.clusters import TYPE, Resource
from strangler.engines.envoy.keys import KeyEntry, key_entries
from strangler.engines.envoy.names import UPSTREAM_HEADER
from strangler.engines.envoy.plan import Stretch, chain_of, stretches
from strangler.engines.envoy.shadow import sampled, tell_comparator
from strangler.engines.envoy.tree import by_prefix
from strangler.policy.model import TOTAL_WEIGHT
from strangler.policy.template import LITERAL, REST
from strangler.policy.trust import removed_from_outside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from strangler.policy.model import Override, Policy, Route

ROUTE_TABLE = TYPE + "envoy.config.route.v3.RouteConfiguration"
NAME = "strangler"
READS = ("GET", "HEAD", "OPTIONS")
INTERNAL_HEADER = "x-envoy-internal"


def render_routes(policy: Policy, *, captures: bool) -> Resource:
    """Return the route table of a policy.

    `captures` says that the listener has the comparator's filter, for routes that shadow.
    """
    return {
        "@type": ROUTE_TABLE,
        "name": NAME,
        "validate_clusters": True,
        "internal_only_headers": list(removed_from_outside(policy)),
        "virtual_hosts": [
            {
                "name": NAME,
                "domains": ["*"],
                "request_body_buffer_limit": policy.proxy.max_body_bytes,
                "matcher": _matcher(policy, captures=captures),
            }
        ],
    }


def _matcher(policy: Policy, *, captures: bool) -> Resource:
    """Refuse two Host headers, then go by the longest literal prefix of the path."""
    default = _default(policy)
    entries = {r.name: list(_entries(policy, r, captures=captures)) for r in policy.routes}
    lists = {
        prefix: _list([*(e for route in routes for e in entries[route.name]), default])
        for prefix, routes in by_prefix(policy.routes).items()
    }
    by_path: Resource = _list([default])
    if lists:
        tree = {"input": _header_input(":path"), "prefix_match_map": {"map": lists}}
        by_path = {"matcher": {"matcher_tree": tree, "on_no_match": by_path}}
    two_hosts = {"input": _header_input(":authority"), "value_match": {"contains": ","}}
    refuse = {"match": {"prefix": "/"}, "direct_response": {"status": 400}}
    refused = {"predicate": {"single_predicate": two_hosts}, "on_match": _list([refuse])}
    return {"matcher_list": {"matchers": [refused]}, "on_no_match": by_path}


def _header_input(name: str) -> Resource:
    kind = TYPE + "envoy.type.matcher.v3.HttpRequestHeaderMatchInput"
    return {"name": name, "typed_config": {"@type": kind, "header_name": name}}


def _list(entries: list[Resource]) -> Resource:
    kind = TYPE + "envoy.config.route.v3.RouteList"
    return {"action": {"name": "routes", "typed_config": {"@type": kind, "routes": entries}}}


def _default(policy: Policy) -> Resource:
    return {
        "name": "default",
        "match": {"prefix": "/"},
        "route": {"cluster": policy.default_upstream, "timeout": "0s"},
        "response_headers_to_add": [_answered_by()],
    }


def _entries(policy: Policy, route: Route, *, captures: bool) -> Iterator[Resource]:
    for override in route.overrides:
        fallbacks = route.fallbacks_of(override.upstream, override.side)
        chain = chain_of(policy, route, override.upstream, fallbacks)
        forced = (Stretch(chain, override.side, TOTAL_WEIGHT),)
        yield from _variants(route, forced, KeyEntry(_override_match(override)), captures=captures)
    split = stretches(policy, route)
    keys = key_entries(policy, route) if len(split) > 1 else (KeyEntry(),)
    for key in keys:
        yield from _variants(route, split, key, captures=captures)


def _variants(
    route: Route, split: tuple[Stretch, ...], key: KeyEntry, *, captures: bool
) -> Iterator[Resource]:
    """Yield an entry for reads and one for writes, each with a twin that is told of if sampled."""
    shadow_pct = route.shadow_pct if captures else 0
    for methods, is_read in _method_groups(route):
        if 0 < shadow_pct < 100:  # noqa: PLR2004 - percent
            part = replace(key, match={**key.match, **sampled(shadow_pct)})
            yield _entry(route, part, methods, _Sides(split, is_read, is_told=True))
        is_told = shadow_pct == 100  # noqa: PLR2004 - percent
        yield _entry(route, key, methods, _Sides(split, is_read, is_told))


def _method_groups(route: Route) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Yield methods with whether they read; no methods stand for all that are left.

    GET has an entry of its own, since comparing one word costs less than an expression.
    """
    reads = tuple(method for method in READS if not route.methods or method in route.methods)
    writes = tuple(method for method in route.methods if method not in READS)
    groups = (reads[:1], reads[1:])
    yield from ((group, True) for group in groups if group)
    if writes or not route.methods:
        yield writes, False


@dataclass(frozen=True, slots=True)
class _Sides:
    """Where an entry sends, whether it is for reads, and whether the comparator is told."""

    split: tuple[Stretch, ...]
    is_read: bool
    is_told: bool

    def filters(self, route: Route, stretch: Stretch) -> Resource:
        """Return the filters' settings for one stretch of the split."""
        hurried = hurry(route, stretch) if self.is_read and len(self.split) > 1 else {}
        return {**hurried, **(tell_comparator(stretch) if self.is_told else {})}


def _entry(route: Route, key: KeyEntry, methods: tuple[str, ...], sides: _Sides) -> Resource:
    action = _destination(route, sides) | attempts(route, sides.split, is_read=sides.is_read)
    if key.hash_policy:
        action["hash_policy"] = list(key.hash_policy)
    entry: Resource = {
        "name": route.name,
        "match": _match(route, key.match, methods),
        "route": action,
        "response_headers_to_add": [_answered_by(), *key.response_headers],
    }
    if len(sides.split) == 1 and (filters := sides.filters(route, sides.split[0])):
        entry["typed_per_filter_config"] = filters
    return entry


def _destination(route: Route, sides: _Sides) -> Resource:
    if len(sides.split) == 1:
        return {"cluster": sides.split[0].chain.cluster}
    weighted = []
    for stretch in sides.split:
        cluster: Resource = {"name": stretch.chain.cluster, "weight": stretch.weight}
        if filters := sides.filters(route, stretch):
            cluster["typed_per_filter_config"] = filters
        weighted.append(cluster)
    return {"weighted_clusters": {"use_hash_policy": True, "clusters": weighted}}


def _match(route: Route, condition: Resource, methods: tuple[str, ...]) -> Resource:
    match = dict(condition)
    if methods:
        one = {"exact": methods[0]} if len(methods) == 1 else _one_of(methods)
        by_method = {"name": ":method", "string_match": one}
        match["headers"] = [by_method, *condition.get("headers", [])]
    template = route.template
    if template.is_literal:
        return {"path": template.literal_prefix, **match}
    literals = sum(segment.kind == LITERAL for segment in template.segments)
    if template.segments[-1].kind == REST and literals == len(template.segments) - 1:
        return {"prefix": template.literal_prefix, **match}
    return {"safe_regex": {"regex": template.regex}, **match}


def _one_of(words: tuple[str, ...]) -> Resource:
    return {"safe_regex": {"regex": "|".join(words)}}


def _override_match(override: Override) -> Resource:
    wanted = {"exact": override.value}
    if override.cookie:
        return {"cookies": [{"name": override.cookie, "string_match": wanted}]}
    headers = [{"name": override.header, "string_match": wanted}]
    if override.trusted:
        headers.append({"name": INTERNAL_HEADER, "string_match": {"exact": "true"}})
    return {"headers": headers}


def _answered_by() -> Resource:
    header = {"key": UPSTREAM_HEADER, "value": "%UPSTREAM_HOST_NAME%"}
    return {"header": header, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
