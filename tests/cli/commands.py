"""Run `strangler` as a user does, in a process and a folder of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
POLICY = """\
[proxy]
control = "127.0.0.1:{control_port}"

[upstreams.monolith]
instances = ["127.0.0.1:8000"]
[upstreams.products]
[upstreams.blue]
[upstreams.green]

[switches.shop]
current = "blue"
next = "green"

[routes.list]
path = "/api/products/"
methods = ["GET"]
candidate = "products"

[routes.detail]
path = "/api/products/{{id}}/"
methods = ["GET"]
candidate = "products"
stage = "canary"                 # since Monday
share_pct = 10
shadow_pct = 5

[routes.orders]
path = "/api/orders/"
candidate = "shop"
stage = "extracted"
"""


@dataclass(frozen=True)
class Result:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Shop:
    """A folder with a policy."""

    def __init__(self, folder: Path, *, control_port: int = 1) -> None:
        self.folder = folder
        self.path = folder / "strangler.toml"
        self.text = POLICY.format(control_port=control_port)
        self.path.write_text(self.text)

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "strangler", *arguments]

    @property
    def environment(self) -> dict[str, str]:
        ours = ("STRANGLER_", "COLUMNS", "LINES")  # a terminal's size is not the tests' business
        kept = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
        return {**kept, "PYTHONPATH": str(ROOT)}

    def run(self, *arguments: str) -> Result:
        done = subprocess.run(
            self.command(*arguments), cwd=self.folder, env=self.environment, capture_output=True,
            text=True, timeout=60, check=False,
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        return Result(done.returncode, done.stdout, done.stderr)
