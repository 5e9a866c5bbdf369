"""Bytes as they were before gzip, deflate, Brotli or Zstandard, with a limit on their size."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import brotli  # type: ignore[import-untyped]
import zstandard

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_DECODED_BYTES = 16 * 1024 * 1024
_STEP_BYTES = 256
"""Small, because these decoders offer no limit on output: a bomb grows by one step's worth."""


class TooLargeError(ValueError):
    """The body grows past the limit."""


def decode_content(body: bytes, content_encoding: str) -> tuple[bytes, str]:
    """Return the body decoded, and what was wrong with it or an empty string.

    With a problem the bytes are returned as far as they could be decoded in whole steps.
    """
    names = [name.strip().lower() for name in content_encoding.split(",") if name.strip()]
    for name in reversed(names):
        decode = _DECODERS.get(name)
        if name == "identity" or not body:
            continue
        if decode is None:
            return body, f"unknown content-encoding {name[:40]!r}"
        try:
            body = decode(body)
        except TooLargeError:
            return body, f"larger than {MAX_DECODED_BYTES} bytes when decoded"
        except (zlib.error, brotli.error, zstandard.ZstdError, EOFError, ValueError):
            return body, f"not valid {name}"
    return body, ""


def _gzip(body: bytes) -> bytes:
    return _inflate(body, 16 + zlib.MAX_WBITS)


def _deflate(body: bytes) -> bytes:
    try:
        return _inflate(body, zlib.MAX_WBITS)
    except zlib.error:
        return _inflate(body, -zlib.MAX_WBITS)


def _inflate(body: bytes, window: int) -> bytes:
    whole = b""
    while body:
        decoder = zlib.decompressobj(window)
        whole += decoder.decompress(body, MAX_DECODED_BYTES + 1 - len(whole))
        if len(whole) > MAX_DECODED_BYTES:
            raise TooLargeError
        if not decoder.eof:
            raise EOFError
        body = decoder.unused_data
    return whole


def _brotli(body: bytes) -> bytes:
    decoder = brotli.Decompressor()
    whole = _in_steps(body, decoder.process)
    if not decoder.is_finished():
        raise EOFError
    return whole


def _zstd(body: bytes) -> bytes:
    decoder = zstandard.ZstdDecompressor().decompressobj()
    whole = _in_steps(body, decoder.decompress)
    if not decoder.eof:
        raise EOFError
    return whole


def _in_steps(body: bytes, decode: Callable[[bytes], bytes]) -> bytes:
    whole = bytearray()
    for start in range(0, len(body), _STEP_BYTES):
        whole += decode(body[start : start + _STEP_BYTES])
        if len(whole) > MAX_DECODED_BYTES:
            raise TooLargeError
    return bytes(whole)


_DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
