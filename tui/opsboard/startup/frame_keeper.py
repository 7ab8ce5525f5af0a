"""Keeps the last frame of a session for the next start, with the evidence that it needs.

All of it happens in threads of its own: no frame of the screen waits for a disk.
"""

import logging
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from opsboard.startup.frame_evidence import circumstances
from opsboard.startup.frame_file import FOLDER, SUFFIX, Evidence, KeptFrame
from opsboard.startup.frame_format import StoredFrame
from opsboard.startup.snapshot import StartupSnapshot, snapshot_that_holds
from opsboard.system.host_environ import HostEnviron
from opsboard.system.private_files import ensure_private, write_in_place

MOST: Final = 8
"""Frames that are kept: one for each size of terminal and command line, the newest of them."""

HALF: Final = ".part"
"""The suffix of a frame that is being written."""

CLOSE_TIMEOUT: Final = 0.5
"""Seconds to wait at the end of the program for the last frame to be on the disk."""

_log = logging.getLogger(__name__)


class FramePlace:
    """What a frame is kept by: *folder* of the cache, *argv*, environment, and the files read.

    *config* is the config file. *files* are further ones that decide what is on the board.
    """

    def __init__(
        self,
        folder: Path,
        argv: Sequence[str],
        host_environ: HostEnviron,
        config: Path | None,
        files: Sequence[Path] = (),
    ) -> None:
        self.folder = folder / FOLDER
        self.argv, self.host_environ, self.config = tuple(argv), host_environ, config
        self.files = files

    def key(self, frame: StoredFrame, files: Sequence[str]) -> str:
        """Return the circumstances of *frame*: the working folder counts where it decides."""
        anywhere = self.config is not None and self.config.is_absolute()
        anywhere = anywhere and all(map(os.path.isabs, files))
        cwd = "" if anywhere else str(self.host_environ.cwd)
        size = (frame.width, frame.height)
        return circumstances(self.argv, self.host_environ.env, size, cwd)


class FrameKeeper:
    """Takes frames from the screen, and keeps the newest where it may be believed later.

    *snapshot* returns what the session has left for the next one so far, as JSON, and ``""`` where
    that is nothing. A frame of a session whose config has changed meanwhile is not kept: what is in
    which environment counts only after a restart. *is_wanted* returns what the config says, and
    ``None`` until it has been read; where frames are not wanted, all that are kept are deleted.
    """

    def __init__(
        self,
        place: FramePlace,
        snapshot: Callable[[], str],
        config_digest: str,
        is_wanted: Callable[[], bool | None] = lambda: True,
    ) -> None:
        self._place, self._snapshot, self._config_digest = place, snapshot, config_digest
        self._is_wanted = is_wanted
        self._lock = threading.Lock()
        self._newest: tuple[StoredFrame, float] | None = None
        self._thread: threading.Thread | None = None

    def take(self, frame: StoredFrame, at: float) -> None:
        """Keep *frame*, of the time *at* in seconds since the epoch. Returns at once."""
        with self._lock:
            self._newest = (frame, at)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._write, name="opsboard-frame", daemon=True
                )
                self._thread.start()

    def close(self) -> None:
        """Wait for a moment until the last frame is kept."""
        if (thread := self._thread) is not None:
            thread.join(CLOSE_TIMEOUT)

    def _write(self) -> None:
        while True:
            with self._lock:
                if self._newest is None:
                    self._thread = None
                    return
                (frame, at), self._newest = self._newest, None
            try:
                self._keep(frame, at)
            except (OSError, ValueError, TypeError, KeyError) as error:
                _log.info("the last frame is not kept: %s", error)

    def _keep(self, frame: StoredFrame, at: float) -> None:
        place, text, is_wanted = self._place, self._snapshot(), self._is_wanted()
        if not is_wanted:
            if is_wanted is False:
                forget_frames(place.folder.parent)
            return
        env = place.host_environ.env
        snapshot = StartupSnapshot.from_json(text) if text else None
        if snapshot is None or snapshot.settings.config_digest != self._config_digest:
            return
        fingerprint = snapshot.fingerprint
        own = [place.config, *place.files] if place.config is not None else place.files
        files = [*map(str, own), *fingerprint.files]
        evidence = Evidence.found(fingerprint.variables, files, os.urandom(16).hex(), env)
        if snapshot_that_holds(text, place.config, place.host_environ) is None:
            return  # another login by now
        if not evidence.holds(env):
            return
        kept = KeptFrame(place.key(frame, files), at, evidence, frame)
        _replace(place.folder, f"{kept.circumstances}{SUFFIX}", kept.packed())


def _replace(folder: Path, name: str, content: bytes) -> None:
    """Write *content*, whole or not at all, and delete the oldest where there are many."""
    if folder.is_symlink():  # none is read by a link, and what else is there is not ours to delete
        raise NotADirectoryError(f"{folder} is a link")
    ensure_private(folder)
    folder.chmod(0o700)
    write_in_place(folder / name, content, folder / f"{os.getpid()}{HALF}")
    for old in list(_newest_first(folder))[MOST:]:
        with suppress(OSError):
            old.unlink()


def _newest_first(folder: Path) -> Iterator[Path]:
    files = [(file.lstat().st_mtime, file) for file in _frames(folder)]
    yield from (file for _, file in sorted(files, reverse=True))


def _frames(folder: Path) -> list[Path]:
    """Return the frames in *folder*, and what is half written of one: not what else is there."""
    if folder.is_symlink():
        return []
    return [file for file in folder.iterdir() if file.suffix in {SUFFIX, HALF}]


def forget_frames(cache: Path) -> None:
    """Delete all frames below the folder *cache*, as far as they can be."""
    with suppress(OSError):
        for file in _frames(cache / FOLDER):
            with suppress(OSError):  # such as a folder of that name
                file.unlink()
