"""Let Envoy itself check a policy, without serving it."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from strangler.engines.envoy.binary import find_envoy
from strangler.engines.envoy.render import render_standalone
from strangler.errors import EngineError

if TYPE_CHECKING:
    from strangler.policy.model import Policy

CHECK_S = 60.0
LOG_CHARACTERS = 4000


def validate(policy: Policy) -> None:
    """Let Envoy itself check the whole configuration of a policy, without serving it.

    Raises:
        EngineError: with Envoy's own words.
    """
    with tempfile.TemporaryDirectory(prefix="strangler-") as directory:
        bootstrap = Path(directory) / "bootstrap.json"
        bootstrap.write_text(json.dumps(render_standalone(policy)))
        command = [str(find_envoy()), "--mode", "validate", "-c", str(bootstrap)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=CHECK_S)
    if done.returncode:
        raise EngineError(f"Envoy refuses this policy:\n{done.stderr.strip()[-LOG_CHARACTERS:]}")
