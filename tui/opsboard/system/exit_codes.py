"""The exit codes of the program."""

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes. 64 and 70 are EX_USAGE and EX_SOFTWARE of BSD's sysexits(3).

    ``INTERNAL_ERROR`` is an error of the program itself; ``FAILED``: what was asked for went wrong.
    """

    OK = 0
    FAILED = 1
    UNREACHABLE = 2
    REFUSED = 3
    UNKNOWN = 4
    TIMED_OUT = 5
    USAGE = 64
    INTERNAL_ERROR = 70
    INTERRUPTED = 130
