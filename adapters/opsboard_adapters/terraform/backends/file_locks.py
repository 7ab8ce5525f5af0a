"""Whether a process holds a lock on a file (fcntl(2), ``F_GETLK``); none is taken by asking."""

import fcntl
import os
import struct
import sys
from pathlib import Path
from typing import Final

_LAYOUTS: Final = {"linux": ("@hhqqi4x", 0), "darwin": ("@qqihh", 3)}
"""Platform -> the layout of ``struct flock``, and which of its parts is the type of lock."""
_PARTS: Final = 5


def is_locked_by_process(file: Path) -> bool | None:
    """Tell whether a process of this machine holds a lock on *file*; ``None`` for unknown."""
    layout, at = _LAYOUTS.get(sys.platform, ("", 0))
    if not layout:
        return None
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        asked = [0] * _PARTS
        asked[at] = fcntl.F_WRLCK
        answer = fcntl.fcntl(descriptor, fcntl.F_GETLK, struct.pack(layout, *asked))
        return bool(struct.unpack(layout, answer)[at] != fcntl.F_UNLCK)
    except OSError:
        return None
    finally:
        os.close(descriptor)
