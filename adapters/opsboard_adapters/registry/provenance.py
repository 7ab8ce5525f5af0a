"""SLSA provenance of an image: from attestations in its index, its referrers, and cosign's tags.

What a statement says is believed by nobody here: no signature is verified, so that all of it is
called unverified. A statement counts only where an in-toto subject of it is a digest of the image.

Known are in-toto statements v0.1 and v1 with SLSA provenance v0.2 and v1
(https://slsa.dev/spec/v1.0/provenance), bare, in a DSSE envelope, or in a Sigstore bundle.
"""

import base64
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from opsboard.adapter import Malformed, NotFound
from opsboard.records.identity import is_commit
from opsboard_adapters.http.json_repair import MAX_PLAIN_VALUES, count_values
from opsboard_adapters.http.limits import MIB
from opsboard_adapters.registry.api import RegistryApi
from opsboard_adapters.registry.images import RegistryImage
from opsboard_adapters.registry.structs import (
    DSSE,
    IN_TOTO,
    PREDICATE_TYPE,
    SIGSTORE_BUNDLE,
    Descriptor,
)
from opsboard_adapters.times import as_utc

_SLSA: Final = "https://slsa.dev/provenance/"
MAX_STATEMENT: Final = 4 * MIB
MAX_STATEMENTS: Final = 8
_MAX_COMMITS: Final = 20


@dataclass(frozen=True, slots=True)
class SourceCommit:
    """A commit that a build has used; *uri* is that of its repository, as it is written."""

    uri: str
    sha: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a statement says of the build of an image; nothing of it is verified."""

    version: str
    builder: str = ""
    build_type: str = ""
    commits: tuple[SourceCommit, ...] = ()
    started_at: datetime | None = None
    finished_at: datetime | None = None
    invocation: str = ""


async def read_provenance(
    api: RegistryApi, image: RegistryImage, tags: Collection[str]
) -> tuple[Provenance, ...]:
    """Return what is told of the build of *image*; *tags* are all of its repository."""
    found: list[Provenance] = []
    async for content in _statements(api, image, tags):
        told = parse_statement(content, image.digests)
        if told is not None and told not in found:
            found.append(told)
    return tuple(found)


async def _statements(api: RegistryApi, image: RegistryImage, tags: Collection[str]) -> Any:
    """Yield the contents of all that may be statements about *image*."""
    for descriptor in (await _attached(api, image, tags))[:MAX_STATEMENTS]:
        try:
            manifest = await api.manifest(image.repository, descriptor.digest)
            for layer in (*manifest.body.layers, *manifest.body.blobs)[:MAX_STATEMENTS]:
                if _may_be_statement(layer) and 0 <= layer.size <= MAX_STATEMENT:
                    yield await api.blob(image.repository, layer)
        except (NotFound, Malformed):
            continue  # what is attached to an image takes nothing from it


async def _attached(
    api: RegistryApi, image: RegistryImage, tags: Collection[str]
) -> Sequence[Descriptor]:
    """Return the manifests of attestations: in the index, among the referrers, and by cosign."""
    found = [*image.attestations]
    for digest in dict.fromkeys((image.digest, *(one.digest for one in image.platforms[:4]))):
        tag = digest.replace(":", "-", 1)
        listed = await api.referrers(image.repository, digest, fallback=tag in tags)
        found += [one for one in listed if _may_be_attestation(one)]
        if f"{tag}.att" in tags:
            found.append(Descriptor(digest=await api.digest_of(image.repository, f"{tag}.att")))
    return found


def _may_be_attestation(descriptor: Descriptor) -> bool:
    kind = descriptor.artifactType or descriptor.mediaType
    predicate = str(descriptor.annotations.get(PREDICATE_TYPE, ""))
    said = kind in {IN_TOTO, DSSE} or kind.startswith(SIGSTORE_BUNDLE)
    return said or predicate.startswith(_SLSA) or not descriptor.artifactType


def _may_be_statement(layer: Descriptor) -> bool:
    predicate = str(
        layer.annotations.get(PREDICATE_TYPE, "") or layer.annotations.get("predicateType", "")
    )
    if predicate and not predicate.startswith(_SLSA):
        return False
    return layer.mediaType in {IN_TOTO, DSSE} or layer.mediaType.startswith(SIGSTORE_BUNDLE)


# --- what a statement says -----------------------------------------------------------------------


def parse_statement(content: bytes, digests: Collection[str]) -> Provenance | None:
    """Return the provenance in *content* if it is about one of *digests*, else ``None``."""
    statement = _unwrapped(_object(content))
    if not _is_about(statement, digests):
        return None
    kind = statement.get("predicateType")
    predicate = statement.get("predicate")
    if not isinstance(kind, str) or not kind.startswith(_SLSA) or not isinstance(predicate, dict):
        return None
    version = kind.removeprefix(_SLSA)
    return (
        _version_1(predicate, version)
        if version.startswith("v1")
        else _version_0(predicate, version)
    )


def _object(content: bytes) -> dict[str, Any]:
    if count_values(content) > MAX_PLAIN_VALUES:
        return {}
    try:
        read = msgspec.json.decode(content)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def _unwrapped(value: dict[str, Any]) -> dict[str, Any]:
    """Return the statement in a DSSE envelope or a bundle; *value* where it is one itself."""
    envelope = value.get("dsseEnvelope", value)
    payload = envelope.get("payload") if isinstance(envelope, dict) else None
    if not isinstance(payload, str):
        return value
    try:
        return _object(base64.b64decode(payload))
    except ValueError:
        return {}


def _is_about(statement: Mapping[str, Any], digests: Collection[str]) -> bool:
    subjects = statement.get("subject")
    for subject in subjects if isinstance(subjects, list) else ():
        known = subject.get("digest") if isinstance(subject, dict) else None
        for algorithm, value in known.items() if isinstance(known, dict) else ():
            if f"{algorithm}:{value}".lower() in digests:
                return True
    return False


def _version_1(predicate: Mapping[str, Any], version: str) -> Provenance:
    definition, run = _dict(predicate, "buildDefinition"), _dict(predicate, "runDetails")
    metadata = _dict(run, "metadata")
    vcs = _dict(_dict(metadata, "buildkit_metadata"), "vcs")
    source = _dict(_dict(definition, "externalParameters"), "configSource")
    dependencies = (*_dicts(definition, "resolvedDependencies"), source)
    return Provenance(
        version,
        _text(_dict(run, "builder"), "id"),
        _text(definition, "buildType"),
        _commits(dependencies, vcs),
        _time(metadata, "startedOn"),
        _time(metadata, "finishedOn"),
        _text(metadata, "invocationId"),
    )


def _version_0(predicate: Mapping[str, Any], version: str) -> Provenance:
    metadata, invocation = _dict(predicate, "metadata"), _dict(predicate, "invocation")
    vcs = _dict(_dict(metadata, "https://mobyproject.org/buildkit@v1#metadata"), "vcs")
    materials = (_dict(invocation, "configSource"), *_dicts(predicate, "materials"))
    return Provenance(
        version,
        _text(_dict(predicate, "builder"), "id"),
        _text(predicate, "buildType"),
        _commits(materials, vcs),
        _time(metadata, "buildStartedOn"),
        _time(metadata, "buildFinishedOn"),
        _text(metadata, "buildInvocationID") or _text(metadata, "buildInvocationId"),
    )


def _commits(
    parts: Sequence[Mapping[str, Any]], vcs: Mapping[str, Any]
) -> tuple[SourceCommit, ...]:
    """Return the commits among *parts*, and in what BuildKit says of the repository (*vcs*)."""
    found = list(_commits_of(parts))
    revision = _text(vcs, "revision").lower()
    if is_commit(revision):
        found.append(SourceCommit(_text(vcs, "source"), revision))
    by_sha = {one.sha: one for one in reversed(found) if one.uri}
    return tuple(dict.fromkeys(by_sha.get(one.sha, one) for one in found))[:_MAX_COMMITS]


def _commits_of(parts: Sequence[Mapping[str, Any]]) -> Iterator[SourceCommit]:
    for part in parts:
        digest = _dict(part, "digest")
        uri = _text(part, "uri")
        sha = (_text(digest, "gitCommit") or _text(digest, "sha1")).lower()
        if is_commit(sha) and (uri.startswith("git") or "gitCommit" in digest or _is_git(uri)):
            yield SourceCommit(_repository(uri), sha)


def _is_git(uri: str) -> bool:
    return uri.startswith(("https://github.com/", "https://gitlab.com/")) or ".git" in uri


def _repository(uri: str) -> str:
    """Return the address of the repository in *uri*, without a ref or a path behind it."""
    bare = uri.removeprefix("git+").partition("#")[0]
    scheme, separator, rest = bare.partition("://")
    if not separator:
        return bare
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host}{slash}{path.partition('@')[0]}"


def _dict(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = value.get(key)
    return found if isinstance(found, dict) else {}


def _dicts(value: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = value.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _text(value: Mapping[str, Any], key: str) -> str:
    found = value.get(key)
    return found if isinstance(found, str) else ""


def _time(value: Mapping[str, Any], key: str) -> datetime | None:
    try:
        return as_utc(datetime.fromisoformat(_text(value, key)))
    except ValueError:
        return None
