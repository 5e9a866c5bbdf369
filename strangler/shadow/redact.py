"""A verdict without credentials and personal data, in which equal values are still equal.

Each value becomes `[redacted XXXXXXXXXX]`, a keyed hash: two sides that sent the same token show
the same placeholder, and without the store's key nobody can test a guess. A value that is
sensitive by name in one place (a header, a member, a form field) is replaced wherever else in the
pair it turns up. Bodies come out decoded; what is no text comes out as its size.
"""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import html
import json
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, quote_plus, unquote

from strangler.shadow import sensitive
from strangler.shadow.bodies import media_type, read_body
from strangler.shadow.bodies.content_encoding import decode_content
from strangler.shadow.bodies.html_body import CSRF_ATTRIBUTE, Element
from strangler.shadow.bodies.json_body import dump_json
from strangler.shadow.observation import Difference, Ignored, Observation, Side, header

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from strangler.shadow.observation import Exchange, Headers, Pair, Verdict

MIN_SOUGHT_CHARS = 6
"""Shorter values are hidden where their name tells, but not sought elsewhere in the pair."""
DROPPED_HEADERS = frozenset(("content-encoding", "content-length", "transfer-encoding"))
COOKIES = frozenset(("cookie", "set-cookie"))
_PATH_NAME = re.compile(r'[^.\[\]"@]+')
_MULTIPART_FIELD = re.compile(
    r'(?P<head>name="(?P<name>[^"]{1,80})"[^\r\n]*\r?\n(?:[^\r\n]+\r?\n)*\r?\n)'
    r"(?P<value>.*?)(?=\r?\n--)", re.DOTALL,
)  # fmt: skip


class Redactor:
    """Redacts the verdicts of one store. Safe for threads.

    `key` is the store's own, 32 random bytes; `names` are further names to hide, in lower case.
    """

    def __init__(self, key: bytes, names: frozenset[str] = frozenset()) -> None:
        self._key = key
        self._names = names

    def placeholder(self, value: str) -> str:
        """Return what stands for a value."""
        digest = hmac.new(self._key, value.encode(errors="surrogatepass"), hashlib.sha256)
        return f"[redacted {digest.hexdigest()[:10]}]"

    def redact(self, verdict: Verdict) -> Verdict:
        """Return the verdict as it may be stored and shown."""
        one = _OnePair(self.placeholder, self._names, verdict.pair)
        pair = dataclasses.replace(
            verdict.pair,
            exchange=one.exchange(verdict.pair.exchange),
            control=one.observation(verdict.pair.control),
            candidate=one.observation(verdict.pair.candidate),
            control_again=None,
        )
        return dataclasses.replace(
            verdict,
            pair=pair,
            differences=tuple(one.difference(found) for found in verdict.differences),
            ignored=tuple(
                Ignored(one.difference(item.difference), item.reason) for item in verdict.ignored
            ),
            control_noise=None,
        )

    def exchange(self, exchange: Exchange) -> Exchange:
        """Return a request alone as it may be stored."""
        return _OnePair(self.placeholder, self._names, None, exchange).exchange(exchange)


class _OnePair:
    """What is hidden in one pair: the values found sensitive by name, sought everywhere."""

    def __init__(
        self,
        placeholder: Callable[[str], str],
        names: frozenset[str],
        pair: Pair | None,
        exchange: Exchange | None = None,
    ) -> None:
        self._placeholder = placeholder
        self._names = names
        request = pair.exchange if pair else exchange
        messages = [_as_observation(request)] if request else []
        if pair:
            messages += [pair.control, pair.candidate]
        values = {value for message in messages for value in self._named_values(message)}
        if request:
            query = request.target.partition("?")[2]
            values |= {v for k, v in parse_qsl(query) if self._hides(k)}
        written = {form: value for value in values for form in _written(value)}
        self._sought = {form: placeholder(value) for form, value in written.items()}
        longest_first = sorted(self._sought, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")

    def exchange(self, exchange: Exchange) -> Exchange:
        path, mark, query = exchange.target.partition("?")
        return dataclasses.replace(
            exchange,
            target=self._path(path) + mark + self._query(query),
            headers=self._headers(exchange.headers),
            body=self._body(_as_observation(exchange)),
            request_id=self._text(exchange.request_id),
        )

    def observation(self, observation: Observation) -> Observation:
        return dataclasses.replace(
            observation,
            headers=self._headers(observation.headers),
            body=self._body(observation),
            error=self._text(observation.error) if observation.error else None,
        )

    def difference(self, difference: Difference) -> Difference:
        hides = any(self._hides(name) for name in _PATH_NAME.findall(difference.path))
        hides = hides and not difference.path.startswith("header.")
        return Difference(
            self._text(difference.path),
            difference.kind,
            self._value(difference.control, hides=hides),
            self._value(difference.candidate, hides=hides),
        )

    def _hides(self, name: str) -> bool:
        return sensitive.is_sensitive_name(name, self._names)

    def _named_values(self, message: Observation) -> Iterator[str]:
        for name, value in message.headers:
            if name.lower() in COOKIES:
                pairs = value.split(";") if name.lower() == "cookie" else [value.split(";")[0]]
                yield from (pair.partition("=")[2].strip().strip('"') for pair in pairs)
            elif sensitive.is_sensitive_header(name):
                yield value
                yield value.partition(" ")[2]
        body = read_body(message)
        if body.form == "json":
            yield from self._members(body.content, hides=False)
        elif isinstance(body.content, Element):
            yield from self._fields(body.content)
        elif isinstance(body.content, list):
            text = "\n".join(map(str, body.content))
            if media_type(header(message.headers, "content-type")).endswith("urlencoded"):
                yield from (value for name, value in parse_qsl(text) if self._hides(name))

    def _members(self, value: object, *, hides: bool) -> Iterator[str]:
        if isinstance(value, dict):
            for name, inner in value.items():
                yield from self._members(inner, hides=hides or self._hides(name))
        elif isinstance(value, list):
            for inner in value:
                yield from self._members(inner, hides=hides)
        elif hides and isinstance(value, str):
            yield value

    def _fields(self, element: Element) -> Iterator[str]:
        attributes = dict(element.attributes)
        yield attributes.get(CSRF_ATTRIBUTE, "")
        if self._hides(attributes.get("name", "")) or attributes.get("type") == "password":
            yield attributes.get("value", "")
            yield attributes.get("content", "")
        for child in element.children:
            if isinstance(child, Element):
                yield from self._fields(child)

    def _headers(self, headers: Headers) -> Headers:
        return tuple(
            (self._text(name), self._header(name.lower(), value))
            for name, value in headers
            if name.lower() not in DROPPED_HEADERS
        )

    def _header(self, name: str, value: str) -> str:
        if name in COOKIES:
            first, *rest = value.split(";")
            if name == "cookie":
                return "; ".join(self._cookie(pair) for pair in value.split(";"))
            return ";".join([self._cookie(first), *(self._text(part) for part in rest)])
        if not sensitive.is_sensitive_header(name):
            return self._text(value)
        scheme, space, credentials = value.partition(" ")
        if space and scheme.isalpha():
            return f"{scheme} {self._placeholder(credentials)}"
        return self._placeholder(value)

    def _cookie(self, pair: str) -> str:
        name, equals, value = pair.strip().partition("=")
        if not equals:
            return self._placeholder(name) if name else ""
        return f"{self._text(name)}={self._placeholder(value.strip(chr(34)))}"

    def _body(self, message: Observation) -> bytes:
        body = read_body(message)
        if body.form == "empty":
            return b""
        if body.form == "json":
            return dump_json(self._value(body.content, hides=False)).encode(errors="replace")
        if body.form == "binary":
            return f"[{str(body.content).partition(',')[0]}]".encode()
        raw, _ = decode_content(message.body, header(message.headers, "content-encoding"))
        text = raw.decode(errors="replace")
        kind = media_type(header(message.headers, "content-type"))
        if kind == "application/x-www-form-urlencoded":
            return self._query(text).encode(errors="replace")
        if kind.startswith("multipart/"):
            text = _MULTIPART_FIELD.sub(self._field, text)
        return self._text(text).encode(errors="replace")

    def _field(self, found: re.Match[str]) -> str:
        value = found["value"]
        return found["head"] + (self._placeholder(value) if self._hides(found["name"]) else value)

    def _path(self, path: str) -> str:
        plain = unquote(path)
        cleaned = self._text(plain)
        return quote(cleaned, safe="/[]:@!$&'()*+,;=") if cleaned != plain else path

    def _query(self, query: str) -> str:
        pieces = []
        for piece in query.split("&"):
            name, equals, value = piece.partition("=")
            plain = unquote(value.replace("+", " "))
            if plain and self._hides(unquote(name)):
                value = quote(self._placeholder(plain), safe="[]")
            elif (cleaned := self._text(plain)) != plain:
                value = quote(cleaned, safe="[]")
            pieces.append(self._path(name) + equals + value)
        return "&".join(pieces)

    def _value(self, value: object, *, hides: bool) -> object:
        if isinstance(value, dict):
            return {
                self._text(str(name)): self._value(inner, hides=hides or self._hides(str(name)))
                for name, inner in value.items()
            }
        if isinstance(value, list):
            return [self._value(inner, hides=hides) for inner in value]
        if value is None or isinstance(value, bool):
            return value
        if hides:
            return self._placeholder(str(value))
        if isinstance(value, str):
            return self._text(value)
        hidden = self._text(str(value))
        return value if hidden == str(value) else hidden

    def _text(self, text: str) -> str:
        text = self._pattern.sub(lambda found: self._sought[found[0]], text)
        text = sensitive.ASSIGNMENT.sub(self._assignment, text)
        for pattern in (sensitive.JWT, sensitive.BEARER, sensitive.EMAIL):
            text = pattern.sub(lambda found: self._placeholder(unquote(found[0])), text)
        return sensitive.CARD.sub(
            lambda found: (
                self._placeholder(found[0]) if sensitive.is_card_number(found[0]) else found[0]
            ),
            text,
        )

    def _assignment(self, found: re.Match[str]) -> str:
        value = found["value"]
        if not self._hides(found["name"]) or value in ("null", "true", "false"):
            return found[0]
        mark = value[0] if value[0] in "\"'" else ""
        inner = value.strip(mark) if mark else value
        if inner.startswith("[redacted "):
            return found[0]
        return f"{found['head']}{mark}{self._placeholder(inner)}{mark}"


def _written(value: str) -> set[str]:
    """Return the ways a value may be written in text, or nothing for a short one."""
    if len(value) < MIN_SOUGHT_CHARS or value.isspace():
        return set()
    in_json = json.dumps(value)[1:-1]
    return {
        value, quote(value), quote(value, safe=""), quote_plus(value), html.escape(value), in_json
    }  # fmt: skip


def _as_observation(exchange: Exchange) -> Observation:
    return Observation(Side.CONTROL, 0, exchange.headers, exchange.body, 0.0)
