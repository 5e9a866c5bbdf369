"""HTML as a tree of elements: what a browser would build, without what no reader sees.

White space is collapsed, comments are dropped, attributes and class names have no order. Tokens
made for one response, such as Django's CSRF token and a CSP nonce, stand under attribute names of
their own (`@csrf-token`, `@nonce`), so that a normaliser can excuse them by path.
"""

from __future__ import annotations

from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

CSRF_FIELDS = frozenset(
    ("csrfmiddlewaretoken", "csrf-token", "csrf_token", "_csrf", "authenticity_token")
)
CSRF_ATTRIBUTE = "csrf-token"
MAX_DEPTH = 200


@dataclass(frozen=True, slots=True)
class Element:
    """An element. Attributes are sorted by name; children are elements and texts, in order."""

    tag: str
    attributes: tuple[tuple[str, str], ...]
    children: tuple[Element | str, ...]


def parse_html(raw: bytes) -> Element | None:
    """Return the root element, or None when there is nothing to see in it."""
    root = LexborHTMLParser(raw).root
    return _element(root, 0) if root is not None else None


def _element(node: LexborNode, depth: int) -> Element:
    children: list[Element | str] = []
    child = node.first_child if depth < MAX_DEPTH else None
    while child is not None:
        if child.is_text_node:
            text = " ".join((child.text_content or "").split())
            if text:
                children.append(text)
        elif child.is_element_node:
            children.append(_element(child, depth + 1))
        child = child.next
    return Element(node.tag or "", _attributes(node), tuple(children))


def _attributes(node: LexborNode) -> tuple[tuple[str, str], ...]:
    attributes = {name: value or "" for name, value in node.attributes.items()}
    if "class" in attributes:
        attributes["class"] = " ".join(sorted(attributes["class"].split()))
    if attributes.get("name", "").lower() in CSRF_FIELDS:
        for name in ("value", "content"):
            if name in attributes:
                attributes[CSRF_ATTRIBUTE] = attributes.pop(name)
    return tuple(sorted(attributes.items()))
