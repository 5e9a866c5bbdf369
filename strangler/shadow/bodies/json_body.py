"""JSON with exact numbers: `1.10` stays 1.10, and what is no JSON is said to be none."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import NoReturn

MAX_DEPTH = 100


def parse_json(raw: bytes) -> tuple[object, str]:
    """Return the document, and what was wrong or an empty string.

    Numbers become int or Decimal. NaN and Infinity, which are no JSON, make it invalid; so does a
    nesting deeper than 100.
    """
    try:
        document = json.loads(raw, parse_float=Decimal, parse_constant=_refuse)
    except RecursionError:
        return None, "JSON nested too deeply"
    except (ValueError, ArithmeticError) as error:
        return None, f"invalid JSON ({str(error)[:80]})"
    if _is_deeper_than(document, MAX_DEPTH):
        return None, "JSON nested too deeply"
    return document, ""


def dump_json(value: object, indent: int | None = None) -> str:
    """Return JSON text that keeps decimals as they were written."""
    text = json.dumps(value, default=_marked, ensure_ascii=False, indent=indent)
    return re.sub(r'"\\u0000#([^"]*)#"', r"\1", text)


def json_type(value: object) -> str:
    """Return the JSON name of a value's type."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, int | float | Decimal):
        return "number"
    return "object" if isinstance(value, dict) else "array"


def _refuse(constant: str) -> NoReturn:
    message = f"{constant} is no JSON value"
    raise ValueError(message)


def _is_deeper_than(document: object, limit: int) -> bool:
    level = [document]
    for _ in range(limit):
        level = [
            inner
            for value in level
            if isinstance(value, dict | list)
            for inner in (value.values() if isinstance(value, dict) else value)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def _marked(value: object) -> str:
    return f"\x00#{value}#" if isinstance(value, Decimal) else str(value)
