"""The route policy, and where a request goes under it.

strangler.toml
   load       text -> TOML (positions: where)      (I/O at this end only)
   document   the shape of the file              -> JSON Schema for editors
   validate   meaning across keys                -> every problem at once
   build      records                            -> Policy
   decide     (Policy, Request) -> Decision      pure; the specification of every engine
     paths      normalise the path as the proxy does
     matching   path and method -> route
     sticky     key -> bucket -> stretch of the split
   edit       change a key, keep comments and order; validated, atomic, audited
"""

from strangler.policy.build import with_instances
from strangler.policy.decide import decide
from strangler.policy.load import load_policy, parse_policy
from strangler.policy.model import Decision, Policy, Request, Route, Side, Stage

__all__ = [
    "Decision",
    "Policy",
    "Request",
    "Route",
    "Side",
    "Stage",
    "decide",
    "load_policy",
    "parse_policy",
    "with_instances",
]
