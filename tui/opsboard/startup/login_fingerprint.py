"""Which login each source has: as a key for the cache, and as a fingerprint for the next start.

An adapter declares the environment variables and files that its login comes from
(:meth:`~opsboard.adapter.Adapter.login_inputs`); here they are read and hashed. The *key* of a
source names its settings and its login: what was seen under one key is never shown under another.
The *fingerprint* is one hash over the inputs of all sources. The next start computes it again
without importing an adapter: where it matches, every key still holds.
"""

import hashlib
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from opsboard.adapter import HostEnviron, LoginInputs
from opsboard.board.cache import source_key
from opsboard.config.resolved_source import ResolvedSource
from opsboard.frozen import Frozen, frozen_unchecked

MAX_FILE_BYTES: Final = 8 * 2**20
"""Bytes that a file of a login may have; a larger one is no login, and nothing is cached."""

_NOT_IDENTIFYING: Final = {"enabled", "read_only", "timeout"}
"""Settings that change nothing about what a login may see."""

_log = logging.getLogger(__name__)


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
        return _digest(self.variables, self.files, self.salt, host_environ) == self.digest


def fingerprint_logins(
    sources: Sequence[ResolvedSource], host_environ: HostEnviron
) -> tuple[Mapping[str, str], LoginFingerprint | None]:
    """Return the key of each source, and the fingerprint of all their logins.

    A key is ``""`` where the adapter fails to declare its login. There is no fingerprint where any
    key is missing, or where an input changes while it is read.
    """
    keys, inputs = _keys(sources, host_environ)
    if not all(keys.values()):
        return keys, None
    fingerprint = _fingerprint(inputs, host_environ)
    again, _ = _keys(sources, host_environ)
    return keys, fingerprint if again == keys and fingerprint.matches(host_environ) else None


def login_keys(sources: Iterable[ResolvedSource], host_environ: HostEnviron) -> Mapping[str, str]:
    """Return the key of each source with the login that it has now; ``""`` where it is unknown."""
    keys, _ = _keys(sources, host_environ)
    return keys


def login_key(source: ResolvedSource, host_environ: HostEnviron) -> str:
    """Return the key of *source* alone: see :func:`login_keys`."""
    return login_keys([source], host_environ)[source.name]


def _keys(
    sources: Iterable[ResolvedSource], host_environ: HostEnviron
) -> tuple[dict[str, str], list[LoginInputs]]:
    keys: dict[str, str] = {}
    all_inputs: list[LoginInputs] = []
    for source in sources:
        try:
            inputs = _declared(source, host_environ)
            keys[source.name] = _key(source, inputs, host_environ)
        except Exception:  # an adapter's code may raise anything; without a key, nothing is cached
            _log.exception("%s: where its login comes from is unknown", source.name)
            keys[source.name] = ""
        else:
            all_inputs += [inputs, _settings_secrets(source)]
    return keys, all_inputs


def _declared(source: ResolvedSource, host_environ: HostEnviron) -> LoginInputs:
    inputs: object = source.adapter.login_inputs(source.settings, host_environ)
    if not isinstance(inputs, LoginInputs):
        raise TypeError(f"login_inputs() returned {type(inputs).__name__}, not LoginInputs")
    return inputs


def _key(source: ResolvedSource, inputs: LoginInputs, host_environ: HostEnviron) -> str:
    from opsboard.system.secrets import available_secrets  # noqa: PLC0415 - imports pydantic

    settings = source.settings.model_dump_json(exclude=_NOT_IDENTIFYING)
    secrets = available_secrets(source.settings, host_environ.env)
    whole = _digest(inputs.variables, map(str, inputs.files), "", host_environ)
    login = json.dumps([settings, [*secrets], whole, inputs.identity])
    return source_key(source.name, source.adapter.name, login)


def _settings_secrets(source: ResolvedSource) -> LoginInputs:
    """Return where the secrets in the settings come from."""
    from opsboard.system.secrets import secret_files, secret_variables  # noqa: PLC0415 - as above

    return LoginInputs(
        variables=tuple(secret_variables(source.settings)),
        files=tuple(secret_files(source.settings)),
    )


def _fingerprint(inputs: Iterable[LoginInputs], host_environ: HostEnviron) -> LoginFingerprint:
    from secrets import token_hex  # noqa: PLC0415 - only matches() is for the first frame

    each = tuple(inputs)
    variables = tuple(sorted({name for one in each for name in one.variables}))
    files = tuple(sorted({str(file) for one in each for file in (*one.files, *one.shared_files)}))
    salt = token_hex(16)
    return LoginFingerprint(variables, files, salt, _digest(variables, files, salt, host_environ))


def _digest(
    variables: Iterable[str], files: Iterable[str], salt: str, host_environ: HostEnviron
) -> str:
    content = [
        [[name, host_environ.env.get(name)] for name in variables],
        [[file, _file_digest(host_environ.cwd / file)] for file in files],
        str(host_environ.home),  # paths below it are declared as they were
    ]
    return hashlib.sha256(f"{salt}{json.dumps(content)}".encode()).hexdigest()


def _file_digest(file: Path) -> str | None:
    """Return a hash of the content of *file*, ``None`` where it cannot be read."""
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_FILE_BYTES + 1)
    except OSError:
        return None
    if len(content) > MAX_FILE_BYTES:
        raise ValueError(f"{file} has more than {MAX_FILE_BYTES:,} bytes")
    return hashlib.sha256(content).hexdigest()
