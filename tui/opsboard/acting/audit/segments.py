"""The files of the audit trail: the one that is written, and the full ones before it.

``audit.jsonl`` is always the one that is written: what is full is copied to ``audit.1.jsonl``,
``audit.2.jsonl`` and so on, and then cut from it, under its lock. It stays the same file, so that
who waits for the lock, or has opened it before, also a program of the first version, goes on at
the right place. The chain goes on from file to file.
"""

import errno
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final, TypeAlias

from opsboard.acting.audit.line_file import LineFile, LineSpan
from opsboard.system.private_files import open_private, replace_private, sync_folder, write_all

Files: TypeAlias = Sequence[tuple[str, LineFile]]
"""The files of a trail and their names, the oldest first."""

FILE_NAME: Final = "audit.jsonl"
_FULL_NAME: Final = re.compile(r"audit\.([1-9]\d{0,8})\.jsonl")
_BLOCK: Final = 1024 * 1024


@contextmanager
def opened(folder: Path, current: LineFile | None) -> Iterator[Files]:
    """Open all files of the trail in *folder* for reading, the oldest first, with their names.

    *current* is ``audit.jsonl``, which is open already if it is there. A copy that a crash kept
    from being finished, so that the original is still there, is left out. Raises :exc:`OSError`.
    """
    with ExitStack() as stack:
        files: list[tuple[str, LineFile]] = []
        for file in full_files(folder):
            descriptor = open_private(file, os.O_RDONLY)
            stack.callback(os.close, descriptor)
            files.append((file.name, LineFile(descriptor)))
        if files and current is not None and _is_copy(files[-1][1], current):
            files.pop()
        yield [*files, *([(FILE_NAME, current)] if current is not None else [])]


def full_files(folder: Path) -> Sequence[Path]:
    """Return the files that are full, the oldest first."""
    found = [(int(name[1]), file) for file in folder.iterdir() if (name := _named(file))]
    return [file for _, file in sorted(found)]


def rotate(folder: Path, current: LineFile) -> None:
    """Copy *current*, which is locked, to a file of its own, and empty it. Raises OSError."""
    full = full_files(folder)
    number = _number(full[-1]) if full else 0
    if not full or not _is_unfinished(full[-1], current):
        number += 1
    file = folder / f"audit.{number}.jsonl"
    if _named(file) is None:  # nobody would ever read it
        raise OSError(errno.EFBIG, f"there is no number after that of {full[-1].name}", str(file))
    fresh = file.with_name(f"{file.name}.new")
    descriptor = replace_private(fresh)
    try:
        _copy(current, descriptor)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    fresh.replace(file)
    sync_folder(folder)
    os.ftruncate(current.descriptor, 0)


def _copy(current: LineFile, descriptor: int) -> None:
    at = 0
    while block := os.pread(current.descriptor, _BLOCK, at):
        write_all(descriptor, block)
        at += len(block)


def _is_unfinished(file: Path, current: LineFile) -> bool:
    with suppress(OSError):
        descriptor = open_private(file, os.O_RDONLY)
        try:
            return _is_copy(LineFile(descriptor), current)
        finally:
            os.close(descriptor)
    return False


def _is_copy(full: LineFile, current: LineFile) -> bool:
    """Return whether *current* begins as *full* does: they hold the same entries."""
    first = _first(full)
    return bool(first) and first == _first(current)


def _first(lines: LineFile) -> bytes:
    return lines.read(next(lines.forwards(), LineSpan(0, 0)))


def _named(file: Path) -> re.Match[str] | None:
    return _FULL_NAME.fullmatch(file.name)


def _number(file: Path) -> int:
    name = _named(file)
    return int(name[1]) if name else 0
