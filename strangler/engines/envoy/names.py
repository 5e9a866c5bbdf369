"""Names that stand in Envoy's configuration more than once."""

from __future__ import annotations

REQUEST_ID_HEADER = "x-request-id"
"""Request header: Envoy gives every request one, over what a client from outside sent.

It is also the id that a client without a sticky key is given.
"""

UPSTREAM_HEADER = "x-strangler-upstream"
"""Response header: the upstream that answered, after any fallback."""

PER_TRY_HEADER = "x-envoy-upstream-rq-per-try-timeout-ms"
"""Request header that Envoy reads; set for the candidate's side only."""

TRY_FILTER = "strangler.candidate_timeout"
SHADOW_FILTER = "strangler.shadow"
SHADOW_CLUSTER = "_shadow"
"""Upstream names start with a letter, so neither they nor their chains are called this."""
