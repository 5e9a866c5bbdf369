"""Puts the one error shape into the generated schema, as every operation's default answer."""

from typing import Any

ERROR_SCHEMA = {
    "type": "object",
    "description": "The one shape of every error.",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string", "description": "For programs; stable."},
                "message": {"type": "string", "description": "For people; may change."},
                "fields": {"type": "object", "description": "Messages by name of the input."},
            },
        }
    },
}
ERROR_RESPONSE = {
    "description": "The request was not carried out.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
}


def add_error_responses(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Return the schema with the component `Error` and a default response that uses it."""
    result["components"].setdefault("schemas", {})["Error"] = ERROR_SCHEMA
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"].setdefault("default", ERROR_RESPONSE)
    return result
