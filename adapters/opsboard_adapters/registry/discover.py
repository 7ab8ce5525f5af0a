"""Find the registries that ``docker login`` knows.

Only the config file of docker is read: no helper is run, and nothing is asked. A registry whose
catalog may be readable is offered with all of its repositories. The public ones list no catalog, or
that of all the world: for them, the repositories have to be named.
"""

from collections.abc import Sequence

from pydantic import ValidationError

from opsboard.adapter import Discovery, HostEnviron, Misconfigured
from opsboard_adapters.registry.docker_config import config_file, read_config
from opsboard_adapters.registry.names import lists_no_catalog
from opsboard_adapters.registry.settings import RegistrySettings

MOST: int = 10
"""Registries that are offered; more logins than that are those of machines."""


def discover(host_environ: HostEnviron) -> Sequence[Discovery]:
    """Return the registries with a login, by their names."""
    because = f"docker login ({config_file(host_environ)})"
    try:
        names = read_config(host_environ).registries()
    except Misconfigured as error:
        return (Discovery("registry", because, None, f"{error.message}: {error.hint}"),)
    return [_found(name, because) for name in sorted(names)[:MOST]]


def _found(name: str, because: str) -> Discovery:
    if lists_no_catalog(name):
        hint = f'name its repositories: url = "{name}", repositories = ["owner/name"]'
        return Discovery(name, because, None, hint)
    try:
        return Discovery(name, because, RegistrySettings.model_validate({"url": name}))
    except (ValidationError, ValueError):
        return Discovery(name, because, None, "its name is no host: log in again")
