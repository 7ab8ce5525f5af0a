"""What has to be as it was for the last frame to be painted again.

Two things, each a hash. The *circumstances* are what the frame depends on and costs nothing to
find out: the program's version, the user, the command line, the terminal. The *evidence* is the
contents of the config and of every input of a login (see :mod:`opsboard.startup.snapshot`): what
one login has seen is never shown under another.

Only what is imported by every start of Python is imported here: see :mod:`.frame_format`.
"""

import os
from stat import S_ISREG

from opsboard import __version__

try:
    from _sha2 import sha256  # type: ignore[import-not-found]
except ImportError:  # before Python 3.12
    try:
        from _sha256 import sha256  # type: ignore[import-not-found]
    except ImportError:  # a Python that is built without its own: OpenSSL's, which takes longer
        from hashlib import sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MAX_FILE_BYTES = 8 * 2**20
"""Bytes that a config, or a file of a login, may have."""

_NAMES = frozenset(
    ("TERM", "COLORTERM", "NO_COLOR", "FORCE_COLOR", "LANG", "TZ", "HOME", "COLUMNS", "LINES")
)
_FAMILIES = ("LC_", "XDG_", "TERM_", "TTY_", "TEXTUAL_", "OPSBOARD_")
"""Variables that decide how a board looks, what is on it, or where it is kept."""


def digest_of(parts: "Iterable[str]") -> str:
    """Return a hash of *parts*, which may hold secrets: these cannot be derived from it."""
    whole = sha256()
    for part in parts:
        content = os.fsencode(part)
        whole.update(b"%d:" % len(content) + content)
    digest: str = whole.hexdigest()
    return digest


def circumstances(
    argv: "Sequence[str]", env: "Mapping[str, str]", size: "tuple[int, int]", cwd: str
) -> str:
    """Return a hash of all around the program that its frame depends on.

    *cwd* is the working folder, or ``""`` where the board does not depend on it.
    """
    chosen = [
        f"{name}={env[name]}"
        for name in sorted(env)
        if name in _NAMES or name.startswith(_FAMILIES)
    ]
    who = f"{os.getuid()} {os.geteuid()}"
    lines = [__version__, who, f"{size[0]}x{size[1]}", cwd, f"{len(argv)}", *argv, *chosen]
    return digest_of(lines)


def evidence_digest(
    variables: "Iterable[str]", files: "Iterable[str]", salt: str, env: "Mapping[str, str]"
) -> str:
    """Return a hash of the values of *variables* and of the contents of *files*.

    Raises :exc:`OSError` where a file cannot be told from one that is not there, and
    :exc:`ValueError` for a huge one, or one that reading would change, such as a FIFO.
    """
    parts = [salt]
    for name in variables:
        parts += [name, f"={env[name]}" if name in env else ""]
    for file in files:
        parts += [file, file_digest(file)]
    return digest_of(parts)


def file_digest(file: str) -> str:
    """Return a hash of the content of *file*, ``""`` where there is none or it may not be read."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return ""
    try:
        if not S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError(f"{file} is no plain file")
        whole, size = sha256(), 0
        while chunk := os.read(descriptor, 1 << 16):
            whole.update(chunk)
            size += len(chunk)
            if size > MAX_FILE_BYTES:
                raise ValueError(f"{file} has more than {MAX_FILE_BYTES} bytes")
    finally:
        os.close(descriptor)
    digest: str = whole.hexdigest()
    return digest
