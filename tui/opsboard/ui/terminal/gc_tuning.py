"""Garbage collection, tuned once the first frame is shown."""

import gc
from typing import Final

YOUNG: Final = 20_000
"""New objects after which the youngest generation is collected."""


def tune_gc() -> None:
    """Exclude all objects that exist by now from collection: they live as long as the program."""
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)
