"""Move a Django monolith to services one endpoint at a time.

Four flows shape the code; this package holds the ones that run in production:

    a request   policy:  load -> validate -> decide            engines carry it out
    a pair      shadow:  capture -> normalise -> compare -> noise -> verdict -> publish
    a row       data:    backfill + capture -> relay -> apply -> reconcile

`strangler.client` runs inside users' monoliths and stays light. This module imports nothing, so
that importing the client costs nothing more.
"""

__version__ = "0.1.0"
