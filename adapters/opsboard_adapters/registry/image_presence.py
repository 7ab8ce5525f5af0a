"""Whether the registry has an image, asked of itself and of nothing that was read before.

Source: *Checking if content exists in the registry* in the OCI distribution specification: a HEAD
of the manifest. Nothing is pulled, and no allowance of pulls is used by it.
"""

from opsboard.adapter import Holding, Need, NotFound
from opsboard.records.claims import IMAGE, IMAGE_TAG
from opsboard_adapters.registry.api import RegistryApi
from opsboard_adapters.registry.names import is_digest, is_repository, is_tag, short


async def held(need: Need, registry: str, api: RegistryApi) -> Holding | None:
    """Return whether *registry* has the image; ``None`` where it would be in another one."""
    host, _, repository = need.place.partition("/")
    if host != registry or not is_repository(repository):
        return None
    value = need.identity.value
    if need.identity.type == IMAGE and not is_digest(value):
        return None
    if need.identity.type == IMAGE_TAG and not is_tag(value):
        return None
    name = f"@sha256:{short(value)}" if need.identity.type == IMAGE else f":{value}"
    subject = f"manifest {repository}{name}"
    try:
        return Holding(True, subject, await api.digest_of(repository, value))
    except NotFound:
        return Holding(False, subject)
