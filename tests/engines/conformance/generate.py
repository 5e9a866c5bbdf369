"""Requests as real clients, broken clients and attackers send them, from a seed.

Seeded `random` instead of hypothesis: a disagreement is one request, small by itself, and
thousands must go through a real proxy in seconds.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from strangler.policy import Request

if TYPE_CHECKING:
    from collections.abc import Iterator

METHODS = ("GET",) * 10 + ("POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "PROPFIND")

PLAIN_PIECES = ("api", "products", "orders", "42", "cart", "static", "css", "v1", "a.b", "x-y_z~")
ODD_PIECES = (
    "", ".", "..", "...", "%2e", "%2E%2e", ".%2e", "%41", "%7E", "%7e", "%2F", "%5c", "%5C",
    "%zz", "%", "%4", "%00", "%20", "%25", "%252f", "%c3%a9", "%C3%A9", "é", "日本", "a;b", ";",
    "a;v=1", "..;", ";..", "a,b", "a=b", "a&b", "a+b", "$x", "!", "*", "'", "(a)", "@", ":",
    "a:b", "|", "^", "`", "{id}", "[1]", "\\", "a\\b", "\\..", "..\\", "<x>", '"q"', "%3f", "%3F",
    "%23", "%2b", "~", "-", "_", "a..", "..a", ".a", "a.", "%70roducts", "Products", "x" * 300,
)  # fmt: skip
TEMPLATED = (
    "/", "/api/products/", "/api/products", "/api/products/42/", "/api/products/42",
    "/api/products/42/reviews/", "/api/products/new/", "/api/products/42/reviews/7/",
    "/api/orders/", "/api/orders/9/", "/api/orders/9/lines/", "/static/app.css", "/static/",
    "/static/a/b/c.js", "/cart/", "/cart/items/1/", "/legacy/report/", "/files/a.b-c/x",
    "/about%20us/", "/api/v1/things", "/switch/", "/switch/5/", "/who/", "/exact",
)  # fmt: skip
QUERIES = ("", "", "", "?", "?a=1", "?next=/x/../y", "?a=%2F%zz", "?q=a?b", "?x=//y", "?é=1")
TEXTS = ("alice", "bob", "u-17", "x", "é", "a b", 'say"hi', "a,b", "0", "=", "v==", "%20")


@dataclass(frozen=True, slots=True)
class RawRequest:
    """One request as bytes, and as `decide` is to read it."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]

    @property
    def raw(self) -> bytes:
        lines = [f"{self.method} {self.target} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape")

    def as_decided(self, fresh_id: str) -> Request:
        headers = tuple((name.lower(), value.strip(" \t")) for name, value in self.headers)
        return Request(self.method, self.target, headers, "127.0.0.1", fresh_id)


def requests(seed: int, count: int, *, steering: tuple[str, ...]) -> Iterator[RawRequest]:
    """Yield `count` requests; `steering` are header names and `cookie:NAME`s the policy heeds."""
    dice = random.Random(seed)
    for _ in range(count):
        method, target = dice.choice(METHODS), _path(dice) + dice.choice(QUERIES)
        if target.startswith("*"):
            target = "*"  # more after it is no request target: some parsers hang up by themselves
        yield RawRequest(method, target, _headers(dice, steering))


def _path(dice: random.Random) -> str:
    kind = dice.random()
    if kind < 0.45:
        return dice.choice(TEMPLATED)
    if kind < 0.7:
        return _bent(dice, dice.choice(TEMPLATED))
    pieces = [
        dice.choice(PLAIN_PIECES if dice.random() < 0.6 else ODD_PIECES)
        for _ in range(dice.randint(0, 5))
    ]
    return "/" + "/".join(pieces) + dice.choice(("", "", "/", "//"))


def _bent(dice: random.Random, path: str) -> str:
    """Return `path` with one thing odd about it that may or may not change its meaning."""
    at = dice.randrange(len(path))
    return dice.choice(
        (
            path[:at] + "/" + path[at:],
            path[:at] + f"%{ord(path[at]):02{dice.choice('xX')}}" + path[at + 1 :],
            path[:at] + dice.choice(ODD_PIECES) + path[at:],
            path.replace("/", "/./", 1),
            path.replace("/", "/zz/../", 1),
            path + "/..",
            path + dice.choice((".", "..", "/.", ";", ";a=1", "%20", "\\", "#top")),
            path.swapcase(),
            path + "x" * dice.randint(1, 2000),
        )
    )


def _headers(dice: random.Random, steering: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    headers = [("Host", dice.choice(("shop.example", "127.0.0.1:8080", "SHOP.example:80")))]
    for name in steering:
        while dice.random() < 0.4:
            if name.startswith("cookie:"):
                headers.append(("Cookie", _cookies(dice, name.removeprefix("cookie:"))))
            else:
                headers.append((_cased(dice, name), dice.choice(("", *VALUES, *TEXTS))))
    if dice.random() < 0.15:
        headers.append(("X-Forwarded-For", dice.choice(("", "10.0.0.1", "1.2.3.4, 127.0.0.1"))))
    if dice.random() < 0.1:
        headers.append((_cased(dice, "X-Internal-User"), "7"))
    if dice.random() < 0.1:
        headers.append(("X-Forwarded-Host", "evil.example"))
        headers.append(("X-Strangler-Identity", "forged"))
    if dice.random() < 0.02:
        headers.append(("X_Under_Score", "1"))
    dice.shuffle(headers)
    return tuple(headers)


VALUES = ("candidate", "control", "next", "current", "beta")


def _cased(dice: random.Random, name: str) -> str:
    return dice.choice((name, name.lower(), name.upper(), name.title()))


def _cookies(dice: random.Random, name: str) -> str:
    """Return a Cookie header that holds `name` in one of the ways it is got wrong."""
    value = dice.choice((*VALUES, *TEXTS, ""))
    pair = dice.choice(
        (
            f"{name}={value}", f'{name}="{value}"', f"{name}=", f"{name}", f"{name} ={value}",
            f"{name}= {value}", f"{name}={value};", f'{name}="', f'{name}=""', f"x{name}={value}",
            f"{name.upper()}={value}", f"{name}={value}; {name}=other", f"; {name}={value}",
            f"{name}=;{name}={value}", f'{name}="{value}', f"={name}={value}",
            f"{name}=\t{value}", f"{name}={value} ", f";;{name}={value};;",
        )
    )  # fmt: skip
    return dice.choice(
        (pair, f"a=1; {pair}", f"{pair}; z=2", f"a=1;{pair};b", f"{name}x=1; {pair}")
    )
