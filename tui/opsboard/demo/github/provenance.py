"""What GitHub keeps of artifacts: attestations, and records of where they are stored and deployed.

The images are those of the world's registry, so that their digests are what runs in its clusters.
Only some teams attest their images, and only some report their deployments, as anywhere.
"""

import base64
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from opsboard.demo.github.repositories import stamp
from opsboard.demo.world.ci import DemoRepository
from opsboard.demo.world.company import GIT_HOST, REGISTRY
from opsboard.demo.world.image_content import provenance_statement
from opsboard.demo.world.images import DemoImage
from opsboard.demo.world.world import DemoWorld

ATTESTED: Final = ("payments/", "shop/checkout", "ml/")
"""Beginnings of the image repositories whose builds attest their images."""
REPORTED: Final = ("payments/", "shop/checkout")
"""Those whose deployments are reported."""
_IN_TOTO: Final = "application/vnd.in-toto+json"
_BUNDLE: Final = "application/vnd.dev.sigstore.bundle.v0.3+json"


def image_of(world: DemoWorld, digest: str, now: datetime) -> DemoImage | None:
    """Return the image that CI has pushed whose index or only manifest has that *digest*."""
    for repository in world.images.repositories():
        for image in world.images.pushed(repository, now):
            if image.job is not None and image.content.digest == digest:
                return image
    return None


def source_of(world: DemoWorld, image: DemoImage) -> DemoRepository | None:
    """Return the repository that *image* was built from."""
    return world.repositories.get(image.facts.source.partition("/")[2])


def attestations(world: DemoWorld, image: DemoImage) -> list[dict[str, Any]]:
    """Return the attestations of *image*: provenance in a bundle, whose signature is not real."""
    home = source_of(world, image)
    if home is None or image.job is None or not image.facts.repository.startswith(ATTESTED):
        return []
    run = f"https://{GIT_HOST}/{home.full_name}/actions/runs/{image.job.run.id}/attempts/1"
    statement = provenance_statement(image.facts, image.content.root, run)
    return [
        {
            "repository_id": home.id,
            "bundle_url": "",
            "initiator": "user",
            "bundle": {
                "mediaType": _BUNDLE,
                "verificationMaterial": {"tlogEntries": [], "timestampVerificationData": {}},
                "dsseEnvelope": {
                    "payload": base64.b64encode(statement.data).decode(),
                    "payloadType": _IN_TOTO,
                    "signatures": [{"sig": ""}],
                },
            },
        }
    ]


def storage_records(world: DemoWorld, image: DemoImage) -> list[dict[str, Any]]:
    """Return where *image* is stored."""
    home = source_of(world, image)
    if home is None:
        return []
    return [
        {
            "id": int(image.content.digest[-6:], 16),
            "name": image.facts.repository,
            "digest": image.content.digest,
            "artifact_url": f"https://{REGISTRY}/{image.facts.repository}",
            "registry_url": f"https://{REGISTRY}/",
            "repository": home.full_name,
            "status": "active",
            "created_at": stamp(image.pushed_at),
            "updated_at": stamp(image.pushed_at),
        }
    ]


def deployment_records(world: DemoWorld, image: DemoImage) -> list[dict[str, Any]]:
    """Return where *image* is deployed: a record for each workload that wants it now."""
    return list(_deployed(world, image))


def _deployed(world: DemoWorld, image: DemoImage) -> Iterator[dict[str, Any]]:
    if not image.facts.repository.startswith(REPORTED):
        return
    reference = f"{REGISTRY}/{image.facts.repository}:{image.tag}"
    for number, cluster in enumerate(world.clusters.values()):
        for workload in cluster.workloads.values():
            revision = workload.wanted_revision
            if revision.image == reference:
                yield {
                    "id": int(image.content.digest[-6:], 16) * 10 + number,
                    "digest": image.content.digest,
                    "logical_environment": cluster.environment,
                    "physical_environment": cluster.name,
                    "cluster": cluster.name,
                    "deployment_name": f"{workload.namespace}/{workload.name}",
                    "tags": {},
                    "runtime_risks": [],
                    "created_at": stamp(revision.created_at),
                    "updated_at": stamp(revision.created_at),
                    "attestation_id": None,
                }
