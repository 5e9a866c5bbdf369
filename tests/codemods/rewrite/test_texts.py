"""Bytes that nobody changed stay as they are, whatever they are."""

import codecs

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from codemods.crossings.reader import decode
from codemods.rewrite.texts import restore


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"x = 1",
        b"x = 1\r\ny = 2\r\n",
        codecs.BOM_UTF8 + b"x = 1\r\n",
        b"# coding: latin-1\nx = '\xe9'\n",
        b"a\r\nb\nc\rd",
        b"x = 1\n\x0c\ndef f():\n\treturn 2",
    ],
)
def test_a_file_that_nobody_changed_keeps_its_bytes(raw):
    assert restore(raw, decode(raw), decode(raw)) == raw


def test_only_the_changed_line_is_written_anew():
    raw = codecs.BOM_UTF8 + b"a = 1\r\nb = 2\r\nc = '\xc3\xa9'\x0c\n\td"
    after = decode(raw).replace("b = 2", "b = 3\nmore = 4")
    assert restore(raw, decode(raw), after) == raw.replace(b"b = 2", b"b = 3\r\nmore = 4")


def test_a_new_line_takes_the_encoding_of_its_file():
    raw = b"# -*- coding: latin-1 -*-\nx = '\xe9'\n"
    after = decode(raw) + "y = 'ü'\n"
    assert restore(raw, decode(raw), after) == raw + b"y = '\xfc'\n"
    with pytest.raises(UnicodeEncodeError):
        restore(raw, decode(raw), decode(raw) + "y = '€'\n")


def test_a_new_file_is_written_with_line_feeds():
    assert restore(b"", "", "a\nb\n") == b"a\nb\n"


LINES = st.lists(st.sampled_from(["a", "b", "é", "\x0c", "\tx", ""]), max_size=12)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


@example(["a", "b", ""], ["\r", "\n", "\n", *["\n"] * 9], ["a", ""])
@example(["a"], ["\r"] + ["\n"] * 11, ["a", "", ""])
@given(LINES, st.lists(ENDS, min_size=12, max_size=12), LINES)
def test_the_text_is_what_was_asked_for(lines, ends, wanted):
    raw = "".join(line + end for line, end in zip(lines, ends, strict=False)).encode()
    after = "".join(f"{line}\n" for line in wanted)
    assert decode(restore(raw, decode(raw), after)) == after
