"""What counts as a credential or personal data: by the name it goes by, or by its look."""

from __future__ import annotations

import re
from functools import lru_cache

HEADERS = frozenset(
    (
        "authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key",
        "x-csrftoken", "x-csrf-token", "x-xsrf-token", "x-auth-token", "x-access-token",
        "x-forwarded-for", "x-real-ip", "forwarded", "x-envoy-external-address", "true-client-ip",
        "cf-connecting-ip", "x-amz-security-token", "x-forwarded-client-cert", "idempotency-key",
    )
)  # fmt: skip
STEMS = (
    "password", "passwd", "passphrase", "secret", "token", "apikey", "csrf", "xsrf", "email",
    "phone", "session", "credential", "creditcard", "cardnumber", "authorization", "signature",
    "firstname", "lastname", "fullname", "birth", "iban",
)  # fmt: skip
WORDS = frozenset(
    ("pwd", "pass", "auth", "card", "pan", "cvc", "cvv", "mobile", "ssn", "mail", "otp", "pin",
     "street", "postcode", "zip", "jwt", "bearer")
)  # fmt: skip
EMAIL = re.compile(r"[\w.+-]{1,64}(?:@|%40)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")
JWT = re.compile(r"\beyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*")
BEARER = re.compile(r"(?<=bearer )[\w.~+/=-]{8,}|(?<=token )[\w.~+/=-]{16,}", re.IGNORECASE)
CARD = re.compile(r"(?<![\d.-])\d(?:[ -]?\d){12,18}(?![\d.-])")
ASSIGNMENT = re.compile(
    r"""(?P<head>["']?(?P<name>[A-Za-z][\w.-]{1,40})["']?\s*[:=]\s*)"""
    r"""(?P<value>"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|[^\s,;&"'<>{}\[\]]+)"""
)
"""A name and its value in text that no parser read: a query, a script, JSON cut off."""

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


@lru_cache(maxsize=8192)
def is_sensitive_name(name: str, more: frozenset[str] = frozenset()) -> bool:
    """Whether a member, parameter or form field of this name holds something to hide.

    `more` are further names, compared in lower case.
    """
    squeezed = re.sub(r"[^a-z0-9]", "", name.lower())
    if name.lower() in more or any(stem in squeezed for stem in STEMS):
        return True
    return any(word.lower() in WORDS for word in _WORD.findall(name))


def is_sensitive_header(name: str) -> bool:
    """Whether a header's value is hidden as a whole."""
    name = name.lower()
    return name in HEADERS or any(stem in name for stem in ("token", "secret", "session", "auth"))


def is_card_number(text: str) -> bool:
    """Whether digits satisfy the check of ISO/IEC 7812 (Luhn)."""
    digits = [int(char) for char in text if char.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
