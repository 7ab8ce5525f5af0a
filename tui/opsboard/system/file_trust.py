"""Whether a file may be believed that says which commands to run: nobody else may change it.

The rules are those of sshd(8) for what it reads (``StrictModes``), as far as they fit: the file and
every folder above it belong to this user or to root, and nobody else may write to them. A folder
with the sticky bit is nobody's to rename in. A group may write if it is this user's own, with
nobody else in it, as where the umask is 002.
"""

import grp
import os
import pwd
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

_ACL: Final = "system.posix_acl_access"
_LINKS: Final = 40
"""Links that are followed, as by the kernel (path_resolution(7))."""


class FileReader(NamedTuple):
    """Who reads: *uid*, and *owns_group*, which tells of a group that nobody else is in it."""

    uid: int
    owns_group: Callable[[int], bool]


class FileFacts(NamedTuple):
    """What is known of a file or folder: *opened* is more than its mode says (an ACL)."""

    path: Path
    mode: int
    uid: int
    gid: int
    has_acl: bool = False
    read_only: bool = False
    """Whether nothing there can be changed at all: it is mounted so."""


class TrustProblem(NamedTuple):
    """Why a file is not believed, and what to do about it."""

    reason: str
    hint: str


def trust_problem_of(found: FileFacts, reader: FileReader) -> TrustProblem | None:
    """Return why *found* is not to be believed by *reader*, if so."""
    kind = "folder" if stat.S_ISDIR(found.mode) else "file"
    if found.uid not in {0, reader.uid}:
        why = f"{found.path} belongs to another user (uid {found.uid}), who may write to it"
        return TrustProblem(why, f"have a {kind} of your own there: chown it, or copy it")
    if found.read_only or (kind == "folder" and found.mode & stat.S_ISVTX):
        return None
    if found.mode & stat.S_IWOTH:
        return TrustProblem(f"everybody may write to {found.path}", f"chmod go-w {found.path}")
    if found.mode & stat.S_IWGRP and (found.has_acl or not reader.owns_group(found.gid)):
        return TrustProblem(f"others may write to {found.path}", f"chmod g-w {found.path}")
    return None


def find_trust_problem(path: Path, reader: FileReader | None = None) -> TrustProblem | None:
    """Return why the file *path* is not to be believed, if so; one that is not there may be.

    Where *path* is a link, or leads through one, the links' own folders are judged as well.
    """
    reader = reader or current_reader()
    for part in _path_components(path):
        try:
            found = _inspect(part)
        except OSError:
            continue  # who reads it will say why it cannot be read
        if (why := trust_problem_of(found, reader)) is not None:
            return why
    return None


def others_may_read(path: Path, reader: FileReader | None = None) -> bool:
    """Tell whether others than *reader* and root may read the file *path*."""
    reader = reader or current_reader()
    try:
        found = _inspect(path)
    except OSError:
        return False
    group = found.mode & stat.S_IRGRP and (found.has_acl or not reader.owns_group(found.gid))
    return bool(found.mode & stat.S_IROTH or group or found.uid not in {0, reader.uid})


def _path_components(path: Path) -> Iterator[Path]:
    """Yield what the system goes through to *path*: each folder, also of links, then the file."""
    here, links = Path("/"), 0
    left = list(reversed(path.absolute().parts[1:]))
    while left:
        part = left.pop()
        there = here.parent if part == ".." else here / part
        yield here
        if not there.is_symlink() or links >= _LINKS:
            here = there
            continue
        links += 1
        to = there.readlink()
        here = Path("/") if to.is_absolute() else here
        left += reversed(to.parts[1:] if to.is_absolute() else to.parts)
    yield here


def _inspect(path: Path) -> FileFacts:
    told = path.stat()
    mounted = os.statvfs(path)
    return FileFacts(
        path, told.st_mode, told.st_uid, told.st_gid,
        has_acl=_has_acl(path), read_only=bool(mounted.f_flag & os.ST_RDONLY),
    )  # fmt: skip


def _has_acl(path: Path) -> bool:
    """Tell whether more users than the mode tells of may write (acl(5)); not known of macOS."""
    listed = getattr(os, "listxattr", None)
    try:
        return listed is not None and _ACL in listed(path)
    except OSError:
        return False


def current_reader() -> FileReader:
    """Return who runs this process."""
    uid = os.geteuid()
    return FileReader(uid, lambda gid: _is_own_group(gid, uid))


def _is_own_group(gid: int, uid: int) -> bool:
    """Tell whether the group *gid* is that of *uid* alone, by name and members, or root's."""
    try:
        group, user = grp.getgrgid(gid), pwd.getpwuid(uid)
    except KeyError:
        return False
    own = gid == 0 or (gid == user.pw_gid and group.gr_name == user.pw_name)
    return own and not set(group.gr_mem) - {user.pw_name, "root"}
