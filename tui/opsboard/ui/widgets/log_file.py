"""Saving a log to a file of its own."""

import os
import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from opsboard.adapter import LogLine


def log_file_name(title: str, now: datetime) -> str:
    """Return a name for the log of *title* that is easy to type and sorts by time."""
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", title).strip("-.")[:60] or "log"
    return f"{plain}-{now:%Y%m%d-%H%M%S}.log"


def save_log(file: Path, lines: Iterable[LogLine]) -> None:
    """Write *lines* to *file*, which must not exist: logs tell much, so only its owner reads it.

    Raises :exc:`OSError`.
    """
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as out:  # noqa: PTH123 - it is open already
        out.writelines(f"{_line(line)}\n" for line in lines)


def _line(line: LogLine) -> str:
    time = line.at.isoformat().replace("+00:00", "Z") if line.at else ""
    return " ".join(word for word in (time, line.part, line.text) if word)
