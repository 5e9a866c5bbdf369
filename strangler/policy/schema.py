"""The JSON Schema of strangler.toml, made from the models that check it.

`strangler/policy/strangler.schema.json` holds it for editors; `make schema` writes it. A policy
file points at it with its first line, `#:schema PATH`, which Taplo and the editors built on it
read: https://taplo.tamasfe.dev/configuration/directives.html#the-schema-directive
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from strangler.policy.document import PolicyDocument

SCHEMA_PATH = Path(__file__).with_name("strangler.schema.json")


def policy_schema() -> dict[str, Any]:
    """Return the schema (draft 2020-12) of a whole policy file."""
    schema = PolicyDocument.model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "strangler.toml",
        "description": "The route policy of Strangler.",
        **_for_editors({k: v for k, v in schema.items() if k != "description"}),
    }


def _for_editors(node: Any) -> Any:
    """Drop what editors get wrong or show needlessly, and close tables whose keys are names.

    Validators that divide floats refuse 0.07 as a multiple of 0.01, so that limit stays with us.
    Only keywords of schemas are meant, not properties that are called like them.
    """
    if isinstance(node, list):
        return [_for_editors(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept: dict[str, Any] = {}
    for key, value in node.items():
        if key in {"properties", "$defs"}:
            kept[key] = {name: _for_editors(inner) for name, inner in value.items()}
        elif key in {"default", "enum", "const"}:
            kept[key] = value
        elif key not in {"title", "multipleOf"}:
            kept[key] = _for_editors(value)
    if "patternProperties" in kept:
        kept["additionalProperties"] = False
    return kept
