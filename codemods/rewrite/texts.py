"""Bytes of a file, and its text: lines that nobody changed keep their bytes.

Trees and positions are of the text with line endings normalised, without its byte order mark, as
`crossings.reader.decode` gives it. What comes back from a rewrite is compared line by line with
that text; each line that stands in both is taken over from the bytes, with its own ending, and the
others get the file's encoding and the line ending around them.
"""

from __future__ import annotations

import codecs
import io
import re
import tokenize
from difflib import SequenceMatcher

LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")


def restore(raw: bytes, before: str, after: str) -> bytes:
    r"""Return the bytes of a rewritten file.

    Args:
        raw: the file as it is on disk; empty for one that is not there yet.
        before: its text as `decode` gives it.
        after: its text rewritten, with "\n" line endings.

    Raises:
        UnicodeEncodeError: a new line has a character that the file's own encoding lacks.
    """
    if before == after:
        return raw
    encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
    mark = codecs.BOM_UTF8 if raw.startswith(codecs.BOM_UTF8) else b""
    encoding = "utf-8" if encoding == "utf-8-sig" else encoding
    kept = _lines(raw[len(mark) :])
    old, new = _split(before), _split(after)
    if len(kept) != len(old):  # an encoding whose line ends are not those of ASCII
        return mark + after.encode(encoding)
    out: list[bytes] = [mark]
    for tag, start, end, new_start, new_end in _blocks(old, new):
        if tag == "equal":
            out += kept[start:end]
        else:
            ending = _ending(kept, start)
            out += [_encoded(line, encoding, ending) for line in new[new_start:new_end]]
    return _joined(out)


def _joined(lines: list[bytes]) -> bytes:
    """Join lines; a carriage return and a line feed of two of them are not to become one end."""
    out = bytearray()
    for line in lines:
        if line.startswith(b"\n") and out.endswith(b"\r"):
            out += b"\r"
        out += line
    return bytes(out)


def _blocks(old: list[str], new: list[str]) -> list[tuple[str, int, int, int, int]]:
    """Return what is equal and what not; equal heads and tails are found without searching."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    inner = SequenceMatcher(
        None, old[head : len(old) - tail], new[head : len(new) - tail], autojunk=False
    )
    found = [("equal", 0, head, 0, head)]
    found += [
        (tag, i + head, j + head, k + head, m + head) for tag, i, j, k, m in inner.get_opcodes()
    ]
    found.append(("equal", len(old) - tail, len(old), len(new) - tail, len(new)))
    return found


def _lines(raw: bytes) -> list[bytes]:
    return LINE.findall(raw)


def _split(text: str) -> list[str]:
    """Split at line feeds only: form feeds and other separators belong to a line."""
    lines = [line + "\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _ending(kept: list[bytes], index: int) -> bytes:
    r"""Return the line ending used just before a place, or after it; "\n" when there is none."""
    for line in (*kept[max(0, index - 1) : index + 1], *kept[:1]):
        stripped = line.rstrip(b"\r\n")
        if len(stripped) < len(line):
            return line[len(stripped) :]
    return b"\n"


def _encoded(line: str, encoding: str, ending: bytes) -> bytes:
    if line.endswith("\n"):
        return line[:-1].encode(encoding) + ending
    return line.encode(encoding)
