"""Path templates: what a route's `path` may say, and how specific it is.

`/api/products/{id}/` matches one non-empty segment for `{id}`; `/static/{rest...}` matches
everything below `/static/`, the empty rest included. Nothing else is special, and the trailing
slash counts, as it does in Django.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LITERAL, PARAMETER, REST = 0, 1, 2

_SEGMENT = re.compile(r"\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<rest>\.\.\.)?\}")
_LITERAL = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@%]*")


@dataclass(frozen=True, slots=True)
class Segment:
    """One piece between slashes. `text` is the literal text, or the parameter's name."""

    kind: int
    text: str


@dataclass(frozen=True, slots=True)
class PathTemplate:
    """A parsed path template; `segments` are the pieces after the leading slash."""

    source: str
    segments: tuple[Segment, ...]

    @property
    def shape(self) -> tuple[tuple[int, str], ...]:
        """What the template matches: equal shapes match exactly the same paths."""
        return tuple((s.kind, s.text if s.kind == LITERAL else "") for s in self.segments)

    @property
    def specificity(self) -> tuple[tuple[int, str], ...]:
        """A sort key that puts the template to be tried first, first.

        Compared segment by segment from the left: a literal before a parameter before a rest.
        """
        return self.shape

    @property
    def regex(self) -> str:
        """An RE2 and Python pattern for the whole path, without query."""
        pieces = []
        for segment in self.segments:
            if segment.kind == LITERAL:
                pieces.append("/" + re.escape(segment.text))
            else:
                pieces.append("/[^/]+" if segment.kind == PARAMETER else "/.*")
        return "".join(pieces)

    @property
    def literal_prefix(self) -> str:
        """The longest text that every matching path starts with."""
        prefix = ""
        for segment in self.segments:
            prefix += "/"
            if segment.kind != LITERAL:
                break
            prefix += segment.text
        return prefix

    @property
    def is_literal(self) -> bool:
        """Whether exactly one path matches."""
        return all(segment.kind == LITERAL for segment in self.segments)


def parse_template(source: str) -> PathTemplate:
    """Parse a path template.

    Raises:
        ValueError: with a sentence that names what is wrong and what is allowed.
    """
    if not source.startswith("/"):
        raise ValueError(f"a path starts with a slash, {source!r} does not; write {'/' + source!r}")
    segments: list[Segment] = []
    names: set[str] = set()
    pieces = source[1:].split("/")
    for position, piece in enumerate(pieces):
        last = position == len(pieces) - 1
        segment = _parse_segment(piece, source, last=last)
        if segment.kind != LITERAL:
            if segment.text in names:
                raise ValueError(f"the parameter {{{segment.text}}} stands twice in {source!r}")
            names.add(segment.text)
        segments.append(segment)
    return PathTemplate(source, tuple(segments))


def _parse_segment(piece: str, source: str, *, last: bool) -> Segment:
    parameter = _SEGMENT.fullmatch(piece)
    if parameter:
        if not parameter["rest"]:
            return Segment(PARAMETER, parameter["name"])
        if not last:
            raise ValueError(f"{piece} matches all the rest, so it must end the path {source!r}")
        return Segment(REST, parameter["name"])
    if not piece and not last:
        raise ValueError(f"{source!r} has an empty segment; the proxy merges repeated slashes")
    if piece in {".", ".."}:
        raise ValueError(f"{source!r} has a dot segment; the proxy resolves those before matching")
    if not _LITERAL.fullmatch(piece):
        raise ValueError(
            f"the segment {piece!r} of {source!r} is neither plain text nor a parameter; "
            "write {name} for one whole segment or {name...} for all the rest"
        )
    return Segment(LITERAL, piece)
