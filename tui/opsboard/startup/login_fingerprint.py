"""Whether every login is as it was: one hash over the inputs of all sources.

An adapter declares the environment variables and files that its login comes from
(:meth:`~opsboard.adapter.Adapter.login_inputs`); :mod:`opsboard.startup.login_keys` reads and
hashes them. The next start computes the hash again without importing an adapter: where it matches,
the keys of all sources still hold.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.system.host_environ import HostEnviron

MAX_FILE_BYTES: Final = 8 * 2**20
"""Bytes that a file of a login may have; a larger one is no login, and nothing is cached."""


@frozen_unchecked
class LoginFingerprint(Frozen):
    """The names of all inputs of all logins, and *digest*, a salted hash of their contents.

    Relative *files* start at the working folder of the process that computes the digest.
    """

    variables: tuple[str, ...]
    files: tuple[str, ...]
    salt: str
    digest: str

    def as_json(self) -> dict[str, Any]:
        """Return all of it as JSON has it."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "LoginFingerprint":
        """Undo :meth:`as_json`. Raises :exc:`TypeError` or :exc:`KeyError` where it is not one."""
        lists = {name: tuple(content[name]) for name in ("variables", "files")}
        return cls(**{**content, **lists})

    def matches(self, host_environ: HostEnviron) -> bool:
        """Tell whether all inputs are as they were. Raises :exc:`ValueError` for a huge file."""
        return digest_of_inputs(self.variables, self.files, self.salt, host_environ) == self.digest


def digest_of_inputs(
    variables: Iterable[str], files: Iterable[str], salt: str, host_environ: HostEnviron
) -> str:
    """Return a hash of the values of *variables* and of the contents of *files*.

    Raises :exc:`ValueError` for a huge file.
    """
    content = [
        [[name, host_environ.env.get(name)] for name in variables],
        [[file, file_digest(host_environ.cwd / file)] for file in files],
        str(host_environ.home),  # paths below it are declared as they were
    ]
    return hashlib.sha256(f"{salt}{json.dumps(content)}".encode()).hexdigest()


def file_digest(file: Path) -> str | None:
    """Return a hash of the content of *file*, ``None`` where it cannot be read.

    Raises :exc:`ValueError` for a huge one.
    """
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_FILE_BYTES + 1)
    except OSError:
        return None
    if len(content) > MAX_FILE_BYTES:
        raise ValueError(f"{file} has more than {MAX_FILE_BYTES:,} bytes")
    return hashlib.sha256(content).hexdigest()
