"""Watches the config file in a thread of its own: a dead network mount must not hold up a key."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

INTERVAL: Final = 2.0
"""Seconds between two looks at the file."""
_log = logging.getLogger(__name__)

Signature: TypeAlias = tuple[int, int, int] | None
"""What tells one content of a file from another: time, size, inode; ``None`` without a file."""


class ConfigWatch:
    """Calls *changed* once *file* is another one and stays so for one look: a whole write.

    It is called for what is there at first, too, which may have been written since it was read.
    Its argument tells whether somebody has asked for it. *step* is called at each look. Both are
    called in the thread.
    """

    def __init__(
        self,
        file: Path,
        changed: Callable[[bool], None],
        step: Callable[[], None] = lambda: None,
        interval: float = INTERVAL,
    ) -> None:
        self._file, self._changed, self._step = file, changed, step
        self._interval = interval
        self._known: Signature = None
        self._seen = signature(file)
        self._wanted = threading.Event()
        self._looking = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="opsboard-config", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End it, without waiting: it may be held up by the file's mount."""
        self._stopping.set()
        self._wanted.set()

    def read_now(self) -> None:
        """Have *changed* called at once, whether the file has changed or not."""
        self._wanted.set()

    def look_now(self) -> None:
        """Look at the file in the thread of the caller, without waiting for the end of a write."""
        with self._looking:
            now = self._seen = signature(self._file)
            if now != self._known:
                self._known = now
                self._changed(False)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wanted.wait(self._interval)
            if self._stopping.is_set():
                return
            try:
                with self._looking:
                    self.look(at_once=self._wanted.is_set())
            except Exception:  # the board goes on without
                _log.exception("the config file")

    def look(self, *, at_once: bool = False) -> None:
        """Look at the file."""
        self._wanted.clear()
        now = signature(self._file)
        is_settled = now == self._seen
        self._seen = now
        if at_once or (is_settled and now != self._known):
            self._known = now
            self._changed(at_once)
        self._step()


def signature(file: Path) -> Signature:
    """Return what tells the content of *file* from another one."""
    try:
        found = file.stat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino)
