"""Opening files of the state folder safely.

Anyone who may write to the folder may put something else under a file's name: a link to another
file, a FIFO on which opening blocks for ever (fifo(7)), a device, a folder. None of these is
followed or waited for; each raises an :exc:`OSError` that says so.
"""

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

PRIVATE: Final = 0o600
_LOOSE: Final = stat.S_IWGRP | stat.S_IWOTH
_KINDS: Final = (
    (stat.S_ISLNK, "a symbolic link"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class NotRegularFileError(OSError):
    """Something else is in the place of a regular file."""

    hint = "move it away"


class ForeignOwnerError(PermissionError):
    """The file belongs to another user, who may change it at any time."""

    hint = "take it over, or set XDG_STATE_HOME to a folder of your own"


def open_private(file: Path, flags: int, *, owned: bool = True) -> int:
    """Open the plain file *file* of this user with *flags* (open(2)), and return its descriptor.

    It is made with mode 0600 where *flags* say so, and is not inherited by programs that are
    started. Raises :exc:`OSError`: what is no plain file, or belongs to somebody else, is refused.
    On a network mount it may belong to anybody: then it need not be *owned*.
    """
    refuse_other(file, owned=owned)
    descriptor = os.open(file, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, PRIVATE)
    try:
        _check(os.fstat(descriptor), file, owned=owned)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def replace_private(file: Path, *, owned: bool = True) -> int:
    """Make *file* anew, for this user alone, in place of what is there; return its descriptor.

    Raises :exc:`OSError`, for one where a folder is in its place.
    """
    file.unlink(missing_ok=True)
    return open_private(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, owned=owned)


def write_in_place(file: Path, content: bytes, beside: Path) -> None:
    """Put *content* in place of *file* in one step, by way of a file *beside* it.

    Nobody ever reads a part of it. Raises :exc:`OSError`; then *file* is as it was, and nothing is
    left beside it.
    """
    try:
        descriptor = replace_private(beside)
        try:
            write_all(descriptor, content)
        finally:
            os.close(descriptor)
        beside.replace(file)
    except OSError:
        with suppress(OSError):
            beside.unlink()
        raise


def ensure_private(folder: Path) -> str:
    """Make *folder* with mode 0700 if it is missing; return what was loose about it, and repaired.

    Raises :exc:`OSError` where it belongs to another user, or is no folder.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        found = os.fstat(descriptor)
        _check_owner(found, folder)
        if folder.lstat().st_uid not in {os.geteuid(), 0}:
            raise ForeignOwnerError(errno.EPERM, "it is a link of another user's", str(folder))
        return tightened(descriptor)
    finally:
        os.close(descriptor)


def tightened(descriptor: int) -> str:
    """Take write access to an open file or folder from all others; return what was loose, if so."""
    mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
    if not mode & _LOOSE:
        return ""
    os.fchmod(descriptor, mode & ~_LOOSE)
    return f"others could write to it (mode {mode:04o})"


def is_loose(found: os.stat_result) -> bool:
    """Return whether others may write to it."""
    return bool(stat.S_IMODE(found.st_mode) & _LOOSE)


def write_all(descriptor: int, content: bytes) -> None:
    """Write all of *content*, in as many steps as that takes."""
    while content:
        content = content[os.write(descriptor, content) :]


def sync_folder(folder: Path) -> None:
    """Have the names in *folder* on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def refuse_other(file: Path, *, owned: bool = True) -> None:
    """Look before opening: to open a device or a socket may already do something, or fail oddly.

    Raises :exc:`OSError` for what is no plain file of this user; one that is missing is none.
    """
    try:
        found = file.lstat()
    except FileNotFoundError:
        return
    _check(found, file, owned=owned)


def _check(found: os.stat_result, file: Path, *, owned: bool) -> None:
    for is_kind, name in _KINDS:
        if is_kind(found.st_mode):
            raise NotRegularFileError(
                errno.EINVAL, f"it is {name}, where a plain file has to be", str(file)
            )
    if owned:
        _check_owner(found, file)


def _check_owner(found: os.stat_result, file: Path) -> None:
    if found.st_uid != os.geteuid():
        raise ForeignOwnerError(
            errno.EPERM, f"it belongs to another user (uid {found.st_uid})", str(file)
        )
