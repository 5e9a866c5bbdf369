"""`make docs-check`: prove the markdown at the root and under docs/; `--write` renews it."""

from __future__ import annotations

import argparse
import difflib
import shlex
import sys
import tempfile
from pathlib import Path

from codemods.cli import build_parser as build_codemods_parser
from strangler.cli import build_parser
from tests.docs.blocks import Part, all_commands, parts_of, replace_parts
from tests.docs.generated import PARTS
from tests.docs.session import copy_shop, run_block

ROOT = Path(__file__).parents[2]


def main() -> int:
    """Check or renew the documentation; exit status 1 when something is not as it says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="renew what differs")
    write = parser.parse_args().write
    failures = 0
    for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]):
        text = path.read_text(encoding="utf-8")
        for problem in unknown_commands(text):
            print(f"{path.relative_to(ROOT)}:{problem}")
            failures += 1
        renewed = replace_parts(text, renew(text))
        if renewed == text:
            continue
        if write:
            path.write_text(renewed, encoding="utf-8")
            print(f"renewed {path.relative_to(ROOT)}")
            continue
        failures += 1
        lines = difflib.unified_diff(
            text.splitlines(),
            renewed.splitlines(),
            f"{path.name} as written",
            f"{path.name} in truth",
            lineterm="",
        )
        print("\n".join(lines))
    if failures:
        print("The documentation differs from the truth: python -m tests.docs --write renews it.")
    else:
        print("The documentation says what is true.")
    return 1 if failures else 0


def renew(text: str) -> dict[Part, str]:
    """Return the true body of every provable part of a text."""
    bodies: dict[Part, str] = {}
    with tempfile.TemporaryDirectory(prefix="docs-") as made:
        folder = Path(made) / "here"
        folder.mkdir()
        parts = parts_of(text)
        shop = copy_shop(Path(made)) if any(part.is_in_shop for part in parts) else folder
        for part in parts:
            place = shop if part.is_in_shop else folder
            bodies[part] = PARTS[part.name]() if part.name else run_block(part.body, place)
    return bodies


def unknown_commands(text: str) -> list[str]:
    """Return a complaint for each command of ours that its parser refuses, or that make lacks."""
    parsers = {"strangler": build_parser(), "codemods": build_codemods_parser()}
    targets = {line.split(":")[0] for line in (ROOT / "Makefile").read_text().splitlines()}
    complaints = []
    for line, command in all_commands(text):
        words = shlex.split(command, comments=True)
        parser = parsers.get(words[0]) if words else None
        if parser and not _parses(parser, words[1:]):
            complaints.append(f"{line}: not a command: {command}")
        if words[:1] == ["make"] and not set(words[1:]) <= targets:
            complaints.append(f"{line}: no such make target: {command}")
    return complaints


def _parses(parser: argparse.ArgumentParser, words: list[str]) -> bool:
    ends = {"|", "||", ">", "&&", "&", ";"}
    stop = next((i for i, word in enumerate(words) if word in ends), None)
    try:
        parser.parse_args(words[:stop])
    except SystemExit as ended:
        return ended.code == 0
    return True


if __name__ == "__main__":
    sys.exit(main())
