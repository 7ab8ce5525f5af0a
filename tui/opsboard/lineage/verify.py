"""Which labels may be believed: a label is copied from a base image as easily as it is written.

The commit that a label or an annotation names counts where one more witness says the same, and
nothing stronger says otherwise. The label alone is a candidate; one that the base image has too
says nothing of the image and is not used at all.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from opsboard.lineage.graph import ClaimVerdict, Node, last_part, solid
from opsboard.lineage.index import LineageIndex
from opsboard.records import Claim, Identity, Record, Status, Strength
from opsboard.records.claims import COMMIT, IMAGE, IMAGE_TAG
from opsboard.records.commits import short_sha
from opsboard.records.identity import image_repository, image_tag, repository

_SHA_IN_TAG: Final = re.compile(r"(?<![0-9a-z])g?([0-9a-f]{7,64})(?![0-9a-z])")
CLOCK_SKEW: Final = timedelta(minutes=2)
"""How far the clocks of a runner and of who reads its run may be apart."""
MADE_LABEL: Final = "nothing confirms the label"
_HINT: Final = (
    "attest the image, put the commit into its tag, or declare the repository in [[services]]"
)


def judged_label(index: LineageIndex, record: Record, claim: Claim) -> ClaimVerdict:
    """Return how far *claim*, the commit that a label of *record* names, can be trusted.

    The label is its own: one of the base image (:func:`is_inherited`) is not to be used at all.
    """
    identity = index.resolve(index.identity(claim))[0]
    made_from = _commits_by_digest(index, record)
    if any(identity.value == one.value for one in made_from):
        return ClaimVerdict(Strength.LABEL)
    if against := _contradiction(index, record, identity, made_from):
        return ClaimVerdict(Strength.CANDIDATE, against)
    if _is_confirmed(index, record, identity):
        return ClaimVerdict(Strength.LABEL)
    if index.is_hosted(identity.scope) and not _is_known(index, identity):
        text = f"{identity.scope} is not known to have the commit; is the label the base image's?"
        return ClaimVerdict(Strength.CANDIDATE, text)
    return ClaimVerdict(Strength.CANDIDATE, f"{MADE_LABEL}: {_HINT}")


def is_inherited(index: LineageIndex, record: Record, commit: Identity) -> bool:
    """Tell whether the image that *record* is built on has the label of *commit* as well."""
    if _word(record, "inherited") is True:
        return True
    for base in _bases(index, record):
        for claim in base.inputs:
            if claim.type == COMMIT and claim.value == commit.value:
                return True
    return False


def _bases(index: LineageIndex, record: Record) -> Iterator[Record]:
    """Yield the images that *record*, an image, is built on."""
    if not is_image(index, record):
        return
    for claim in record.inputs:
        if claim.type == IMAGE:
            for ref in index.representatives(index.identity(claim)):
                base = index.record(ref)
                if base is not None and ref != record.ref:
                    yield base


def is_image(index: LineageIndex, record: Record) -> bool:
    """Tell whether *record* is an image, and does not merely run one."""
    return any(one.type in {IMAGE, IMAGE_TAG} for one in index.represented(record))


def is_image_node(index: LineageIndex, node: Node) -> bool:
    """Tell whether *node* is an image, be there a record of it or not."""
    if isinstance(node, Identity):
        return node.type == IMAGE
    record = index.record(node)
    return record is not None and is_image(index, record)


def _digests(index: LineageIndex, record: Record) -> list[Identity]:
    """Return the digests of *record*: its own where it is an image, else those that it runs."""
    own = [one for one in index.represented(record) if one.type == IMAGE]
    if own or is_image(index, record):
        return own
    return [index.identity(one) for one in solid(record.inputs, IMAGE)]


# --- against -------------------------------------------------------------------------------------


def _contradiction(
    index: LineageIndex, record: Record, commit: Identity, made_from: list[Identity]
) -> str:
    """Return by what the label is contradicted, or ``""``."""
    if made_from:
        return f"another commit is recorded for this digest: {short_sha(made_from[0].value)}"
    elsewhere = _known_elsewhere(index, commit)
    if elsewhere:
        return f"the commit that the label names is one of {elsewhere}"
    tags = [tag for tag in _tags(index, record) if _sha_in(tag)]
    if tags and not any(_holds(tag, commit.value) for tag in tags):
        return f"the tag {tags[0]} names another commit than the label"
    return ""


def _commits_by_digest(index: LineageIndex, record: Record) -> list[Identity]:
    """Return the commits that others have recorded for a digest of *record*.

    By those who made it (a run that attests it) and, with the full SHA, by what deployed it.
    """
    found: dict[Identity, None] = {}
    for digest in _digests(index, record):
        for ref in sorted(index.with_commit(digest)):
            maker = index.record(ref)
            if maker is not None and ref != record.ref:
                for claim in maker.inputs:
                    if claim.type == COMMIT and claim.strength.rank >= Strength.SHA.rank:
                        found[Identity(*index.identity(claim))] = None
    return list(found)


def _known_elsewhere(index: LineageIndex, commit: Identity) -> str:
    """Return the repository that has *commit* for sure, where the one that is named has it not."""
    if _is_known(index, commit):
        return ""
    others = [
        one
        for one in index.resolve(Identity(COMMIT, "", commit.value))
        if one.scope not in {"", commit.scope} and _is_known(index, one)
    ]
    return others[0].scope if others else ""


def _is_known(index: LineageIndex, commit: Identity) -> bool:
    """Tell whether any record names *commit* by more than a label."""
    return bool(index.naming(commit))


# --- for -----------------------------------------------------------------------------------------


def _is_confirmed(index: LineageIndex, record: Record, commit: Identity) -> bool:
    if any(_holds(tag, commit.value) for tag in _tags(index, record)):
        return True
    places = _places(index, record)
    if any(_is_declared(index, place, commit.scope) for place in places):
        return True
    if _is_called_like(index, places, commit):
        return True
    return is_image(index, record) and _built_then(index, commit, record.created_at)


def _is_called_like(index: LineageIndex, places: Iterable[str], commit: Identity) -> bool:
    """Tell whether one of the images at *places* has the name of the repository of *commit*.

    That confirms where the label says that the code comes from, not the commit: an image that
    states its repository may have the rest of the label from its base. So the host of the
    repository has to know the commit, where it is on the board.
    """
    name = last_part(commit.scope)
    if not name or not any(last_part(place) == name for place in places):
        return False
    return not index.is_hosted(commit.scope) or _is_known(index, commit)


def _tags(index: LineageIndex, record: Record) -> list[str]:
    claims = [one for one in (*record.outputs, *record.inputs) if one.type == IMAGE_TAG]
    own = [image_tag(text, "") for text in _texts(record, "images") if "@" not in text]
    return [one.value for one in (*claims, *filter(None, own))]


def _places(index: LineageIndex, record: Record) -> list[str]:
    """Return the registry and repository of each image that *record* is or runs."""
    claims = [one.scope for one in (*record.outputs, *record.inputs) if one.type == IMAGE_TAG]
    told = _word(record, "repository")
    own = [image_repository(text) for text in _texts(record, "images")]
    mine = [told] if isinstance(told, str) and told and is_image(index, record) else []
    return [place for place in (*claims, *own, *mine) if place]


def _is_declared(index: LineageIndex, place: str, scope: str) -> bool:
    declared = index.rules.built_from.get(place, "")
    return bool(declared) and index.known_as(repository(declared)) == scope


def _built_then(index: LineageIndex, commit: Identity, created: datetime | None) -> bool:
    """Tell whether a run of CI at *commit* was under way when the image was created."""
    return created is not None and any(
        ran_at(run, created) for run in (index.record(ref) for ref in index.naming(commit))
    )


def ran_at(run: Record | None, at: datetime) -> bool:
    """Tell whether *run*, a run of CI, was under way at *at*."""
    begun, ended = _word(run, "started_at"), _word(run, "finished_at")
    if run is None or not isinstance(begun, datetime) or at < begun - CLOCK_SKEW:
        return False
    if isinstance(ended, datetime):
        return at <= ended + CLOCK_SKEW
    return run.status is Status.RUNNING


def _sha_in(tag: str) -> str:
    """Return what of *tag* is the start of a SHA, or ``""``: both digits and letters, in hex."""
    for match in _SHA_IN_TAG.finditer(tag.lower()):
        text = match[1]
        if not text.isdigit() and not text.isalpha():
            return text
    return ""


def _holds(tag: str, sha: str) -> bool:
    """Tell whether *tag* names the commit *sha*, in full or by at least seven digits."""
    return any(sha.startswith(match[1]) for match in _SHA_IN_TAG.finditer(tag.lower()))


def _word(record: Record | None, field: str) -> object:
    return getattr(record, field, None)


def _texts(record: Record, field: str) -> tuple[str, ...]:
    found = _word(record, field)
    return tuple(map(str, found)) if isinstance(found, tuple) else ()
