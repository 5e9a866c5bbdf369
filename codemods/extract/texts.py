"""Templates of glue, filled in."""

from __future__ import annotations

from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codemods.extract.facts import ServiceFacts

TEMPLATES = Path(__file__).with_name("templates")


def filled(name: str, facts: ServiceFacts, **words: str) -> str:
    """Return a template's text with the facts' names in it, and those given here."""
    text = (TEMPLATES / f"{name}.txt").read_text(encoding="utf-8")
    return Template(text).substitute(facts.words(), **words)
