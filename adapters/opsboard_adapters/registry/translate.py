"""Images of a registry as records, with what they are and what they are made of."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from opsboard.records import Image, Label, Status
from opsboard.records.claims import Claim, Strength, stated
from opsboard.records.commits import short_sha
from opsboard.records.identity import commit, image, image_place, image_tag
from opsboard_adapters.attestations.provenance import Provenance
from opsboard_adapters.registry.images import RegistryImage
from opsboard_adapters.registry.inheritance import BaseImages
from opsboard_adapters.registry.names import short
from opsboard_adapters.registry.revision import MISSING, read_revision
from opsboard_adapters.registry.structs import BASE_DIGEST, BASE_NAME, REVISION, SOURCE

MANIFEST: Final = "registry: digest"
PLATFORM: Final = "registry: manifest of a platform"
CONFIG: Final = "registry: config"
TAG: Final = "registry: tag"
PLACE: Final = "registry: repository"
LABEL: Final = "OCI label revision"
INHERITED: Final = "OCI label revision, inherited from the base image"
EARLY: Final = "OCI label revision, base images not read yet"
ANNOTATION: Final = "OCI annotation revision"
PROVENANCE: Final = "provenance, unverified"
BASE: Final = "OCI annotation base.digest"
MAX_LABELS: Final = 64


@dataclass(frozen=True, slots=True)
class _Said:
    """A commit that an image is said to be built from; *claim* is ``None`` for no commit."""

    revision: str
    claim: Claim | None
    note: str
    inherited: bool = False


class ImageTranslator:
    """Makes records of the source *source*, for images of *registry*."""

    def __init__(self, source: str, registry: str, environment_of: Callable[..., str]) -> None:
        self._source = source
        self._registry = registry
        self._environment_of = environment_of

    def record(
        self,
        image: RegistryImage,
        tags: Sequence[str],
        provenance: Sequence[Provenance],
        bases: BaseImages | None,
    ) -> Image:
        """Return the record of *image*; without *bases*, those are not read yet."""
        first = image.first
        labels = first.labels if first else {}
        said = _agreed([*_labelled(image, bases), *_annotated(image)], provenance)
        told = next((one for one in said if one.revision), None)
        usable = [one.claim for one in said if one.claim and _counts(one.claim)]
        attested = [_from_provenance(one, said) for one in provenance]
        found = [claim for claims in attested for claim in claims]
        sure = [*usable, *filter(_counts, found)]
        commits = tuple(dict.fromkeys(claim.value for claim in sure))
        base = image.base_annotations
        return Image(
            source=self._source,
            id=f"{image.repository}@{image.digest}",
            name=self._name(image, tags),
            status=Status.UNKNOWN if image.fault else Status.OK,
            reason=_reason(image),
            message=image.fault,
            environment=self._environment_of(),
            created_at=image.created_at,
            registry=self._registry,
            repository=image.repository,
            digest=image.digest,
            tags=tuple(tags),
            platforms=tuple(dict.fromkeys(one.platform for one in image.platforms if one.platform)),
            size=first.size if first else 0,
            commit=commits[0] if len(commits) == 1 else "",
            revision=told.revision if told else "",
            inherited=any(one.inherited for one in said) and not commits,
            origin=_origin(image),
            base=base.get(BASE_NAME, "") or base.get(BASE_DIGEST, ""),
            note=_note(image, said, commits),
            labels=tuple(
                Label(key=key, value=value) for key, value in sorted(labels.items())[:MAX_LABELS]
            ),
            inputs=stated(
                *(one.claim for one in said),
                *found,
                _base(image),
                image_place(f"{self._registry}/{image.repository}", PLACE),
            ),
            outputs=stated(*self._outputs(image, tags)),
        )

    def _name(self, image: RegistryImage, tags: Sequence[str]) -> str:
        return (
            f"{image.repository}:{tags[0]}" if tags else f"{image.repository}@{short(image.digest)}"
        )

    def _outputs(self, image_: RegistryImage, tags: Sequence[str]) -> Iterator[Claim | None]:
        yield image(image_.digest, MANIFEST)
        for one in image_.platforms:
            if one.digest != image_.digest:
                yield image(one.digest, f"{PLATFORM}, {one.platform}" if one.platform else PLATFORM)
            if one.config_digest:
                yield image(one.config_digest, CONFIG)
        for tag in tags:
            yield image_tag(f"{self._registry}/{image_.repository}:{tag}", TAG)


def _counts(claim: Claim) -> bool:
    return claim.strength is not Strength.CANDIDATE


def _reason(image: RegistryImage) -> str:
    if image.fault:
        return "not read"
    return "no image" if image.artifact else ""


def _origin(image: RegistryImage) -> str:
    """Return the address of the source code, by label or annotation."""
    first = image.first
    labels = first.labels if first else {}
    return labels.get(SOURCE, "") or image.base_annotations.get(SOURCE, "")


def _labelled(image: RegistryImage, bases: BaseImages | None) -> Iterator[_Said]:
    """Yield what the labels of *image* say, each text once: platforms usually say the same."""
    known: set[tuple[str, str]] = set()
    for platform in image.platforms:
        labels = platform.labels
        revision, source = labels.get(REVISION, ""), labels.get(SOURCE, "")
        if not revision or (revision, source) in known:
            continue
        known.add((revision, source))
        sha, note = read_revision(revision)
        if bases is None:
            yield _Said(revision, commit(source, sha, EARLY, Strength.CANDIDATE), note)
        elif (base := bases.origin_of_label(image, revision)) is not None:
            note = (
                f"its {REVISION} is that of the base image {base.repository}: set it when the "
                "image is built"
            )
            claim = commit(source, sha, INHERITED, Strength.CANDIDATE)
            yield _Said(revision, claim, note, inherited=True)
        else:
            yield _Said(revision, commit(source, sha, LABEL, Strength.LABEL), note)


def _annotated(image: RegistryImage) -> Iterator[_Said]:
    """Yield what the annotations of the index and of the manifests say."""
    known: set[tuple[str, str]] = set()
    for annotations in (image.annotations, *(one.annotations for one in image.platforms)):
        revision, source = annotations.get(REVISION, ""), annotations.get(SOURCE, "")
        source = source or _origin(image)
        if revision and (revision, source) not in known:
            known.add((revision, source))
            sha, note = read_revision(revision)
            yield _Said(revision, commit(source, sha, ANNOTATION, Strength.LABEL), note)


def _agreed(said: list[_Said], provenance: Sequence[Provenance]) -> list[_Said]:
    """Return *said*; where it contradicts itself or *provenance*, all of it as candidates."""
    own = {one.claim.value for one in said if one.claim and _counts(one.claim)}
    attested = {each.sha for one in provenance for each in one.commits}
    if len(own) <= 1 and (not own or not attested or own <= attested):
        return said
    note = "what it says of its commit does not agree: " + ", ".join(
        f"{short_sha(sha)} ({rule})"
        for sha, rule in dict.fromkeys(
            [(one.claim.value, one.claim.rule) for one in said if one.claim]
            + [(sha, PROVENANCE) for sha in sorted(attested)]
        )
    )
    return [
        _Said(
            one.revision,
            one.claim._replace(strength=Strength.CANDIDATE) if one.claim else None,
            note,
            one.inherited,
        )
        for one in said
    ]


def _from_provenance(provenance: Provenance, said: Sequence[_Said]) -> Iterator[Claim]:
    """Yield the commits of *provenance*; those that are not its source are candidates.

    A build may use many repositories. A label says which of them is that of the image, where there
    is one: another than labelled is a candidate.
    """
    labelled = {one.claim.value for one in said if one.claim and not one.inherited}
    for one in provenance.commits:
        agreed = one.sha in labelled if labelled else one == provenance.source
        strength = Strength.LABEL if agreed else Strength.CANDIDATE
        if claim := commit(one.uri, one.sha, PROVENANCE, strength):
            yield claim


def _base(image_: RegistryImage) -> Claim | None:
    digest = image_.base_annotations.get(BASE_DIGEST, "")
    return image(digest, BASE, Strength.LABEL) if digest not in image_.digests else None


def _note(image: RegistryImage, said: Sequence[_Said], commits: Sequence[str]) -> str:
    """Return why no commit is known for certain, and what mends that; ``""`` where one is."""
    if len(commits) == 1 or image.artifact:
        return ""
    if image.fault:
        return image.fault
    return next((one.note for one in said if one.note), "" if said else MISSING)
