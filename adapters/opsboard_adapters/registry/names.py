"""Names of registries, repositories and tags, and what they say by themselves."""

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from ipaddress import ip_address
from typing import Final

DOCKER_HUB: Final = "docker.io"
DOCKER_HUB_API: Final = "registry-1.docker.io"
DOCKER_HUB_LOGIN: Final = "https://index.docker.io/v1/"
"""The key of Docker Hub in the file of ``docker login``."""
_DOCKER_HUB: Final = frozenset({
    DOCKER_HUB, DOCKER_HUB_API, "index.docker.io", "hub.docker.com", "registry.hub.docker.com",
})  # fmt: skip

_PART: Final = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REPOSITORY: Final = re.compile(rf"{_PART}(?:/{_PART})*")
_PATTERN: Final = re.compile(r"[a-z0-9._/*?\[\]!-]+")
LONGEST_REPOSITORY: Final = 255
_TAG: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")
_ATTACHED: Final = re.compile(r"sha(?:256|512)-[0-9a-f]{64,128}(?:\.[A-Za-z0-9._-]+)?")
_HAS_VERSION: Final = re.compile(r"v?\d+\.\d+\.\d+(?:[-+.].*)?|.*[0-9a-f]{7,64}.*")
_WITHOUT_CATALOG: Final = re.compile(
    r"docker\.io|ghcr\.io|quay\.io|(?:.+\.)?gcr\.io|.+\.pkg\.dev|.+\.dkr\.ecr\..+|public\.ecr\.aws"
    r"|registry\.gitlab\.com|mcr\.microsoft\.com|registry\.k8s\.io"
)


def is_docker_hub(host: str) -> bool:
    """Tell whether *host* is one of the names of Docker Hub."""
    return host in _DOCKER_HUB


def lists_no_catalog(registry: str) -> bool:
    """Tell whether *registry* is known to list no catalog, or that of all the world."""
    return _WITHOUT_CATALOG.fullmatch(registry.partition(":")[0]) is not None


def is_loopback(host: str) -> bool:
    """Tell whether *host* is this machine."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_pattern(name: str) -> bool:
    """Tell whether *name* has wildcards."""
    return any(sign in name for sign in "*?[")


def is_repository(name: str) -> bool:
    """Tell whether *name* may be that of a repository, by the grammar of the distribution spec."""
    return len(name) <= LONGEST_REPOSITORY and _REPOSITORY.fullmatch(name) is not None


def is_repository_pattern(name: str) -> bool:
    """Tell whether *name* is a pattern of repositories."""
    return len(name) <= LONGEST_REPOSITORY and _PATTERN.fullmatch(name) is not None


def is_tag(name: object) -> bool:
    """Tell whether *name* may be that of a tag."""
    return isinstance(name, str) and _TAG.fullmatch(name) is not None


def is_digest(text: str) -> bool:
    """Tell whether *text* is a digest of an algorithm that is known here."""
    return _DIGEST.fullmatch(text) is not None


def is_attached(tag: str) -> bool:
    """Tell whether *tag* names no image but what is attached to one: a signature, an attestation,
    or its list of referrers (distribution spec, "Referrers Tag Schema").
    """
    return _ATTACHED.fullmatch(tag) is not None


def referrers_tag(digest: str) -> str:
    """Return the tag under which the referrers of *digest* are listed where there is no API."""
    return digest.replace(":", "-", 1)[:128]


def looks_fixed(tag: str) -> bool:
    """Tell whether *tag* looks as if it is pushed once: it has a full version or a SHA in it.

    It is still asked for, only less often.
    """
    return _HAS_VERSION.fullmatch(tag) is not None


def matches(name: str, patterns: Iterable[str]) -> bool:
    """Tell whether *name* fits *patterns*: the last one that fits counts, ``!`` excludes."""
    found = False
    for pattern in patterns:
        if fnmatchcase(name, pattern.removeprefix("!")):
            found = not pattern.startswith("!")
    return found


def short(digest: str) -> str:
    """Return the digits of *digest* that tell it from others."""
    return digest.rpartition(":")[2][:12]
