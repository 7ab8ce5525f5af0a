"""Jobs: commands that run or have ended, known by the files that their job runner writes."""

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from opsboard.masking import is_reference, mask_text, sounds_secret
from opsboard_adapters.command import job_runner

STARTED_WITHIN: Final = 20.0
"""Seconds that a job runner may take until it has detached itself from opsboard."""
_CALLED_OFF: Final = "called_off"
SHORTEST_SECRET: Final = 4
"""Characters of a secret: anything shorter is part of too many words."""
MASK: Final = "***"
TAIL: Final = 16_384
"""Bytes of a log that are looked at."""


class JobExistsError(Exception):
    """There is a job of this key already."""


@dataclass(frozen=True, slots=True)
class JobState:
    """The state of a job: not begun, running, ended with exit *code*, or not startable (*error*).

    A job that has *begun*, is not *running* and has no *code* has ended without its runner having
    written how. *known* says whether there is any file of it.
    """

    known: bool = False
    begun: bool = False
    running: bool = False
    pid: int = 0
    code: int | None = None
    error: str = ""


class CommandJobs:
    """The jobs of this user, in *folder*."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def log(self, key: str) -> Path:
        """Return the file that a job prints to."""
        return self.folder / f"{key}.log"

    def start(
        self, key: str, argv: Sequence[str], cwd: str, env: Mapping[str, str], *, shown: str
    ) -> None:
        """Start a job that outlives opsboard; return once its runner has detached itself.

        What to run goes to the job runner through a pipe, since it may hold a secret: what is
        written down is *shown*, the command as it may be seen.
        Raises :exc:`JobExistsError` where there is one of that *key*, :exc:`OSError` where it
        cannot be written down, and :exc:`subprocess.SubprocessError` where nobody knows.
        """
        self.folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self._enter(key, {"command": shown, "cwd": cwd})
        command = [sys.executable, "-I", job_runner.__file__, str(self.folder / key)]
        nowhere = subprocess.DEVNULL
        subprocess.run(
            command,
            env=dict(env),
            input=json.dumps({"argv": list(argv), "cwd": cwd}).encode(),
            stdout=nowhere,
            stderr=nowhere,
            start_new_session=True,
            timeout=STARTED_WITHIN,
            check=True,
        )

    def _enter(self, key: str, job: Mapping[str, Any]) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        try:
            descriptor = os.open(self.folder / f"{key}.json", flags, 0o600)
        except FileExistsError:
            raise JobExistsError(key) from None
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(job, file)

    def call_off(self, key: str) -> bool:
        """See to it that a job which has not begun never will; return whether that is so.

        The file that its job runner makes first is made here instead. Where there is no folder
        yet, or none that can be written to, nothing is said.
        """
        run, fresh = self.folder / f"{key}.run", self.folder / f"{key}.off"
        try:
            descriptor = os.open(
                fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600
            )
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump({_CALLED_OFF: True}, file)
            with suppress(FileExistsError):
                os.link(fresh, run)  # whole at once, and only if there is none
            fresh.unlink()
        except OSError:
            return False
        return _CALLED_OFF in (_read(run) or {})

    def state(self, key: str) -> JobState:
        """Return how a job is."""
        base = self.folder / key
        if not base.with_suffix(".json").exists():
            return JobState()
        running = _is_locked(base.with_suffix(".run"))  # asked first: it may end in between
        end, run = _read(base.with_suffix(".end")), _read(base.with_suffix(".run"))
        pid = int((run or {}).get("pid", 0))
        if end is not None:
            code, error = end.get("code"), str(end.get("error", ""))
            return JobState(known=True, begun=not error, pid=pid, code=code, error=error)
        begun = base.with_suffix(".run").exists() and _CALLED_OFF not in (run or {})
        return JobState(known=True, begun=begun, running=running, pid=pid)

    def output(self, key: str) -> str:
        """Return the end of what a job has printed."""
        try:
            with self.log(key).open("rb") as file:
                file.seek(max(os.fstat(file.fileno()).st_size - TAIL, 0))
                return file.read(TAIL).decode("utf-8", "replace")
        except OSError:
            return ""


def _is_locked(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _read(path: Path) -> Mapping[str, Any] | None:
    with suppress(OSError, ValueError):
        data = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(data, dict):
            return data
    return None


# --- what must not be shown of it ----------------------------------------------------------------


def secrets_of(env: Mapping[str, str]) -> tuple[str, ...]:
    """Return the values in *env* that may be secrets, the longest first; paths are none."""
    found = {value for name, value in env.items() if sounds_secret(name)}
    kept = (one for one in found if len(one) >= SHORTEST_SECRET and not is_reference(one))
    return tuple(sorted(kept, key=len, reverse=True))


def masked(text: str, secrets: tuple[str, ...]) -> str:
    """Return *text* without *secrets*, and without what it says is one."""
    for secret in secrets:
        text = text.replace(secret, MASK)
    return mask_text(text)
