"""Remove an instance from the running proxy, by its id or by upstream and address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.cli._control import add_control, control_api
from strangler.cli._frame import add_command
from strangler.errors import RegistryError
from strangler.policy import load_policy
from strangler.policy.validate import did_you_mean

if TYPE_CHECKING:
    import argparse

    from strangler.cli._frame import Subparsers


def add_parser(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = add_command(subparsers, "deregister", __doc__, run)
    parser.add_argument("name", metavar="UPSTREAM|ID")
    parser.add_argument("address", nargs="?", help="host:port, after an upstream's name")
    add_control(parser)


def run(args: argparse.Namespace) -> int:
    """Remove every registration that matches."""
    policy = None if args.control else load_policy(args.policy)
    with control_api(policy, args.control) as api:
        joined = api.instances()
        if args.address:
            known = {f"{i['upstream']} {i['address']}": i["id"] for i in joined}
            wanted = f"{args.name} {args.address}"
            ids = [i["id"] for i in joined if f"{i['upstream']} {i['address']}" == wanted]
        else:
            known = {i["id"]: i["id"] for i in joined}
            wanted, ids = args.name, [i["id"] for i in joined if i["id"] == args.name]
        if not ids:
            raise RegistryError(f"{wanted} has not joined; {did_you_mean(wanted, known)}")
        for instance_id in dict.fromkeys(ids):
            api.deregister(instance_id)
    print(f"{wanted} has left")
    return 0
