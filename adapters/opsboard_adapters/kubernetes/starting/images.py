"""The images of a revision: who holds them is another source's to tell.

A pod that names a digest needs just that. One that names a tag gets whatever that leads to now; by
which digest it was known when the revision ran is told by its pods that still live, if any do.
"""

from collections.abc import Sequence
from typing import Final

from opsboard.adapter import Need, Severity, SourceError, StartReport
from opsboard.records import Claim
from opsboard.records.claims import IMAGE
from opsboard.records.identity import digest_in, image, image_repository, image_tag
from opsboard_adapters.kubernetes.actions.target import ClusterConnection
from opsboard_adapters.kubernetes.objects import ApiObject
from opsboard_adapters.kubernetes.starting.nodes import NODES_PATH, unfit_reason
from opsboard_adapters.kubernetes.starting.references import containers_of

RULE: Final = "image of the revision"


async def image_needs(
    connection: ClusterConnection, spec: ApiObject, pods: Sequence[ApiObject]
) -> StartReport:
    """Return the images that pods of *spec* need; *pods* are those of it that live."""
    digests = _digests_of(pods)
    needs: dict[str, Need] = {}
    for container in containers_of(spec):
        reference = str(container.get("image") or "")
        if not reference or container.get("imagePullPolicy") == "Never":
            continue
        claim = image(reference, RULE) or image_tag(reference, RULE)
        if claim is None:
            continue
        copies = ""
        if container.get("imagePullPolicy") != "Always":
            copies = await _copies(connection, spec, reference)
        needs.setdefault(reference, _need(reference, claim, copies, digests.get(reference, "")))
    return StartReport((), tuple(needs.values()))


def _need(reference: str, claim: Claim, copies: str, pinned: str) -> Need:
    return Need(
        what=f"image {_in_short(reference)}",
        identity=claim.identity,
        place=image_repository(reference),
        severity=Severity.WARNING if copies else Severity.BLOCKER,
        besides=copies,
        pinned="" if claim.type == IMAGE else pinned,
    )


def _in_short(reference: str) -> str:
    """Return *reference* with the first digits of its digest, which tell it from others."""
    name, at, digest = reference.partition("@sha256:")
    return f"{name}{at}{digest[:12]}" if at else reference


def _digests_of(pods: Sequence[ApiObject]) -> dict[str, str]:
    """Return what the images of *pods* were pulled as, by how their spec names them."""
    found: dict[str, str] = {}
    for pod in pods:
        names = {one.get("name"): str(one.get("image") or "") for one in
                 containers_of(pod.get("spec") or {})}  # fmt: skip
        status = pod.get("status") or {}
        for field in ("initContainerStatuses", "containerStatuses"):
            for one in status.get(field) or ():
                if digest := digest_in(str(one.get("imageID") or "")):
                    found.setdefault(names.get(one.get("name"), ""), digest)
    return found


async def _copies(connection: ClusterConnection, spec: ApiObject, reference: str) -> str:
    """Return that each node that could take a pod has *reference* already; ``""`` if not known."""
    try:
        nodes = await connection.list_all(NODES_PATH)
    except SourceError:
        return ""
    able = [one for one in nodes if not unfit_reason(one, spec)]
    if not able or not all(reference in _names_on(node) for node in able):
        return ""
    return f"all {len(able)} nodes that could take it have a copy"


def _names_on(node: ApiObject) -> set[str]:
    images = (node.get("status") or {}).get("images") or ()
    return {str(name) for one in images for name in one.get("names") or ()}
