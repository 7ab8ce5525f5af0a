"""Which file systems are local, so that every program that can see a file sees its locks."""

import os
import re
from pathlib import Path
from typing import Final

_LOCAL: Final = frozenset(
    {
        "apfs", "bcachefs", "btrfs", "exfat", "ext2", "ext3", "ext4", "f2fs", "hfs", "jfs",
        "nilfs2", "ntfs3", "overlay", "ramfs", "reiserfs", "tmpfs", "ufs", "vfat", "xfs", "zfs",
    }
)  # fmt: skip
"""File systems that only one kernel mounts at a time. Unknown ones count as shared."""

MOUNTS: Final = Path("/proc/self/mountinfo")
_ESCAPED: Final = re.compile(r"\\([0-7]{3})")


def is_local(folder: Path, mounts: Path = MOUNTS) -> bool:
    """Return whether *folder*, or where it is to be made, is on a file system of this machine.

    After *mounts*, as in proc(5); where there is none, or it does not say: ``False``.
    """
    try:
        lines = mounts.read_text("utf-8", "replace").split("\n")
    except OSError:
        return False
    place = Path(os.path.realpath(folder))
    types = dict(filter(None, map(_mount, lines)))  # of two at one place, the later one is on top
    return next((types[one] in _LOCAL for one in (place, *place.parents) if one in types), False)


def _mount(line: str) -> tuple[Path, str] | None:
    """Return where a file system is mounted, and its type: fields 5 and, after ``-``, 1."""
    before, _, after = line.partition(" - ")
    fields, type_ = before.split(" "), after.partition(" ")[0]
    if len(fields) < 5:
        return None
    return Path(_ESCAPED.sub(lambda found: chr(int(found[1], 8)), fields[4])), type_
