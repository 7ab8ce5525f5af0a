"""What tells that a login is still the same, without asking the adapters.

To ask them, settings have to be read and adapters imported, for which the first frame does not
wait. So it is noted what they looked at when they told a login (:meth:`Adapter.identity`): which
environment variables, which files, whether the home and the working folder; and one hash of all
of it. Where that is as it was, so is every login.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from opsboard.adapter import HostEnviron
from opsboard.frozen import Frozen, frozen_unchecked


class Watched:
    """host environment that note what is asked of them."""

    def __init__(self, real: HostEnviron) -> None:
        self.asked: set[str] = set()
        self.at_home = False
        self.in_folder = False
        self._real = real
        self._env = _WatchedEnv(real.env, self.asked)

    @property
    def host_environ(self) -> HostEnviron:
        """Itself, as what it does duty for."""
        return cast("HostEnviron", self)

    @property
    def env(self) -> Mapping[str, str]:
        return self._env

    @property
    def home(self) -> Path:
        self.at_home = True
        return self._real.home

    @property
    def cwd(self) -> Path:
        self.in_folder = True
        return self._real.cwd


class _WatchedEnv(Mapping[str, str]):
    def __init__(self, real: Mapping[str, str], asked: set[str]) -> None:
        self._real = real
        self._asked = asked

    def __getitem__(self, name: str) -> str:
        self._asked.add(name)
        return self._real[name]

    def __iter__(self) -> Iterator[str]:
        self._asked.update(self._real)
        return iter(self._real)

    def __len__(self) -> int:
        return len(self._real)


@frozen_unchecked
class LoginFingerprint(Frozen):
    """What was looked at, and *digest*, a salted hash of what was seen."""

    variables: tuple[str, ...]
    files: tuple[str, ...]
    home: bool
    folder: bool
    salt: str = ""
    digest: str = ""

    @property
    def as_plain(self) -> dict[str, Any]:
        """All of it as JSON has it."""
        return asdict(self)

    @classmethod
    def from_plain(cls, told: Mapping[str, Any]) -> "LoginFingerprint":
        """Undo :attr:`as_plain`. Raises :exc:`TypeError` or :exc:`KeyError` where it is not."""
        lists = {name: tuple(told[name]) for name in ("variables", "files")}
        return cls(**{**told, **lists})

    def holds(self, host_environ: HostEnviron) -> bool:
        """Tell whether all is as it was."""
        return bool(self.digest) and _digest(self, host_environ) == self.digest


def gather(
    watched: Iterable[Watched], files: Iterable[Path], real: HostEnviron
) -> LoginFingerprint:
    """Return the fingerprint of what was *watched*, and of *files* as they are now."""
    import secrets  # noqa: PLC0415 - not for looking at fingerprint, which the first frame waits for

    looks = tuple(watched)
    seen = LoginFingerprint(
        variables=tuple(sorted(set().union(*(look.asked for look in looks)))),
        files=tuple(sorted({str(file) for file in files})),
        home=any(look.at_home for look in looks),
        folder=any(look.in_folder for look in looks),
        salt=secrets.token_hex(16),
    )
    return LoginFingerprint(**{**asdict(seen), "digest": _digest(seen, real)})


def _digest(seen: LoginFingerprint, real: HostEnviron) -> str:
    told = [
        [[name, real.env.get(name)] for name in seen.variables],
        [[file, _content(Path(file))] for file in seen.files],
        str(real.home) if seen.home else None,
        str(real.cwd) if seen.folder else None,
    ]
    return hashlib.sha256(f"{seen.salt}{json.dumps(told)}".encode()).hexdigest()


def _content(file: Path) -> str | None:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return None
