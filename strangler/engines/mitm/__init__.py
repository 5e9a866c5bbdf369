"""The mitmproxy engine: the workbench that runs the policy by calling `decide` itself.

client ─> mitmproxy ─> addon
                        parse     flow -> Request                        (pure)
                        decide    (Policy, Request) -> Decision          (pure, strangler.policy)
                        rewrite   headers and path as upstreams see them (pure)
                        upstreams instances in turn, the failing set aside
                        attempts  a read is answered by the next upstream when one cannot
          engine ─ policy as JSON lines ─> worker (own process, several share one socket)
          capture: the control's half of shadowed exchanges -> comparator, after the response
          recording: finished flows -> redacted -> flow file and HAR

Only this package imports mitmproxy. It is for looking and for places without an Envoy binary:
health checks are passive, upstreams are spoken to in HTTP/1.1.
"""

from strangler.engines.mitm.engine import MitmEngine

__all__ = ["MitmEngine"]
