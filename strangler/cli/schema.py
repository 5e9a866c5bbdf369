"""Print the JSON Schema of strangler.toml, for editors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.cli._frame import add_command, print_json
from strangler.policy.schema import policy_schema

if TYPE_CHECKING:
    import argparse

    from strangler.cli._frame import Subparsers


def add_parser(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Add the command."""
    add_command(subparsers, "schema", __doc__, run)


def run(_args: argparse.Namespace) -> int:
    """Print the schema."""
    print_json(policy_schema())
    return 0
