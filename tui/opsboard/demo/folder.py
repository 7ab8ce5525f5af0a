"""The folder of a running demo: its config and kubeconfig, gone when the demo is.

A demo that is killed outright cannot tidy up. So the folder is locked for as long as its demo
lives, and the next demo removes the folders that nobody holds.
"""

import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from opsboard.demo.detection import FOLDER_PREFIX


@contextmanager
def demo_folder() -> Iterator[Path]:
    """Hold a folder of one's own while the context lasts; sweep out those of dead demos."""
    remove_stale_folders()
    folder, lock = _make()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def remove_stale_folders() -> None:
    """Remove this user's folders whose demo is no more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER_PREFIX}*"):
        with suppress(OSError):  # locked: it lives; or another demo was quicker to remove it
            _remove_if_dead(folder)


def _make() -> tuple[Path, int]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX))
        try:
            lock = _locked(folder)
        except OSError:
            continue  # a sweep of another demo came between
        if folder.exists():
            return folder, lock
        os.close(lock)


def _remove_if_dead(folder: Path) -> None:
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
        return
    lock = _locked(folder)
    try:
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)


def _locked(folder: Path) -> int:
    """Return a descriptor of *folder*, locked. Raises :exc:`OSError` where somebody holds it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
