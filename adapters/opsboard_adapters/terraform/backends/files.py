"""States in files: of one configuration, or of all configurations in a folder."""

import asyncio
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from socket import gethostname
from typing import Final

from opsboard.adapter import ANYBODY, Forbidden, Malformed, NotFound, Principal, SourceError
from opsboard_adapters.terraform.backends.backend import Backend, StateAddress, StateContent
from opsboard_adapters.terraform.backends.file_locks import is_locked_by_process
from opsboard_adapters.terraform.locks import MAX_BYTES, Lock, read_lock

STATE: Final = "terraform.tfstate"
WORKSPACES: Final = "terraform.tfstate.d"
DEFAULT: Final = "default"
MAX_FOLDERS: Final = 5_000
"""Folders that are looked into for configurations."""
_NOT_LOOKED_INTO: Final = frozenset({"node_modules", "__pycache__", WORKSPACES})


class FileBackend(Backend):
    """The states at *path*, of at most *max_bytes* each."""

    name = "local"

    def __init__(self, path: Path, depth: int, max_bytes: int) -> None:
        self._path = path.absolute()
        self._depth = depth
        self._max_bytes = max_bytes
        self.address = self._path.as_uri()

    async def principal(self) -> Principal | None:
        return ANYBODY

    async def addresses(self) -> Sequence[StateAddress]:
        return await asyncio.to_thread(self._found)

    async def read(self, one: StateAddress, known: str) -> StateContent | None:
        return await asyncio.to_thread(self._read, Path(one.location), known)

    async def lock(self, one: StateAddress) -> Lock | None:
        return await asyncio.to_thread(_lock, Path(one.location))

    def _found(self) -> list[StateAddress]:
        try:
            mode = self._path.stat().st_mode
        except OSError as error:
            raise _fault(self._path, error) from None
        if not stat.S_ISDIR(mode):
            return [self._address(self._path, self._path.parent)]
        try:
            with os.scandir(self._path):
                pass
        except OSError as error:
            raise _fault(self._path, error) from None
        return [one for folder in self._folders() for one in self._in_folder(folder)]

    def _folders(self) -> Iterator[Path]:
        """Yield the folder and those below it, without hidden ones and what links lead to."""
        level, seen = [self._path], 0
        for _ in range(self._depth + 1):
            below: list[Path] = []
            for folder in level:
                seen += 1
                if seen > MAX_FOLDERS:
                    return
                yield folder
                below += _subfolders(folder)
            level = below

    def _in_folder(self, folder: Path) -> Iterator[StateAddress]:
        """Yield the states of the configuration in *folder*, the default workspace first."""
        for file in _entries(folder, lambda it: it.is_file() and it.name.endswith(".tfstate")):
            yield self._address(folder / file, folder)
        if _is_folder(folder / WORKSPACES):
            for name in _entries(folder / WORKSPACES, lambda it: it.is_dir()):
                yield self._address(folder / WORKSPACES / name / STATE, folder)

    def _address(self, file: Path, folder: Path) -> StateAddress:
        if file.parent.parent.name == WORKSPACES:
            workspace, folder = file.parent.name, file.parent.parent.parent
        else:
            workspace = DEFAULT if file.name == STATE else file.name.removesuffix(".tfstate")
        within = folder.relative_to(self._path) if folder.is_relative_to(self._path) else Path()
        name = "/".join((*within.parts, workspace))
        return StateAddress(name, workspace, name, str(file), folder)

    def _read(self, file: Path, known: str) -> StateContent | None:
        try:
            return read_file(file, known, self._max_bytes)
        except NotFound:
            return StateContent(None, "none") if known != "none" else None


def read_file(file: Path, known: str, max_bytes: int) -> StateContent | None:
    """Return what *file* holds, ``None`` where its version is *known*. Raises SourceError."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as opened:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise Malformed(f"{file} is no file", "name a state file, or a folder of them")
            version = f"{found.st_mtime_ns}:{found.st_size}:{found.st_ino}"
            if version == known:
                return None
            if found.st_size > max_bytes:
                raise Malformed(
                    f"{file} has {found.st_size / 2**20:,.0f} MiB: it is not read",
                    f"max_object_mib is {max_bytes / 2**20:,.0f}; allow more in config",
                )
            body = opened.read(max_bytes + 1)
    except OSError as error:
        raise _fault(file, error) from None
    if len(body) > max_bytes:
        raise Malformed(f"{file} grows while it is read", "retried automatically")
    changed = datetime.fromtimestamp(found.st_mtime, UTC)
    return StateContent(body or None, version, changed)


def _fault(file: Path, error: OSError) -> SourceError:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return NotFound(f"{file} does not exist", "fix the path in config")
    if isinstance(error, PermissionError):
        return Forbidden(
            f"{file} may not be read by this user", "ask for the right to read it: chmod, a group"
        )
    return Malformed(f"{file} cannot be read: {error.strerror or error}", "look at its disk")


def _entries(folder: Path, wanted: Callable[[os.DirEntry[str]], bool]) -> list[str]:
    """Return the names in *folder* that are *wanted*; none where it cannot be listed."""
    try:
        with os.scandir(folder) as entries:
            return sorted((one.name for one in entries if _is(one, wanted)), key=_default_first)
    except OSError:
        return []


def _is(entry: os.DirEntry[str], wanted: Callable[[os.DirEntry[str]], bool]) -> bool:
    try:
        return wanted(entry)
    except OSError:  # a link that leads to itself
        return False


def _default_first(name: str) -> tuple[bool, str]:
    return name != STATE, name


def _subfolders(folder: Path) -> list[Path]:
    names = _entries(
        folder,
        lambda it: (
            it.is_dir(follow_symlinks=False)
            and not it.name.startswith(".")
            and it.name not in _NOT_LOOKED_INTO
        ),
    )
    return [folder / name for name in names]


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def _lock(state: Path) -> Lock | None:
    """Return the lock that Terraform has noted beside *state*, and whether it is held still.

    What is noted stays behind where Terraform was killed. The lock itself is one of the process on
    the state file, of which only this machine knows.
    """
    try:
        noted = read_file(state.with_name(f".{state.name}.lock.info"), "", MAX_BYTES)
    except NotFound:
        return None
    lock = read_lock(noted.body if noted and noted.body else b"")
    here = lock.who.rpartition("@")[2] == gethostname()
    if here and is_locked_by_process(state) is False:
        return Lock(lock.who, lock.operation, lock.since, lock.id, left_over=True)
    return lock
