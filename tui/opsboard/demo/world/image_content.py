"""What an image of the company is made of: index, manifests, configs, provenance.

The bytes follow from the facts of the image alone, and their digests from the bytes. Teams build in
different ways, as anywhere: see :data:`STYLES`.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from typing import Any, Final

from opsboard.demo.world.company import BASE_IMAGE, BASE_TAG, GIT_HOST, REGISTRY

OCI_INDEX: Final = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
OCI_CONFIG: Final = "application/vnd.oci.image.config.v1+json"
OCI_LAYER: Final = "application/vnd.oci.image.layer.v1.tar+gzip"
OCI_EMPTY: Final = "application/vnd.oci.empty.v1+json"
IN_TOTO: Final = "application/vnd.in-toto+json"
SLSA: Final = "https://slsa.dev/provenance/v1"

_LABEL: Final = "org.opencontainers.image."
_BASE_LAYERS: Final = 2
_OWN_LAYERS: Final = 3
_PLATFORMS: Final = {"shop": ("amd64", "arm64")}
"""Team → the architectures that it builds for; the others build one image without an index."""
_PROVENANCE: Final = frozenset({"payments/payments", "payments/ledger"})
"""The repositories whose images have provenance, as a referrer."""


class LabelStyle(StrEnum):
    """Where an image says which commit it was built from."""

    LABEL = "label"
    ANNOTATION = "annotation"
    """On the index alone."""
    BRANCH = "branch"
    """As ``branch/sha``."""
    DIRTY = "dirty"
    """As ``sha-dirty``: the working tree had changes."""
    INHERITED = "inherited"
    """The base image's own label, which nobody has overwritten."""
    NONE = "none"


STYLES: Final[Mapping[str, LabelStyle]] = {
    "shop/cart": LabelStyle.ANNOTATION,
    "ml/forecasting": LabelStyle.BRANCH,
    "ml/drift-monitor": LabelStyle.DIRTY,
    "platform/event-queue": LabelStyle.INHERITED,
    "platform/log-agent": LabelStyle.NONE,
}


@dataclass(frozen=True, slots=True)
class DemoImageFacts:
    """What an image is built from. *source* is a git repository, as owner/name."""

    repository: str
    commit: str
    source: str
    created_at: datetime
    base: "DemoImageFacts | None" = None
    branch: str = "main"


@dataclass(frozen=True)
class DemoBlob:
    """Bytes of a registry, with the media type under which they are served."""

    media_type: str
    data: bytes

    @cached_property
    def digest(self) -> str:
        return digest_of(self.data)

    def descriptor(self, **more: object) -> dict[str, Any]:
        """Return what a manifest says of it, with *more* keys."""
        return {
            "mediaType": self.media_type,
            "digest": self.digest,
            "size": len(self.data),
            **more,
        }


@dataclass(frozen=True)
class DemoImageContent:
    """The parts of an image. *root* is what its tag points to: an index, or the only manifest."""

    root: DemoBlob
    manifests: tuple[DemoBlob, ...]
    configs: tuple[DemoBlob, ...]
    referrers: tuple[dict[str, Any], ...] = ()
    """Descriptors of what refers to *root*."""
    more: tuple[DemoBlob, ...] = field(default=())
    """Other manifests and blobs: those of attestations and referrers."""

    @property
    def digest(self) -> str:
        return self.root.digest

    @cached_property
    def referrers_index(self) -> DemoBlob | None:
        """The list of what refers to it, for registries without an API for that."""
        if not self.referrers:
            return None
        body = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": list(self.referrers)}
        return blob_of(OCI_INDEX, body)

    @property
    def layers(self) -> Iterator[DemoBlob]:
        """The layers of all platforms. No fake server serves them: nobody unpacks an image here."""
        for config in self.configs:
            for diff_id in json.loads(config.data)["rootfs"]["diff_ids"]:
                yield DemoBlob(OCI_LAYER, _packed(diff_id))

    @cached_property
    def parts(self) -> Mapping[str, DemoBlob]:
        """All parts, by their digests."""
        parts = (self.root, *self.manifests, *self.configs, *self.more)
        return {part.digest: part for part in parts}

    def find(self, digest: str) -> DemoBlob | None:
        """Return the part with that *digest*."""
        return self.parts.get(digest)


def digest_of(data: bytes) -> str:
    """Return the digest of *data* as registries write it."""
    return f"sha256:{sha256(data).hexdigest()}"


def content_of(facts: DemoImageFacts) -> DemoImageContent:
    """Return the content of the image of *facts*."""
    architectures = _PLATFORMS.get(facts.repository.partition("/")[0], ("amd64",))
    configs = tuple(_config(facts, architecture) for architecture in architectures)
    manifests = tuple(_manifest(facts, config) for config in configs)
    if len(manifests) == 1:
        referrers, more = _provenance(facts, manifests[0])
        return DemoImageContent(manifests[0], manifests, configs, referrers, more)
    attestation, more = _attestation(facts, manifests[0])
    platforms = [
        manifest.descriptor(platform={"architecture": architecture, "os": "linux"})
        for manifest, architecture in zip(manifests, architectures, strict=True)
    ]
    body: dict[str, Any] = {
        "schemaVersion": 2,
        "mediaType": OCI_INDEX,
        "manifests": [*platforms, attestation],
    }
    if _style(facts) is LabelStyle.ANNOTATION:
        body["annotations"] = {f"{_LABEL}revision": facts.commit, **_origin(facts)}
    return DemoImageContent(blob_of(OCI_INDEX, body), manifests, configs, (), more)


def _style(facts: DemoImageFacts) -> LabelStyle:
    return STYLES.get(facts.repository, LabelStyle.LABEL)


def blob_of(media_type: str, body: Mapping[str, Any]) -> DemoBlob:
    """Return *body* as JSON, the same bytes each time."""
    return DemoBlob(media_type, json.dumps(body, separators=(",", ":")).encode())


def _time(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def _origin(facts: DemoImageFacts) -> dict[str, str]:
    return {
        f"{_LABEL}source": f"https://{GIT_HOST}/{facts.source}",
        f"{_LABEL}created": _time(facts.created_at),
    }


def _labels(facts: DemoImageFacts) -> dict[str, str]:
    style = _style(facts)
    revision = f"{_LABEL}revision"
    match style:
        case LabelStyle.LABEL:
            return {revision: facts.commit, **_origin(facts)}
        case LabelStyle.BRANCH:
            return {revision: f"{facts.branch}/{facts.commit}", **_origin(facts)}
        case LabelStyle.DIRTY:
            return {revision: f"{facts.commit}-dirty", **_origin(facts)}
        case LabelStyle.INHERITED:
            return _labels(facts.base) if facts.base else {}
        case _:
            return {}


def _layers(facts: DemoImageFacts, architecture: str) -> list[str]:
    """Return the diff ids of all layers, those of the base image first."""
    if facts.base is None:
        return [_layer(f"base {number} {architecture}") for number in range(_BASE_LAYERS)]
    own = (f"{facts.repository} {facts.commit} {number}" for number in range(_OWN_LAYERS))
    return [
        *_layers(facts.base, architecture),
        *(_layer(f"{text} {architecture}") for text in own),
    ]


def _layer(text: str) -> str:
    return digest_of(text.encode())


def _packed(diff_id: str) -> bytes:
    """Return what stands for the compressed layer with that *diff_id*."""
    return f"gzip {diff_id}".encode()


def _config(facts: DemoImageFacts, architecture: str) -> DemoBlob:
    body = {
        "architecture": architecture,
        "os": "linux",
        "created": _time(facts.created_at),
        "config": {
            "Entrypoint": [f"/usr/bin/{facts.repository.rpartition('/')[2]}"],
            "Labels": _labels(facts),
        },
        "rootfs": {"type": "layers", "diff_ids": _layers(facts, architecture)},
    }
    return blob_of(OCI_CONFIG, body)


def _manifest(facts: DemoImageFacts, config: DemoBlob) -> DemoBlob:
    diff_ids = json.loads(config.data)["rootfs"]["diff_ids"]
    layers = [
        {
            "mediaType": OCI_LAYER,
            "digest": digest_of(_packed(one)),
            "size": 1_000_000 + int(one[-6:], 16),
        }
        for one in diff_ids
    ]
    body: dict[str, Any] = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": config.descriptor(),
        "layers": layers,
    }
    if facts.base is not None and _style(facts) is not LabelStyle.NONE:
        body["annotations"] = {
            f"{_LABEL}base.name": f"{REGISTRY}/{BASE_IMAGE}:{BASE_TAG}",
            f"{_LABEL}base.digest": content_of(facts.base).digest,
        }
    return blob_of(OCI_MANIFEST, body)


def provenance_statement(
    facts: DemoImageFacts, subject: DemoBlob, invocation: str = ""
) -> DemoBlob:
    """Return an in-toto statement with SLSA provenance: *subject* was built from the commit.

    *invocation* is the address of the run of CI that has built it.
    """
    uri = f"git+https://{GIT_HOST}/{facts.source}@refs/heads/{facts.branch}"
    body = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [
            {
                "name": f"{REGISTRY}/{facts.repository}",
                "digest": {"sha256": subject.digest.removeprefix("sha256:")},
            }
        ],
        "predicateType": SLSA,
        "predicate": {
            "buildDefinition": {
                "buildType": "https://actions.github.io/buildtypes/workflow/v1",
                "externalParameters": {"workflow": {"path": ".github/workflows/ci.yml"}},
                "resolvedDependencies": [{"uri": uri, "digest": {"gitCommit": facts.commit}}],
            },
            "runDetails": {
                "builder": {"id": "https://github.com/actions/runner/github-hosted"},
                "metadata": {
                    **({"invocationId": invocation} if invocation else {}),
                    "startedOn": _time(facts.created_at - timedelta(seconds=30)),
                    "finishedOn": _time(facts.created_at),
                },
            },
        },
    }
    return blob_of(IN_TOTO, body)


def _provenance(
    facts: DemoImageFacts, subject: DemoBlob
) -> tuple[tuple[dict[str, Any], ...], tuple[DemoBlob, ...]]:
    """Return the descriptors of what refers to *subject*, and the blobs that they lead to."""
    if facts.repository not in _PROVENANCE:
        return (), ()
    statement, empty = provenance_statement(facts, subject), DemoBlob(OCI_EMPTY, b"{}")
    annotations = {"in-toto.io/predicate-type": SLSA}
    body = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "artifactType": IN_TOTO,
        "config": empty.descriptor(),
        "layers": [statement.descriptor(annotations=annotations)],
        "subject": subject.descriptor(),
        "annotations": annotations,
    }
    manifest = blob_of(OCI_MANIFEST, body)
    descriptor = manifest.descriptor(artifactType=IN_TOTO, annotations=annotations)
    return (descriptor,), (manifest, statement, empty)


def _attestation(
    facts: DemoImageFacts, subject: DemoBlob
) -> tuple[dict[str, Any], tuple[DemoBlob, ...]]:
    """Return the entry of an index for an attestation as BuildKit makes them, and its blobs."""
    statement = provenance_statement(facts, subject)
    config = blob_of(
        OCI_CONFIG,
        {
            "architecture": "unknown",
            "os": "unknown",
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": [statement.digest]},
        },
    )
    body = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": config.descriptor(),
        "layers": [statement.descriptor(annotations={"in-toto.io/predicate-type": SLSA})],
    }
    manifest = blob_of(OCI_MANIFEST, body)
    descriptor = manifest.descriptor(
        annotations={
            "vnd.docker.reference.digest": subject.digest,
            "vnd.docker.reference.type": "attestation-manifest",
        },
        platform={"architecture": "unknown", "os": "unknown"},
    )
    return descriptor, (manifest, config, statement)
