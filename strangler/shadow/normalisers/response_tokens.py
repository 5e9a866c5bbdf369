"""Tokens made anew for each page: Django's CSRF token in forms and meta tags, CSP nonces.

https://docs.djangoproject.com/en/5.2/ref/csrf/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.shadow.bodies.html_body import CSRF_ATTRIBUTE

if TYPE_CHECKING:
    from strangler.shadow.observation import Difference
    from strangler.shadow.rules import Rules


def excuses(difference: Difference, rules: Rules) -> bool:  # noqa: ARG001
    """Whether both pages carry such a token at the same place."""
    is_token = difference.path.endswith((f".@{CSRF_ATTRIBUTE}", ".@nonce"))
    return is_token and difference.kind == "value"
