"""The Envoy engine: the policy becomes Envoy's own configuration, and the real Envoy runs it.

    Policy ─> plan      which chains of upstreams the routes need
           ─> clusters  upstreams and chains     -> CDS, EDS
           ─> routes    one entry for each way in  -> RDS
                tree      path -> the few routes that may match
                keys      sticky sources -> what Envoy hashes
                attempts  tries, their order and time
                shadow    what the comparator is told
           ─> bootstrap listener and admin       -> fixed while the process lives
    resources ─> publish  files by rename, in order; in effect when `admin` says so
    engine    ─> starts, drains and ends Envoy; `binary` finds it, `check` asks it

Rendering is pure: a policy in, plain dictionaries out.
"""

from strangler.engines.envoy.engine import EnvoyEngine
from strangler.engines.envoy.render import render_standalone

__all__ = ["EnvoyEngine", "render_standalone"]
