"""What is there once the board is shown."""

import gc
from typing import Final

YOUNG: Final = 20_000
"""Objects made before garbage is looked for, once the board is shown."""


def tune_gc() -> None:
    """Note that the board is shown: what is there by now stays, what comes may be garbage."""
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)
