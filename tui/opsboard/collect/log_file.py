"""The program's own log file, for finding faults. Nothing of it goes to the screen."""

import logging
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

from opsboard.collect.redact import Redactor

FILE_NAME: Final = "opsboard.log"
SIZE: Final = 1_000_000
KEPT: Final = 3


class _RedactingFormatter(logging.Formatter):
    def __init__(self, redactor: Redactor) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        return self._redactor.redact(super().format(record))


class _PrivateFileHandler(RotatingFileHandler):
    def _open(self) -> TextIOWrapper:
        Path(self.baseFilename).touch(mode=0o600)
        return super()._open()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Let the line go: a full disk must not write a traceback over the board."""


def open_log_file(folder: Path, redactor: Redactor) -> logging.Handler:
    """Log everything of opsboard to a file in *folder*, with secrets masked; return the handler.

    Where no file can be opened, nothing is logged, and the program starts all the same.
    """
    logger = logging.getLogger("opsboard")
    logger.propagate = False
    handler: logging.Handler
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler = _PrivateFileHandler(
            folder / FILE_NAME, maxBytes=SIZE, backupCount=KEPT, encoding="utf-8", delay=True
        )
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(_RedactingFormatter(redactor))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    return handler


def close_log_file(handler: logging.Handler) -> None:
    """Undo :func:`open_log_file`."""
    logger = logging.getLogger("opsboard")
    logger.removeHandler(handler)
    if not logger.handlers:  # or else Python prints what is still said, tracebacks and all
        logger.addHandler(logging.NullHandler())
    handler.close()
