"""What is deployed, and when two of it are the same.

An image is its digest: a tag that is pushed again is another version, and a new tag of the same
digest is none. Where no digest is known, its reference stands for it; where no image is, the
commit does.
"""

from collections.abc import Iterable

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.history.change_summary import version_text
from opsboard.records import Deployment
from opsboard.records.claims import BESIDE, IMAGE, Claim, Strength


@frozen_unchecked
class DeliveredVersion(Frozen):
    """What people call it (*label*), and what it is: the *digests* of its image, or its *name*.

    *name* is an image's reference, a commit, or the number of a model's version. *artifact* is what
    it is for others: an image by its digest where that is known.
    """

    label: str
    name: str
    digests: frozenset[str] = frozenset()
    artifact: str = ""

    def is_same(self, other: "DeliveredVersion") -> bool:
        """Tell whether both are one version, as far as is known."""
        if self.digests and other.digests:
            return self.digests <= other.digests or other.digests <= self.digests
        return self.name == other.name

    def completed_by(self, other: "DeliveredVersion") -> "DeliveredVersion":
        """Return this version, or *other*, the same one, where only that one has digests.

        While a tag that was pushed again reaches pod after pod, both digests are stated: they do
        not become one version by that.
        """
        return other if other.digests and not self.digests else self


def version_of_deployment(record: Deployment) -> DeliveredVersion | None:
    """Return what *record*, a workload or a CI server's deployment, runs; ``None`` if unsaid."""
    image = record.images[0] if record.images else ""
    name = image or record.commit
    if not name:
        return None
    digests = _own_digests(record.inputs) if image else frozenset()
    if pinned := image.partition("@")[2]:
        digests |= {pinned}
    if len(digests) < len(set(record.images)):  # of a container that did not change, say
        digests = frozenset()
    (digest,) = digests if len(digests) == 1 else ("",)
    artifact = f"{_without_tag(image)}@{digest}" if digest else image
    return DeliveredVersion(version_text(record) or name, name, digests, artifact)


def _own_digests(claims: Iterable[Claim]) -> frozenset[str]:
    """Return the digests of what runs for its own sake, not beside it."""
    return frozenset(
        one.value
        for one in claims
        if one.type == IMAGE and one.rule not in BESIDE and one.strength is not Strength.CANDIDATE
    )


def _without_tag(image: str) -> str:
    name = image.partition("@")[0]
    head, slash, last = name.rpartition("/")
    return f"{head}{slash}{last.partition(':')[0]}"


def version_of_alias(model: str, version: str) -> DeliveredVersion:
    """Return the *version* of *model* that an alias points to."""
    label = f"v{version}" if version.isdecimal() else version
    return DeliveredVersion(label, version, artifact=f"{model}/{version}")


class VersionOrder:
    """The versions of one lane in the order in which each was first there."""

    def __init__(self) -> None:
        self._known: list[DeliveredVersion] = []

    def __getitem__(self, number: int) -> DeliveredVersion:
        return self._known[number]

    def number(self, version: DeliveredVersion) -> int:
        """Return the number of *version*, a new one if it was never there."""
        for number in range(len(self._known) - 1, -1, -1):
            known = self._known[number]
            if known.is_same(version):
                self._known[number] = known.completed_by(version)
                return number
        self._known.append(version)
        return len(self._known) - 1
