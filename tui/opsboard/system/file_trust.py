"""Whether a file that names commands to run can be trusted: no other user may change it.

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
    """The user who reads. *owns_group* returns whether a group has no other members."""

    uid: int
    owns_group: Callable[[int], bool]


class FileFacts(NamedTuple):
    """Facts about a file or folder. With *has_acl*, an ACL may allow more than *mode* (acl(5))."""

    path: Path
    mode: int
    uid: int
    gid: int
    has_acl: bool = False
    read_only: bool = False
    """Whether it is on a read-only mount."""


class TrustProblem(NamedTuple):
    """Why a file is not trusted, and what to do about it."""

    reason: str
    hint: str


def trust_problem_of(found: FileFacts, reader: FileReader) -> TrustProblem | None:
    """Return why *reader* should not trust *found*, or ``None``."""
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
    """Return why the file *path* should not be trusted, or ``None``; a missing one is no problem.

    Where *path* is a link or leads through one, the folders of the links are checked as well.
    """
    reader = reader or current_reader()
    for part in _path_components(path):
        try:
            found = _inspect(part)
        except OSError:
            continue  # reading it will report the error
        if (why := trust_problem_of(found, reader)) is not None:
            return why
    return None


def others_may_read(path: Path, reader: FileReader | None = None) -> bool:
    """Return whether other users than *reader* and root may read the file *path*."""
    reader = reader or current_reader()
    try:
        found = _inspect(path)
    except OSError:
        return False
    group = found.mode & stat.S_IRGRP and (found.has_acl or not reader.owns_group(found.gid))
    return bool(found.mode & stat.S_IROTH or group or found.uid not in {0, reader.uid})


def _path_components(path: Path) -> Iterator[Path]:
    """Yield each folder on the way to *path*, including those of links, then the file."""
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
    found = path.stat()
    mounted = os.statvfs(path)
    return FileFacts(
        path, found.st_mode, found.st_uid, found.st_gid,
        has_acl=_has_acl(path), read_only=bool(mounted.f_flag & os.ST_RDONLY),
    )  # fmt: skip


def _has_acl(path: Path) -> bool:
    """Return whether *path* has an ACL (acl(5)); ``False`` on macOS, where this is not known."""
    listed = getattr(os, "listxattr", None)
    try:
        return listed is not None and _ACL in listed(path)
    except OSError:
        return False


def current_reader() -> FileReader:
    """Return the user of this process."""
    uid = os.geteuid()
    return FileReader(uid, lambda gid: _is_own_group(gid, uid))


def _is_own_group(gid: int, uid: int) -> bool:
    """Return whether the group *gid* is root's, or that of *uid* alone by name and members."""
    try:
        group, user = grp.getgrgid(gid), pwd.getpwuid(uid)
    except KeyError:
        return False
    own = gid == 0 or (gid == user.pw_gid and group.gr_name == user.pw_name)
    return own and not set(group.gr_mem) - {user.pw_name, "root"}
