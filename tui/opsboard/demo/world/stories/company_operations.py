"""What can be done in the company of a story: builds, releases, models, beside its clusters.

Each takes effect at the present time of the stage, and later steps at later times.
"""

from datetime import datetime

from opsboard.demo.world.stories import cluster_statements
from opsboard.demo.world.stories import statements as says
from opsboard.demo.world.stories.cluster_operations import ClusterOperations
from opsboard.demo.world.stories.estate import StoryService
from opsboard.demo.world.stories.model import EventKey
from opsboard.demo.world.stories.stage import StoryModel, StoryVersion, StoryWorkload
from opsboard.records import Ref


class StoryOperations(ClusterOperations):
    """The hands of a story."""

    # --- builds and releases ----------------------------------------------------------------------

    def run_build(
        self, repository: str, sha: str, *, branch: str = "main", seconds: float = 0.0
    ) -> EventKey:
        """Run CI for a commit; it takes some minutes, or so many *seconds*."""
        stage, number, actor = self.stage, self.number(), self.person()
        began = stage.now

        def state(word: str, ended: datetime | None) -> None:
            run = says.CiRun(repository, number, sha, branch, actor, began)
            stage.put(says.build(run, word, ended), actor)

        state("in_progress", None)
        stage.queue.call_later(
            seconds or stage.rng.uniform(90, 420), lambda: state("success", stage.now)
        )
        ref = says.build_ref(repository, number)
        stage.built.setdefault(sha, ref)
        return EventKey(ref, began)

    def push_image(self, service: StoryService, sha: str) -> Ref:
        """Push the image of *service* at a commit, which has been built."""
        stage = self.stage
        ref = stage.put(says.image_record(service, sha, stage.now))
        if sha in stage.built:
            stage.join(stage.built[sha], ref, "commit")
        return ref

    def remove_image(self, service: StoryService, sha: str) -> EventKey:
        """Remove an image from the registry: a clean-up that went too far."""
        ref = says.image_ref(service, sha)
        self.stage.remove(ref)
        return EventKey(ref, self.stage.now)

    def prepare(self, service: StoryService, sha: str) -> None:
        """Build a commit of *service* now, and push its image a few minutes later."""
        seconds = self.stage.rng.uniform(60, 150)
        self.run_build(service.repository, sha, seconds=seconds)
        self.stage.queue.call_later(seconds - 5, lambda: self.push_image(service, sha))

    def release(self, running: StoryWorkload, sha: str) -> list[EventKey]:
        """Roll out the commit *sha*; return the transitions that are this one happening."""
        stage = self.stage
        running.sha = sha
        github = [self._tell_github(running)] if running.service.by_github else []
        key = self.roll_out(running, sha, "" if github else self.person())
        image = says.image_ref(running.service, sha)
        if image in stage.records:
            stage.join(image, key.ref, "image")
        for told in github:
            if sha in stage.built:
                stage.join(stage.built[sha], told.ref, "commit")
        return [key, *github]

    def _tell_github(self, running: StoryWorkload) -> EventKey:
        stage, number, began = self.stage, self.number(), self.stage.now
        actor, sha = self.person(), running.sha

        def state(word: str) -> None:
            if running.sha == sha:
                made = says.github_deployment(running, number, word, began, stage.now)
                stage.put(made, actor)

        state("in_progress")
        stage.queue.call_later(stage.rng.uniform(30, 120), lambda: state("success"))
        return EventKey(says.github_ref(running), began)

    # --- models -----------------------------------------------------------------------------------

    def register(self, model: StoryModel, *, digest: str = "", sha: str = "") -> StoryVersion:
        """Register a new version of *model*, trained on data with that *digest*."""
        stage, last = self.stage, model.versions[-1]
        version = StoryVersion(
            number=str(int(last.number) + 1),
            run=stage.rng.hex(32),
            sha=sha or last.sha,
            dataset=last.dataset,
            digest=digest or last.digest,
            at=stage.now,
        )
        model.versions.append(version)
        stage.put(says.version_record(stage.company, model, version), self.person())
        stage.put(says.model_record(stage.company, model, stage.now))
        return version

    def move_alias(self, model: StoryModel, alias: str, number: str) -> EventKey:
        """Point *alias* of *model* to the version *number*; who serves it loads that one."""
        stage = self.stage
        before = model.aliases.get(alias, "")
        model.aliases[alias] = number
        ref = stage.put(says.model_record(stage.company, model, stage.now), self.person())
        for version in model.versions:
            if version.number in {before, number}:
                stage.put(says.version_record(stage.company, model, version))
        if alias == "champion":
            served = says.version_ref(model.name, number)
            stage.join(served, ref, "model-version")
            for running in stage.workloads:
                if running.service.model == model.name:
                    stage.join(served, cluster_statements.workload_ref(running), "model-alias")
        return EventKey(ref, stage.now)

    def measure(self, model: StoryModel, number: str, value: float) -> Ref:
        """Log a measure of drift of a version."""
        stage = self.stage
        record = says.drift_record(stage.company, model.name, number, value, stage.now)
        stage.join(says.version_ref(model.name, number), record.ref, "model-version")
        return stage.put(record)
