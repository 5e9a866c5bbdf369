"""The Envoy engine: the policy becomes Envoy's own configuration, and the real Envoy runs it.

    Policy ─> plan      which chains of upstreams the routes need
           ─> clusters  upstreams and chains     -> CDS, EDS
           ─> routes    templates, splits, keys  -> RDS, by way of `tree`
           ─> bootstrap listener and admin       -> fixed while the process lives
    resources ─> publish  files by rename, in order; in effect when `admin` says so
    process   ─> starts, drains and ends Envoy; `binary` finds it

Rendering is pure: a policy in, plain dictionaries out.
"""

from strangler.engines.envoy.engine import EnvoyEngine
from strangler.engines.envoy.render import render_standalone

__all__ = ["EnvoyEngine", "render_standalone"]
