"""Garbage collection while millions of rows pass by."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collecting_by_hand() -> Iterator[None]:
    """Leave garbage to `gc.collect()` calls of the block.

    An order and its payment name each other, so chunks need a collector; left to itself it looks
    through all rows of a chunk again and again, which makes a seed a fifth slower.
    """
    was_enabled = gc.isenabled()
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()
        if was_enabled:
            gc.enable()
