"""The anchor for the map's speed: a plain libcst parse, with metadata, of every file it reads.

Run as a program in a process of its own, so that nothing is warm: reads paths from standard input,
one per line, and prints the seconds it took, in as many processes as it is told.
"""

from __future__ import annotations

import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import libcst as cst
from libcst.metadata import MetadataWrapper, ParentNodeProvider, PositionProvider

PROVIDERS = (PositionProvider, ParentNodeProvider)


def parse(path: str) -> int:
    """Parse one file and resolve its metadata; return its lines, 0 when it does not parse."""
    raw = Path(path).read_bytes()
    try:
        wrapper = MetadataWrapper(cst.parse_module(raw))
    except (cst.ParserSyntaxError, UnicodeDecodeError):
        return 0
    wrapper.resolve_many(PROVIDERS)
    return raw.count(b"\n")


def main() -> None:
    """Parse every file named on standard input."""
    paths = sys.stdin.read().splitlines()
    started = time.perf_counter()
    with ProcessPoolExecutor(int(sys.argv[1])) as pool:
        list(pool.map(parse, paths, chunksize=8))
    print(time.perf_counter() - started)


if __name__ == "__main__":
    main()
