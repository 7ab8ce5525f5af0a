"""Temporary folders for this user alone, which do not outlive their program for long.

A program that is killed outright cannot remove its folder. So the folder is locked (flock(2)) for
as long as the program uses it: the kernel releases the lock however the program ends, and a later
one removes the folders that nobody locks. What is for nobody else's eyes (a document that is being
edited, a login) is put under ``$XDG_RUNTIME_DIR`` where there is one, which is in memory, and gone
with the last session of the user.
"""

import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from opsboard.system.private_files import PRIVATE, is_loose, write_all

PRIVATE_PREFIX: Final = "opsboard-private-"
"""What the names of folders with private files begin with."""


@contextmanager
def temporary_folder(prefix: str, base: Path | None = None) -> Iterator[Path]:
    """Make a folder in *base* with mode 0700, whose name begins with *prefix*; remove it at the end
    of the context, with all that is in it by then.

    By default, *base* is the temporary folder of the system. Raises :exc:`OSError`.
    """
    folder, lock = _make(prefix, base)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def abandoned_folders(prefix: str, base: Path | None = None) -> list[Path]:
    """Return this user's folders of that *prefix* in *base* whose program has ended."""
    return [folder for folder in _folders(prefix, base) if _is_abandoned(folder)]


def remove_abandoned(prefix: str, base: Path | None = None) -> None:
    """Remove them; one that cannot be removed stays."""
    for folder in _folders(prefix, base):
        with suppress(OSError):  # locked, so it is used; or removed by another program
            lock = _locked(folder)
            try:
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)


def _folders(prefix: str, base: Path | None) -> Iterator[Path]:
    with suppress(OSError):  # base is no folder, or may not be read
        for folder in Path(base or tempfile.gettempdir()).glob(f"{prefix}*"):
            status = folder.lstat()
            if stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid():
                yield folder


def _is_abandoned(folder: Path) -> bool:
    try:
        os.close(_locked(folder))
    except OSError:
        return False
    return True


def _make(prefix: str, base: Path | None) -> tuple[Path, int]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=base))
        try:
            lock = _opened(folder)
        except (BlockingIOError, FileNotFoundError):
            continue  # another program has removed it meanwhile
        if folder.exists():
            return folder, lock
        os.close(lock)


def _locked(folder: Path) -> int:
    """Lock *folder* and return its descriptor. Raises :exc:`OSError` where it is locked already."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _opened(folder: Path) -> int:
    """Return the descriptor of a new *folder*, locked where its file system knows locks: where it
    does not, nobody can lock it to remove it either. Raises :exc:`OSError` where another program is
    about to remove it."""
    try:
        return _locked(folder)
    except (BlockingIOError, FileNotFoundError):
        raise
    except OSError:  # such as ENOLCK or EOPNOTSUPP, on a network mount
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)


# --- what is for nobody else's eyes --------------------------------------------------------------


def private_base(env: Mapping[str, str]) -> Path | None:
    """Return where private files are put: ``$XDG_RUNTIME_DIR``, or ``None`` for the usual place.

    One that belongs to somebody else, as under ``sudo -E``, or that others may write to, is not
    used: who owns it may put another folder in the place of ours (XDG Base Directory
    Specification: it is owned by the user, mode 0700, and absolute).
    """
    runtime = env.get("XDG_RUNTIME_DIR") or ""
    return Path(runtime) if runtime.startswith("/") and _is_own(runtime) else None


def _is_own(folder: str) -> bool:
    try:
        found = os.stat(folder)  # noqa: PTH116 - as is what it is asked of
    except OSError:
        return False
    is_own = found.st_uid == os.geteuid() and not is_loose(found)
    return is_own and os.access(folder, os.W_OK)


def left_behind(env: Mapping[str, str]) -> list[Path]:
    """Return the folders of private files that programs have left that were killed."""
    return [one for base in _private_bases(env) for one in abandoned_folders(PRIVATE_PREFIX, base)]


def remove_left_behind(env: Mapping[str, str]) -> None:
    """Remove them."""
    for base in _private_bases(env):
        remove_abandoned(PRIVATE_PREFIX, base)


def _private_bases(env: Mapping[str, str]) -> set[Path | None]:
    """Return where private files may be: another session may have had no runtime folder."""
    return {private_base(env), None}


@contextmanager
def private_file(name: str, content: bytes, env: Mapping[str, str]) -> Iterator[Path]:
    """Write *content* into a file called *name*, mode 0600, in a folder of its own while the
    context lasts. Raises :exc:`OSError`.
    """
    with temporary_folder(PRIVATE_PREFIX, private_base(env)) as folder:
        file = folder / name
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE)
        try:
            write_all(descriptor, content)
        finally:
            os.close(descriptor)
        yield file
