"""What changes between two texts of several lines."""

import difflib
from collections.abc import Iterator, Sequence
from typing import Final

MAX_LINES: Final = 1_000
"""Lines of a text that are compared: that takes their product at worst."""
_SAME: Final = "⋯"


def changed_lines(before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    """Yield the lines that differ, behind ``-`` and ``+``, and two around them behind a space.

    A line of ``⋯`` stands for lines that are the same. The first :data:`MAX_LINES` are compared.
    """
    old, new = before[:MAX_LINES], after[:MAX_LINES]
    lines = list(difflib.unified_diff(old, new, lineterm="", n=2))[2:]
    for at, line in enumerate(lines):
        if not line.startswith("@@"):
            yield line
        elif at or not line.startswith(("@@ -1", "@@ -0")):
            yield _SAME
