"""Two pages compared element by element: tags, attributes, texts. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.shadow.align import align_by_content
from strangler.shadow.bodies.html_body import Element
from strangler.shadow.observation import Difference

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_SHOWN_CHARS = 400


def compare_elements(path: str, control: Element, candidate: Element) -> Iterator[Difference]:
    """Yield the differences between two elements; a child is named by its tag and place."""
    if control == candidate:
        return
    if control.tag != candidate.tag:
        yield Difference(path, "type", f"<{control.tag}>", f"<{candidate.tag}>")
        return
    left, right = dict(control.attributes), dict(candidate.attributes)
    for name in sorted({*left, *right}):
        here = f"{path}.@{name}"
        if name not in right:
            yield Difference(here, "missing", left[name], None)
        elif name not in left:
            yield Difference(here, "extra", None, right[name])
        elif left[name] != right[name]:
            yield Difference(here, "value", left[name], right[name])
    yield from _children(path, control.children, candidate.children)


def _children(
    path: str, control: tuple[Element | str, ...], candidate: tuple[Element | str, ...]
) -> Iterator[Difference]:
    for a, b in align_by_content(control, candidate):
        left = control[a] if a is not None else None
        right = candidate[b] if b is not None else None
        if left == right:
            continue
        here = f"{path}.{_label(control, a) if a is not None else _label(candidate, b or 0)}"
        if isinstance(left, Element) and isinstance(right, Element):
            yield from compare_elements(here, left, right)
        elif left is None:
            yield Difference(here, "extra", None, _shown(right))
        elif right is None:
            yield Difference(here, "missing", _shown(left), None)
        elif isinstance(left, str) and isinstance(right, str):
            yield Difference(here, "value", left, right)
        else:
            yield Difference(here, "type", _shown(left), _shown(right))


def _label(children: tuple[Element | str, ...], position: int) -> str:
    """Name a child by its tag, with its place among its like: `p[2]`, `text[0]`."""
    kinds = [child.tag if isinstance(child, Element) else "text" for child in children]
    return f"{kinds[position]}[{kinds[:position].count(kinds[position])}]"


def _shown(child: Element | str | None) -> str | None:
    if not isinstance(child, Element):
        return child
    texts = " ".join(filter(None, (_shown(inner) for inner in child.children)))
    return f"<{child.tag}> {texts}".strip()[:MAX_SHOWN_CHARS]
