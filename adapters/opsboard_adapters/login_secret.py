"""A secret of a login, as the settings of a source name it."""

from collections.abc import Mapping

from opsboard.adapter import Misconfigured
from opsboard.system.secrets import SecretError, SecretSource


async def resolve_secret(
    source: SecretSource | None, name: str, env: Mapping[str, str], hint: str = ""
) -> str:
    """Return the secret from *source*, empty where there is none.

    *name* is what it is called in an error: the field of the settings, unless there is a *hint*.
    Raises :exc:`Misconfigured`.
    """
    if source is None:
        return ""
    try:
        return await source.resolve(env)
    except SecretError as error:
        raise Misconfigured(f"no {name}: {error}", hint or f"fix {name} in config") from None
