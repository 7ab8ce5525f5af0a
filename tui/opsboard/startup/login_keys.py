"""Which login each source has: as a key for the cache, and as a fingerprint for the next start.

The *key* of a source names its settings and its login: what was seen under one key is never shown
under another. The *fingerprint* is one hash over the inputs of all sources
(:mod:`opsboard.startup.login_fingerprint`).
"""

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from opsboard.adapter import HostEnviron, LoginInputs
from opsboard.board.cache_file import source_key
from opsboard.config.resolved_source import ResolvedSource
from opsboard.startup.login_fingerprint import LoginFingerprint, digest_of_inputs

_NOT_IDENTIFYING: Final = {"enabled", "read_only", "timeout"}
"""Settings that change nothing about what a login may see."""

_log = logging.getLogger(__name__)


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
    whole = digest_of_inputs(inputs.variables, map(str, inputs.files), "", host_environ)
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
    return LoginFingerprint(
        variables, files, salt, digest_of_inputs(variables, files, salt, host_environ)
    )
