"""How often a request may be tried, where, and how long a try may take.

Reads are tried again whenever the chosen side fails before its answer began: no connection,
a reset, 502, 503 or 504, or silence for `candidate_timeout_s`. Writes are tried again only when
nothing of them was sent. Each further try goes to the next upstream of the chain.

A try's time is counted to the first byte of the answer's headers, so uploads, downloads,
server-sent events and WebSockets last as long as bytes flow.
https://www.envoyproxy.io/docs/envoy/latest/faq/configuration/timeouts
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.engines.envoy.clusters import TYPE, Resource, seconds
from strangler.engines.envoy.names import PER_TRY_HEADER, TRY_FILTER
from strangler.policy.model import Side

if TYPE_CHECKING:
    from strangler.engines.envoy.plan import Stretch
    from strangler.policy.model import Route

NOTHING_SENT = "connect-failure,refused-stream,reset-before-request"
BEFORE_ANSWER = "connect-failure,refused-stream,reset"
SILENCE_S = 60.0
"""How long a stream may be silent, beyond the route's timeout, before it is ended."""


def attempts(route: Route, split: tuple[Stretch, ...], *, is_read: bool) -> Resource:
    """Return the retry, hedge and time limits of an entry."""
    longest = max(len(stretch.chain.upstreams) for stretch in split)
    policy: Resource = {
        "retry_on": NOTHING_SENT,
        "num_retries": max(1, longest - 1),
        "per_try_timeout": seconds(route.timeout_s),
        "retry_back_off": {"base_interval": "0.005s", "max_interval": "0.025s"},
    }
    if longest > 1:
        policy["retry_priority"] = _other_upstream()
    else:
        policy["retry_host_predicate"] = [_other_host()]
        policy["host_selection_retry_max_attempts"] = 3
    action: Resource = {
        "timeout": "0s",
        "idle_timeout": seconds(route.timeout_s + SILENCE_S),
        "retry_policy": policy,
    }
    if is_read:
        policy["retry_on"] = BEFORE_ANSWER
        if longest > 1:
            policy["retry_on"] += ",retriable-status-codes"
            policy["retriable_status_codes"] = [502, 503, 504]
            # A slow try is not cut: the next one starts beside it and the first answer wins.
            action["hedge_policy"] = {"hedge_on_per_try_timeout": True}
            if len(split) == 1 and split[0].side is Side.CANDIDATE:
                policy["per_try_timeout"] = seconds(route.candidate_timeout_s)
    return action


def hurry(route: Route, stretch: Stretch) -> Resource:
    """Return the settings that give a candidate's read its shorter time, if it has a fallback.

    They are for an entry of several stretches, where only the stretch knows the side; the control
    of the same entry keeps `timeout_s`.
    """
    if stretch.side is not Side.CANDIDATE or len(stretch.chain.upstreams) == 1:
        return {}
    header = {"key": PER_TRY_HEADER, "value": str(round(route.candidate_timeout_s * 1000))}
    mutation = {"append": {"header": header, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}}
    kind = TYPE + "envoy.extensions.filters.http.header_mutation.v3.HeaderMutationPerRoute"
    return {
        TRY_FILTER: {"@type": kind, "mutations": {"request_mutations": [mutation]}},
    }


def _other_host() -> Resource:
    kind = TYPE + "envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate"
    name = "envoy.retry_host_predicates.previous_hosts"
    return {"name": name, "typed_config": {"@type": kind}}


def _other_upstream() -> Resource:
    kind = TYPE + "envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig"
    name = "envoy.retry_priorities.previous_priorities"
    return {"name": name, "typed_config": {"@type": kind, "update_frequency": 1}}
