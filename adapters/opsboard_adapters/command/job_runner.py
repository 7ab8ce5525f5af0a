"""Runs one command: starts it, waits for it, and writes down how it ended.

Started as a program of its own, by its path and with nothing but the standard library, so that the
command outlives opsboard and its end is known all the same. What to run, ``argv`` and ``cwd``, is
read from standard input, and written down nowhere: it may hold a secret. Its argument is the path
of a job without its suffix; beside it are

- ``.json``: that there is such a job: the ``command`` as it may be seen, and ``cwd``; written
  before this is started;
- ``.run``: ``pid`` and ``started`` of the command. It is locked (:func:`fcntl.flock`) for as long
  as this lives, which tells it from another process that was given the same pid later on. Who
  makes it first decides: where it says ``called_off``, the command is not begun any more;
- ``.log``: what the command prints;
- ``.end``: its exit ``code``, or the ``error`` for which it could not be started.

All are readable by their owner alone. It refuses a job that was written long ago.
"""

import fcntl
import json
import os
import subprocess
import sys
import time
from typing import IO, Any

LATEST = 60.0
"""Seconds after which a job is not begun any more, in case that it could not be called off."""


def main(base: str) -> int:
    """Run the job at *base* to its end, in the background of everything."""
    job = json.load(sys.stdin.buffer)
    if os.fork():
        return 0
    if time.time() - os.stat(f"{base}.json").st_mtime > LATEST:  # noqa: PTH116
        return 1
    try:
        with open(f"{base}.run", "x", encoding="utf-8", opener=_private) as run:
            fcntl.flock(run, fcntl.LOCK_EX)
            _write(f"{base}.end", _kept(base, job, run))
    except FileExistsError:
        return 1
    return 0


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _kept(base: str, job: dict[str, Any], run: IO[str]) -> dict[str, object]:
    try:
        with open(f"{base}.log", "xb", opener=_private) as log:
            process = subprocess.Popen(
                job["argv"],
                cwd=job["cwd"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
    except (OSError, ValueError) as error:
        return {"error": getattr(error, "strerror", None) or str(error)}
    json.dump({"pid": process.pid, "started": time.time()}, run)
    run.flush()
    return {"code": process.wait(), "ended": time.time()}


def _write(path: str, data: dict[str, object]) -> None:
    with open(f"{path}.new", "x", encoding="utf-8", opener=_private) as file:
        json.dump(data, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(f"{path}.new", path)  # noqa: PTH105


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
