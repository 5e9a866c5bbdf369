"""How every operation of every service fails: one body, one set of codes by status.

Each code is one that `strangler.client` gives; docs/contracts.md says what callers do about it.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
STATUSES = {
    "400": "Refused",
    "401": "Unauthorized",
    "404": "Missing",
    "409": "Conflict",
    "422": "TooMany",
    "default": "Failed",
}
_MEANINGS = {
    "Refused": "An argument that the owner cannot use.",
    "Unauthorized": "The token is missing or wrong.",
    "Missing": "There is no such row.",
    "Conflict": "There are several such rows, a constraint forbids the change, or the owner refuses"
    " by an error of its own, which `raised` names.",
    "TooMany": "More rows are found than the owner gives at once; none are given.",
    "Failed": "Anything else that went wrong; the code says what.",
}
_CODES = {
    "Refused": (
        "data_error", "invalid_argument", "overflow_error", "validation_error",
    ),
    "Unauthorized": ("forged_identity", "unauthorized"),
    "Missing": ("does_not_exist",),
    "Conflict": (
        "in_progress", "integrity_error", "multiple_objects_returned", "not_repeated", "raised",
        "taken_back",
    ),
    "TooMany": ("too_many_ids", "too_many_rows"),
    "Failed": (
        "deadline_exceeded", "dependency_failed", "forbidden", "internal_error", "key_reused",
        "method_not_allowed", "permission_denied", "too_large", "unknown_operation",
    ),
}  # fmt: skip
SCHEMA: Json = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
        }
    },
}


def components() -> Json:
    """Return the responses that operations refer to, by the names in STATUSES."""
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    return {
        name: {"description": meaning, "content": content, "x-codes": list(_CODES[name])}
        for name, meaning in _MEANINGS.items()
    }
