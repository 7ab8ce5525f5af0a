"""What is missing in a chain, and what would mend it."""

from typing import Final, NamedTuple

from opsboard.lineage.edges import judge_input
from opsboard.lineage.graph import Node
from opsboard.lineage.index import LineageIndex
from opsboard.lineage.verify import is_inherited
from opsboard.records import Claim, Record, Ref, Strength
from opsboard.records.claims import COMMIT, IMAGE, IMAGE_TAG, MODEL_VERSION, RUN, WORKLOAD

_LABEL: Final = "org.opencontainers.image.revision"


class Missing(NamedTuple):
    """Something that is not known of *node*: *note* says what, and what would mend it."""

    node: Node
    note: str


def missing_of(index: LineageIndex, node: Node) -> list[Missing]:
    """Return what is not known of *node*, and what would mend it."""
    record = index.record(node) if isinstance(node, Ref) else None
    if record is None:
        return []
    types = {one.type for one in index.represented(record)}
    notes: list[str] = []
    if types & {IMAGE, IMAGE_TAG}:
        notes = _of_image(index, record)
    elif WORKLOAD in types:
        notes = _of_workload(index, record)
    elif MODEL_VERSION in types:
        notes = _of_version(record)
    return [Missing(node, note) for note in notes]


def _of_image(index: LineageIndex, image: Record) -> list[str]:
    claims = [one for one in image.inputs if one.type == COMMIT]
    if any(_is_solid(index, image, claim) for claim in claims) or _is_made(index, image):
        return []
    for claim in claims:
        if is_inherited(index, image, index.resolve(index.identity(claim))[0]):
            return [f"its {_LABEL} is that of the base image: set it when the image is built"]
    if claims:
        return []  # the candidates say what would make them more
    told = getattr(image, "note", "")
    return [told or f"the image has no {_LABEL} label: set it when the image is built"]


def _is_made(index: LineageIndex, image: Record) -> bool:
    """Tell whether something is known to have made *image*."""
    return any(
        ref != image.ref
        for identity in index.represented(image)
        if identity.type == IMAGE
        for ref in index.makers(identity)
    )


def _of_workload(index: LineageIndex, workload: Record) -> list[str]:
    digests = [one for one in workload.inputs if one.type == IMAGE]
    if not digests:
        if any(one.type == IMAGE_TAG for one in workload.inputs):
            return ["no digest of its images is known: a tag can be moved; may it list pods?"]
        return []
    unknown = [one for one in digests if not index.makers(index.identity(one))]
    if len(unknown) < len(digests):
        return []
    short = unknown[0].value[:19]
    return [f"no source knows the image {short}: add its registry (opsboard init registry)"]


def _of_version(version: Record) -> list[str]:
    stated = {claim.type for claim in version.inputs}
    if COMMIT in stated:
        return []
    if RUN in stated:
        return ["its run names no commit: train from a git checkout, or set the tag git_commit"]
    return ["it names no run: register it from one, or set the tag git_commit"]


def _is_solid(index: LineageIndex, record: Record, claim: Claim) -> bool:
    verdict = judge_input(index, record, claim)
    return verdict is not None and verdict.strength is not Strength.CANDIDATE
