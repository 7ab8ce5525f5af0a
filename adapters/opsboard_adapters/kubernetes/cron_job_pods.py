"""What CronJobs run: the images of the pods of their last Job, by digest.

CronJobs, Jobs and pods come from different watches in any order, so of each a little is kept. A Job
belongs to a CronJob by its owner reference, never by its name. Where the template names another
image by now, what the last Job ran is not what the next one will run.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Set
from typing import NamedTuple, TypeVar

import msgspec

from opsboard.records import CronJob, Job
from opsboard_adapters.kubernetes.batch_structs import V1CronJob
from opsboard_adapters.kubernetes.cluster_context import ClusterContext
from opsboard_adapters.kubernetes.parse.batch import (
    CronJobTemplate,
    cron_job_template,
    parse_cron_job,
)
from opsboard_adapters.kubernetes.parse.images import PodImages

T = TypeVar("T")
Place = tuple[str, str]
"""Namespace and name of an object."""


class _NotedCronJob(NamedTuple):
    """A CronJob without its template, and what that declares."""

    item: V1CronJob
    template: CronJobTemplate


class CronJobPods:
    """The CronJobs of one cluster, their Jobs, and what the pods of those run."""

    def __init__(self) -> None:
        self._cron_jobs: dict[Place, _NotedCronJob] = {}
        self._shown: dict[Place, frozenset[PodImages]] = {}
        self._jobs: defaultdict[Place, dict[str, str]] = defaultdict(dict)
        """CronJob -> its Jobs by name, with when each was created."""
        self._owners: dict[Place, str] = {}
        self._pods: defaultdict[Place, dict[str, PodImages]] = defaultdict(dict)
        """Job -> its pods by name, with what they run; those of other Jobs are here too."""
        self._touched: dict[Place, None] = {}

    def record(self, cluster: ClusterContext, item: V1CronJob) -> CronJob:
        """Note a CronJob and return its record."""
        place = item.metadata.namespace, item.metadata.name
        template = cron_job_template(cluster, item)
        bare = msgspec.structs.replace(item, spec=item.spec.without_template)
        self._cron_jobs[place] = _NotedCronJob(bare, template)
        images = self._shown[place] = self._images(place)
        return parse_cron_job(cluster, item, images, template)

    def forget(self, item: V1CronJob) -> None:
        """Keep a CronJob no longer."""
        place = item.metadata.namespace, item.metadata.name
        self._cron_jobs.pop(place, None)
        self._shown.pop(place, None)

    def note_job(self, record: Job, *, gone: bool = False) -> None:
        """Note a Job: :meth:`changed` tells what comes of it."""
        kind, _, owner = record.owner.partition("/")
        if kind != "CronJob":
            return
        cron_job, job = (record.namespace, owner), (record.namespace, record.name)
        self._drop_job(job)
        if not gone:
            self._owners[job] = owner
            created = record.created_at.isoformat() if record.created_at else ""
            self._jobs[cron_job][record.name] = created
        self._touched[cron_job] = None

    def note_pod(self, namespace: str, job: str, name: str, images: PodImages | None) -> None:
        """Note what the pod *name* of *job* runs, or with ``None`` that it is gone."""
        place = namespace, job
        known = self._pods.get(place, {}).get(name)
        if images is not None and any(one.digest for one in images):
            self._pods[place][name] = images
        elif known is not None:
            self._drop_pod(place, name)
        else:
            return
        if known != images and place in self._owners:
            self._touched[namespace, self._owners[place]] = None

    def changed(self, cluster: ClusterContext) -> Iterator[CronJob]:
        """Yield the records of the CronJobs that what was noted since has changed."""
        touched, self._touched = self._touched, {}
        for place in touched:
            noted = self._cron_jobs.get(place)
            if noted is None or (images := self._images(place)) == self._shown.get(place):
                continue
            self._shown[place] = images
            yield parse_cron_job(cluster, noted.item, images, noted.template)

    def retain(self, kind: str, namespace: str, existing: Set[Place]) -> None:
        """Forget what of that *kind* is not *existing* in *namespace*, or in all (``""``)."""

        def gone(places: dict[Place, T]) -> list[Place]:
            return [one for one in places if namespace in {"", one[0]} and one not in existing]

        if kind == "CronJob":
            for place in gone(self._cron_jobs):
                del self._cron_jobs[place]
                self._shown.pop(place, None)
        elif kind == "Job":
            for job in gone(self._owners):
                self._touched[job[0], self._owners[job]] = None
                self._drop_job(job)
        elif kind == "Pod":
            self._retain_pods(lambda place: namespace in {"", place[0]}, existing)

    def _retain_pods(self, within: Callable[[Place], bool], existing: Set[Place]) -> None:
        for place in [one for one in self._pods if within(one)]:
            for name in [one for one in self._pods[place] if (place[0], one) not in existing]:
                self.note_pod(*place, name, None)

    def _images(self, place: Place) -> frozenset[PodImages]:
        """Return what the pods of the last Job run whose pods say that, if it is the template's."""
        namespace, jobs = place[0], self._jobs.get(place, {})
        by_age = sorted(jobs, key=lambda name: (jobs[name], name), reverse=True)
        pods = next((found for name in by_age if (found := self._pods.get((namespace, name)))), {})
        wanted = set(self._cron_jobs[place].template.references)
        return frozenset(
            images
            for images in pods.values()
            if wanted <= {(one.name, one.reference) for one in images}
        )

    def _drop_job(self, job: Place) -> None:
        owner = self._owners.pop(job, None)
        if owner is not None:
            cron_job = job[0], owner
            self._jobs[cron_job].pop(job[1], None)
            if not self._jobs[cron_job]:
                del self._jobs[cron_job]

    def _drop_pod(self, place: Place, name: str) -> None:
        self._pods[place].pop(name, None)
        if not self._pods[place]:
            del self._pods[place]
