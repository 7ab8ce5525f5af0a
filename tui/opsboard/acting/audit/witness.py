"""The head of the trail noted a second time, where a user who can change the trail cannot write.

That file may be on a network mount that does not answer: it is used from a background thread, and
waited for no longer than :data:`TIMEOUT` seconds.
"""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from opsboard.acting.actor import Actor
from opsboard.acting.audit.head import AuditHead, HeadFile
from opsboard.system import background

TIMEOUT: Final = 2.0
"""Seconds to wait for the file."""

T = TypeVar("T")


class Witness:
    """The head noted in *file*. If *required*, nothing is changed unless it can be noted."""

    def __init__(self, file: Path, *, required: bool = False) -> None:
        self.file = file
        self.required = required
        self._head = HeadFile(file, owned=False)

    def read(self) -> AuditHead | None:
        """Return the noted head; ``None`` where there is none.

        Raises :exc:`ValueError` where it is no head, :exc:`OSError` where it cannot be read.
        """
        return self._in_time(self._head.read)

    def note(self, head: AuditHead) -> None:
        """Note *head*. Raises :exc:`OSError`."""
        self._in_time(lambda: self._head.note(head))

    def check(self) -> None:
        """Check that a head could be noted, and that one that is there can be read.

        Raises what :meth:`read` does. Nothing is written.
        """
        self._in_time(self._check)

    def _check(self) -> None:
        folder = self.file.parent
        if not folder.is_dir():
            raise FileNotFoundError(errno.ENOENT, "there is no such folder", str(folder))
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, "this user may not write there", str(folder))
        self._head.read()

    def _in_time(self, call: Callable[[], T]) -> T:
        try:
            return background.run_in_thread(call).result(TIMEOUT)
        except TimeoutError:
            raise TimeoutError(
                errno.ETIMEDOUT, f"no answer within {TIMEOUT:g} s", str(self.file)
            ) from None


def witness_of(pattern: Path | None, actor: Actor, *, required: bool = False) -> Witness | None:
    """Return the witness in the file *pattern*, in which {user} and {host} are replaced."""
    if pattern is None:
        return None
    names = {"{user}": actor.user, "{host}": actor.host}
    text = str(pattern.expanduser())
    for name, value in names.items():
        text = text.replace(name, value.replace("/", "_").lstrip(".") or "_")
    return Witness(Path(text), required=required)
