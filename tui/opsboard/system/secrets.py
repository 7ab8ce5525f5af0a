"""Secrets in the config: from a variable, a file, a command or the text itself; never shown.

A :class:`Secret` in TOML is one of::

    token = { env = "GITHUB_TOKEN" }
    token = { file = "/run/secrets/token" }
    token = { command = ["gh", "auth", "token"] }
    token = "literal"        # works, but then the config file is a secret itself
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Final
from unicodedata import category

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from opsboard.system.non_interactive import NonInteractiveError, run_non_interactive
from opsboard.text.encoding import ENCODING_HINT, NotTextError, decode_text, read_text, strip_secret

COMMAND_TIMEOUT = 30.0
"""Seconds for a command that prints a secret."""


class SecretError(Exception):
    """The secret cannot be read. The text says why, and quotes no part of it."""


class SecretSource(BaseModel):
    """Where a secret comes from: exactly one of the fields is set."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: SecretStr | None = Field(None, description="The secret itself.")
    env: str | None = Field(None, description="Name of an environment variable that holds it.")
    file: Path | None = Field(None, description="A file whose content it is; read at each use.")
    command: tuple[str, ...] | None = Field(
        None, description="A command that prints it, as a list of words; no shell is involved."
    )

    @model_validator(mode="after")
    def _exactly_one(self) -> "SecretSource":
        given = [name for name in ("value", "env", "file", "command") if getattr(self, name)]
        if len(given) != 1:
            raise ValueError("give exactly one of: env, file, command, or the secret as a string")
        return self

    async def resolve(self, env: Mapping[str, str]) -> str:
        """Return the secret. Raises :exc:`SecretError`."""
        if self.value is not None:
            return self.value.get_secret_value()
        if self.env is not None:
            return _from_environment(self.env, env)
        if self.file is not None:
            return await asyncio.to_thread(_from_file, self.file.expanduser())
        return await _from_command(self.command or (), env)


def available_secrets(settings: object, env: Mapping[str, str]) -> Iterator[str]:
    """Yield the secrets in *settings* that are literals, in *env* or in files; no command is run.

    They are for a hash that distinguishes logins, never for showing.
    """
    if isinstance(settings, SecretSource):
        value = settings.value.get_secret_value() if settings.value is not None else ""
        yield value or env.get(settings.env or "", "")
        if settings.file is not None:
            with suppress(SecretError):
                yield _from_file(settings.file.expanduser())
        return
    for part in _parts(settings):
        yield from available_secrets(part, env)


def secret_variables(settings: object) -> Iterator[str]:
    """Yield the names of the environment variables that hold secrets in *settings*."""
    if isinstance(settings, SecretSource):
        if settings.env is not None:
            yield settings.env
        return
    for part in _parts(settings):
        yield from secret_variables(part)


def secret_files(settings: object) -> Iterator[Path]:
    """Yield the files that secrets in *settings* are read from."""
    if isinstance(settings, SecretSource):
        if settings.file is not None:
            yield settings.file.expanduser()
        return
    for part in _parts(settings):
        yield from secret_files(part)


def has_literal(settings: object) -> bool:
    """Return whether a secret in *settings* is a literal."""
    if isinstance(settings, SecretSource):
        return settings.value is not None
    return any(map(has_literal, _parts(settings)))


def _parts(value: object) -> Iterable[object]:
    if isinstance(value, BaseModel):
        return (part for _, part in value)
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, list | tuple) else ()


def _from_literal(value: object) -> object:
    return {"value": value} if isinstance(value, str) else value


Secret = Annotated[SecretSource, BeforeValidator(_from_literal)]
"""The type of a settings field that holds a secret."""


def _from_environment(name: str, env: Mapping[str, str]) -> str:
    if not (secret := strip_secret(env.get(name, ""))):
        raise SecretError(f"the environment variable {name} is not set")
    return _one(secret, f"the environment variable {name}")


def _from_file(path: Path) -> str:
    try:
        secret = strip_secret(read_text(path))
    except OSError as error:
        raise SecretError(f"cannot read {path}: {error.strerror}") from None
    except NotTextError as error:
        raise SecretError(f"cannot read {path}: it {error}; {ENCODING_HINT}") from None
    if not secret:
        raise SecretError(f"{path} is empty")
    return _one(secret, str(path))


async def _from_command(command: tuple[str, ...], env: Mapping[str, str]) -> str:
    try:
        answer = await run_non_interactive(command, env, seconds=COMMAND_TIMEOUT)
    except NonInteractiveError as error:
        raise SecretError(str(error)) from None
    what = f"what {command[0]} printed"
    try:
        secret = strip_secret(decode_text(answer.output))
    except NotTextError as error:
        raise SecretError(f"{what} {error}, so it is no secret") from None
    if answer.exit_code != 0 or not secret:
        raise SecretError(
            f"{command[0]} printed no secret (exit code {answer.exit_code}); it is run without a "
            "terminal, so it can ask nothing"
        )
    return _one(secret, what)


def _one(secret: str, what: str) -> str:
    """Return *secret*, from *what*: one line of characters that can be seen, or PEM (RFC 7468)."""
    body = secret.replace("\n", "") if secret.startswith("-----BEGIN ") else secret
    if "\n" in body:
        raise SecretError(
            f"{what} has {body.count(chr(10)) + 1:,} lines, and a secret is one: "
            "is it whole, and nothing but it?"
        )
    for position, char in enumerate(body, start=1):
        if category(char) in _INVISIBLE:
            raise SecretError(
                f"{what} has an invisible character (position {position:,}): "
                "is it whole, and nothing but it?"
            )
    return secret


_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Categories of characters (UAX #44): controls, format characters, surrogates, separators."""
