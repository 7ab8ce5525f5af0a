"""The images of the company: what CI has pushed to its container registry, and where tags point.

Each successful CI run on a commit pushes an image for every service of its repository, tagged with
the first 7 digits of the commit. The images of CronJobs are also tagged ``stable``, which moves
with each push of main. What an image is made of follows from these facts alone
(:mod:`opsboard.demo.world.image_content`), so that its digest is the same in every process.
"""

from bisect import bisect_right, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Final

from opsboard.demo.world.ci import DemoConclusion, DemoWorkflowJob, DemoWorkflowRun
from opsboard.demo.world.company import (
    BASE_IMAGE,
    BASE_TAG,
    CRON_JOBS,
    CRON_REPOSITORIES,
    REGISTRY,
    SERVICES,
)
from opsboard.demo.world.image_content import DemoImageContent, DemoImageFacts, content_of

STABLE: Final = "stable"
BUILD_STEP: Final = "Build image"
PUSH_STEP: Final = "Push image"
_CRON: Final = frozenset(f"{spec.team}/{spec.name}" for spec in CRON_JOBS)


@dataclass(eq=False)
class DemoImage:
    """An image of *facts*, pushed at *pushed_at* by *job*; the base image has none."""

    facts: DemoImageFacts
    tag: str
    pushed_at: datetime
    on_main: bool = True
    job: DemoWorkflowJob | None = None

    @property
    def pushed(self) -> bool:
        """Whether its job has not been cancelled before it could push."""
        return self.job is None or self.job.conclusion is DemoConclusion.SUCCESS

    @cached_property
    def content(self) -> DemoImageContent:
        """Its manifests and configs, as a registry serves them."""
        return content_of(self.facts)


class DemoImages:
    """All that has been pushed or will be, by repository, in the order of time."""

    def __init__(self) -> None:
        self._by_repository: dict[str, list[DemoImage]] = {}
        self._by_tag: dict[tuple[str, str], DemoImage] = {}

    def record_job(self, run: DemoWorkflowRun, job: DemoWorkflowJob) -> None:
        """Record the images that *job* of *run* pushes, unless it fails."""
        steps = {step.name: step for step in job.steps}
        if job.conclusion is not DemoConclusion.SUCCESS or PUSH_STEP not in steps:
            return
        for repository in _built_from(run.repository.name):
            facts = DemoImageFacts(
                repository,
                run.commit.sha,
                run.repository.full_name,
                steps[BUILD_STEP].ends_at,
                base=self._base(run),
                branch=run.branch,
            )
            pushed_at = steps[PUSH_STEP].ends_at
            self.add(DemoImage(facts, facts.commit[:7], pushed_at, run.branch == "main", job))

    def _base(self, run: DemoWorkflowRun) -> DemoImageFacts:
        """Return the base image of all others, pushed long ago."""
        known = self._by_tag.get((BASE_IMAGE, BASE_TAG))
        if known is None:
            at = run.repository.created_at + timedelta(days=1)
            revision = sha256(b"base image").hexdigest()[:40]
            facts = DemoImageFacts(BASE_IMAGE, revision, f"{run.repository.owner}/images", at)
            known = DemoImage(facts, BASE_TAG, at)
            self.add(known)
        return known.facts

    def add(self, image: DemoImage) -> None:
        """Add *image*, unless its tag has been pushed before: what CI pushes stays as it is."""
        key = image.facts.repository, image.tag
        if key in self._by_tag and self._by_tag[key].pushed:
            return
        self._by_tag[key] = image
        images = self._by_repository.setdefault(image.facts.repository, [])
        insort(images, image, key=lambda one: one.pushed_at)

    def repositories(self) -> Sequence[str]:
        """Return the names of all repositories, sorted."""
        return sorted(self._by_repository)

    def pushed(self, repository: str, at: datetime) -> Iterator[DemoImage]:
        """Yield what has been pushed to *repository* until *at*, the newest first."""
        images = self._by_repository.get(repository, [])
        end = bisect_right(images, at, key=lambda one: one.pushed_at)
        return (image for image in reversed(images[:end]) if image.pushed)

    def tags(self, repository: str, at: datetime) -> dict[str, DemoImage]:
        """Return the tags of *repository* at a time, each with the image that it points to."""
        found = {image.tag: image for image in self.pushed(repository, at)}
        if stable := self._stable(repository, at):
            found[STABLE] = stable
        return found

    def find(self, reference: str, at: datetime) -> DemoImage | None:
        """Return the image that *reference*, with registry and tag, leads to at a time."""
        name, _, tag = reference.removeprefix(f"{REGISTRY}/").rpartition(":")
        if tag == STABLE:
            return self._stable(name, at)
        image = self._by_tag.get((name, tag))
        return image if image and image.pushed and image.pushed_at <= at else None

    def digest(self, reference: str, at: datetime) -> str:
        """Return the digest that *reference* is pulled by at a time.

        That of an image which this registry does not hold follows from the reference alone.
        """
        image = self.find(reference, at)
        return image.content.digest if image else f"sha256:{sha256(reference.encode()).hexdigest()}"

    def _stable(self, repository: str, at: datetime) -> DemoImage | None:
        if repository not in _CRON:
            return None
        return next((image for image in self.pushed(repository, at) if image.on_main), None)


def _built_from(source: str) -> Iterator[str]:
    """Yield the image repositories that are built from the git repository *source*."""
    for service in SERVICES:
        if service.repository == source:
            yield f"{service.team}/{service.name}"
    for spec in CRON_JOBS:
        if CRON_REPOSITORIES[spec.team] == source:
            yield f"{spec.team}/{spec.name}"
