"""What clusters and image repositories of clouds are, by what the cloud itself says in the state.

A cluster is the address of its API server. A name in the DNS, or an address of the internet, is of
one cluster. A private address may be of another one in each network: it is a guess, unless the
settings say that it is the one.
"""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from opsboard.records.claims import Claim, Strength
from opsboard.records.identity import (
    cluster,
    image_keeper,
    image_keeper_claim,
    image_repository,
    server,
)
from opsboard_adapters.terraform.attributes import Found

_ENDPOINTS: Final = ("endpoint", "private_endpoint", "dns_endpoint")
_ANY_IMAGE: Final = "any"


def cloud_claims(found: Found, declared: str, rule: str) -> Iterator[Claim | None]:
    """Yield what was *found* as claims; *declared* is the API server that the settings name."""
    for word in _ENDPOINTS:
        for address in found.all(word):
            url = server(address if "://" in address else f"https://{address}")
            strength = Strength.LABEL if url == declared else _strength_of(url)
            how = rule if word == "endpoint" else f"{rule} {word}"
            yield cluster(url, how, strength)
    yield image_keeper_claim(image_repository(found.first("repository")), rule)
    yield image_keeper_claim(_keeper_of(found), rule)


def _keeper_of(found: Found) -> str:
    """Return what a registry for many images is called in their names; ``""`` for none."""
    if registry := found.first("registry"):
        return image_keeper(f"{registry}/{_ANY_IMAGE}")
    parts = [found.first(word) for word in ("location", "project", "name")]
    location, project, name = parts
    host = f"{location}-docker.pkg.dev"
    return image_keeper(f"{host}/{project}/{name}/{_ANY_IMAGE}") if all(parts) else ""


def _strength_of(url: str) -> Strength:
    """Return how far the address *url* says which cluster it is."""
    host = urlsplit(url).hostname or ""
    try:
        return Strength.TAG if ip_address(host).is_global else Strength.CANDIDATE
    except ValueError:
        return Strength.SHA if "." in host else Strength.CANDIDATE
