"""The command line: paints the last frame of the board, if there is one, and goes on from there.

Nothing is imported before that frame is painted but what paints it: see
:mod:`opsboard.startup.instant_frame`, and docs/adr/0007-first-frame.md.
"""

import sys

from opsboard.startup import instant_frame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: "Sequence[str] | None" = None) -> int:
    """Run the program with *argv* (without its own name) and return the exit code."""
    try:
        instant_frame.put_up(sys.argv[1:] if argv is None else argv)
        from opsboard.arguments.dispatch import run  # noqa: PLC0415 - behind the last frame

        return run(argv)
    except KeyboardInterrupt:  # as it paints or imports
        return 128 + 2
    finally:
        instant_frame.withdraw(drop_keys=True)
