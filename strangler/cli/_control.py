"""How commands reach the running proxy: the control API named by the policy or the environment."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from strangler.client.registry_api import ControlApi, ControlError
from strangler.errors import RegistryError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from strangler.policy import Policy


def add_control(parser: argparse.ArgumentParser) -> None:
    """Add the option that names another control API."""
    parser.add_argument(
        "--control", metavar="URL", default=os.environ.get("STRANGLER_CONTROL_URL"),
        help="the control API (STRANGLER_CONTROL_URL, else proxy.control of the policy)",
    )  # fmt: skip


@contextmanager
def control_api(policy: Policy | None, url: str | None = None) -> Iterator[ControlApi]:
    """Connect to the control API of `policy`, or the one at `url`.

    Raises:
        RegistryError: in place of every ControlError that leaves the block.
    """
    if not url:
        url = f"http://{policy.proxy.control}" if policy else "http://127.0.0.1:8081"
    api = ControlApi(url, os.environ.get("STRANGLER_CONTROL_TOKEN", ""))
    try:
        yield api
    except ControlError as error:
        hint = "" if error.status else "; start the proxy with: strangler proxy"
        raise RegistryError(f"{error}{hint}") from None
    finally:
        api.close()


def live_status(policy: Policy, url: str | None = None) -> tuple[dict[str, Any] | None, str]:
    """Return what the running proxy tells, or None and the reason why it tells nothing."""
    try:
        with control_api(policy, url) as api:
            return {**api.status(), "joined": api.instances()}, ""
    except RegistryError as error:
        return None, str(error)
