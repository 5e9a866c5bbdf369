"""Write a commented strangler.toml to start from; an existing file is never overwritten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.cli._frame import add_command
from strangler.errors import StranglerError

if TYPE_CHECKING:
    import argparse

    from strangler.cli._frame import Subparsers

STARTER = """\
# The route policy: which endpoint is answered by whom. Check it with: strangler check
# For completion in editors: strangler schema > strangler.schema.json, and a first line that says
# #:schema ./strangler.schema.json
version = 1

[proxy]
listen = "127.0.0.1:8080"        # where users arrive
control = "127.0.0.1:8081"       # registry and status, loopback only
# trusted_hops = 1               # load balancers of yours in front that set X-Forwarded-For

# Whatever no route matches goes to the monolith.
[upstreams.monolith]
instances = ["127.0.0.1:8000"]
# health = { path = "/healthz", host = "shop.example" }   # host: a name in ALLOWED_HOSTS

# The first service. Its instances register themselves (strangler.client.registration), or are
# listed here as above.
[upstreams.products]
# health = { path = "/healthz" }

# One table for each endpoint that moves. The next step of each is told by: strangler status
[routes.product-list]
path = "/api/products/"          # {id} stands for one segment, {rest...} for all the rest
methods = ["GET"]                # all methods when left out; HEAD comes with GET
candidate = "products"
stage = "monolith"               # monolith, shadow, canary, extracted, retired
# share_pct = 1                  # in stage canary: the part of users that the service answers
"""


def add_parser(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Add the command."""
    add_command(subparsers, "init", __doc__, run)


def run(args: argparse.Namespace) -> int:
    """Write the file."""
    try:
        with args.policy.open("x", encoding="utf-8") as file:
            file.write(STARTER)
    except FileExistsError:
        raise StranglerError(
            f"{args.policy} exists and is left as it is; name another with --policy FILE"
        ) from None
    except OSError as error:
        reason = error.strerror or error
        raise StranglerError(f"{args.policy} cannot be written: {reason}") from None
    print(f"wrote {args.policy}; edit its addresses, then run: strangler check")
    return 0
