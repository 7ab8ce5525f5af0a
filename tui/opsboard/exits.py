"""What the program ends with."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes. 64 is EX_USAGE of BSD's sysexits(3)."""

    OK = 0
    FAILED = 1
    UNREACHABLE = 2
    REFUSED = 3
    UNKNOWN = 4
    TIMED_OUT = 5
    USAGE = 64
    INTERRUPTED = 130
