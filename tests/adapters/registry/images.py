"""Images for tests: their manifests, configs and indexes as bytes, by digest."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
REVISION = "org.opencontainers.image.revision"
SOURCE = "org.opencontainers.image.source"
SHA = "c0ffee7890abcdef1234567890abcdef12345678"
OTHER_SHA = "fedcba0987654321fedcba0987654321fedcba09"
CREATED = "2026-01-15T08:00:00Z"


def digest(content: bytes) -> str:
    return f"sha256:{sha256(content).hexdigest()}"


@dataclass
class Blobs:
    """What a repository holds: manifests and blobs by digest, with their types, and its tags."""

    manifests: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    def blob(self, content: bytes) -> str:
        self.blobs[digest(content)] = content
        return digest(content)

    def json_blob(self, body: object, kind: str, **more: object) -> dict[str, Any]:
        content = json.dumps(body).encode()
        return {
            "mediaType": kind,
            "digest": self.blob(content),
            "size": len(content),
            **more,
        }

    def manifest(self, body: Mapping[str, Any], kind: str = OCI_MANIFEST, *tags: str) -> str:
        content = json.dumps({"schemaVersion": 2, "mediaType": kind, **body}).encode()
        self.manifests[digest(content)] = (kind, content)
        self.tags.update(dict.fromkeys(tags, digest(content)))
        return digest(content)

    def descriptor(self, of: str, **more: object) -> dict[str, Any]:
        kind, content = self.manifests[of]
        return {"mediaType": kind, "digest": of, "size": len(content), **more}

    def image(
        self,
        *tags: str,
        labels: Mapping[str, Any] | None = None,
        layers: Sequence[str] = ("base", "app"),
        annotations: Mapping[str, str] | None = None,
        created: str | None = CREATED,
        architecture: str = "amd64",
        **config: Any,
    ) -> str:
        """Add an image of *layers*, each named by what is in it; return its digest."""
        body: dict[str, Any] = {
            "architecture": architecture,
            "os": "linux",
            "config": {"Labels": labels} if labels is not None else {},
            "rootfs": {"type": "layers", "diff_ids": [digest(one.encode()) for one in layers]},
            **({"created": created} if created else {}),
            **config,
        }
        return self.manifest(
            {
                "config": self.json_blob(body, OCI_CONFIG),
                "layers": [self.layer(name) for name in layers],
                **({"annotations": annotations} if annotations else {}),
            },
            OCI_MANIFEST,
            *tags,
        )

    def layer(self, name: str, kind: str = OCI_LAYER) -> dict[str, Any]:
        content = f"gzip {name}".encode()
        return {"mediaType": kind, "digest": self.blob(content), "size": len(content)}

    def index(
        self,
        *tags: str,
        of: Mapping[str, str],
        annotations: Mapping[str, str] | None = None,
        more: Sequence[Mapping[str, Any]] = (),
    ) -> str:
        """Add an index of manifests by their platforms; return its digest."""
        listed = [
            self.descriptor(
                one, platform=dict(zip(("os", "architecture"), p.split("/"), strict=True))
            )
            for p, one in of.items()
        ]
        body = {
            "manifests": [*listed, *more],
            **({"annotations": annotations} if annotations else {}),
        }
        return self.manifest(body, OCI_INDEX, *tags)


def statement(subject: str, sha: str = SHA, uri: str = "git+https://github.com/acme/cart") -> Any:
    """Return an in-toto statement with SLSA provenance v1 about *subject*."""
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "cart", "digest": {"sha256": subject.removeprefix("sha256:")}}],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": "https://actions.github.io/buildtypes/workflow/v1",
                "resolvedDependencies": [
                    {"uri": f"{uri}@refs/heads/main", "digest": {"gitCommit": sha}}
                ],
            },
            "runDetails": {"builder": {"id": "https://github.com/actions/runner"}},
        },
    }
